// The fake's kinds of devices. It takes any JSON with a name for a target file, and finds a mistake in everything else.

import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { TargetCheckView, TargetView } from '../schemas/targets.ts';
import type { World } from './world.ts';

type Part = Pick<StationMethods, Extract<keyof StationMethods, `targets.${string}`>>;

const same = (check: TargetView['key'], custody: TargetView['custody'] = ['station-memory']) => ({
  ...{ version: 1, own: false, custody, certificates: check, key: check, holdsPassword: false },
  keyAlgorithms: ['P-256', 'P-384', 'RSA-2048'] as TargetView['keyAlgorithms'],
});

export const fakeTargetList = (): TargetView[] => [
  {
    ...same('device-digest'),
    ...{ name: 'nrf7002dk', title: 'Nordic nRF7002 DK (Zephyr credential shell)', version: 2 },
    ...{ driver: 'zephyr', baudRate: 115_200 },
  },
  {
    ...same('read-back'),
    holdsPassword: true,
    ...{ name: 'esp32-c6', title: 'Espressif ESP32-C6 (NVS partition)', driver: 'esp32', baudRate: 460_800 },
  },
  {
    ...same('device-digest', ['on-device', 'station-memory']),
    ...{ name: 'nrf91', title: 'Nordic nRF9160, nRF9161, nRF9151', driver: 'nrf91', baudRate: 115_200 },
    key: 'proof-of-possession',
  },
  {
    ...same('read-back', ['on-device']),
    ...{ name: 'freertos-pki', title: 'STM32U5 FreeRTOS reference integration', driver: 'freertos-pki' },
    ...{ baudRate: 115_200, key: 'proof-of-possession' },
  },
  {
    ...same('length-only'),
    ...{ name: 'sierra-hl78', title: 'Sierra Wireless HL78', driver: 'cellular', baudRate: 115_200 },
  },
  {
    ...same('impossible'),
    ...{ name: 'simcom-a76', title: 'SIMCom A76xx, SIM7600', driver: 'cellular', baudRate: 115_200 },
  },
  {
    ...same('read-back', ['file']),
    ...{ name: 'files', title: 'Files in a folder for each device', driver: 'files', baudRate: 115_200 },
    fileFormats: ['pem', 'pkcs12'],
  },
  {
    ...same('device-digest'),
    ...{ name: 'gateway-f', title: 'Gateway board, revision F', driver: 'zephyr', baudRate: 921_600 },
    ...{
      own: true,
      sealWarning: 'The debug port is closed for good. The board cannot be reflashed over SWD any more.',
    },
  },
];

export function fakeTargets(world: World): Part {
  const check = (file: string): TargetCheckView => {
    try {
      const { name = 'our-board' } = JSON.parse(atob(file)) as { name?: string };
      const title = 'A board of our own';
      return {
        target: { ...same('device-digest'), name, title, driver: 'zephyr', baudRate: 115_200, own: true },
        mistakes: [],
      };
    } catch {
      return {
        mistakes: [
          { line: 4, field: 'line.baudRate', reason: 'expected number, received string' },
          { line: 9, field: 'options.securityTag', reason: 'unknown field' },
        ],
      };
    }
  };
  return {
    'targets.check': ({ file }) => check(file),
    'targets.import': ({ file }) => {
      const { target, mistakes } = check(file);
      if (target === undefined)
        throw new StationError('target_invalid', { source: 'line 4', reason: mistakes[0]?.reason });
      world.targets = [...world.targets.filter(({ name }) => name !== target.name), target];
      return target;
    },
    'targets.try': async ({ portPath }) => {
      await new Promise<void>((resolve) => world.options.later(resolve, 1_200));
      if (portPath.includes('USB')) throw new StationError('device_silent', {});
      return {
        ...{ hardwareId: 'F4CE36A1B2C3', hardwareIdSource: 'silicon', firmware: 'Zephyr 4.1.0' },
        ...{ custody: ['station-memory'], occupied: ['ca', 'certificate', 'privateKey'], durationMs: 1_180 },
        capabilities: { digest: true, bufLoad: true, bufferSizeBytes: 1_024, backend: 'protected storage' },
      };
    },
  };
}
