// The simulated device families beside the Zephyr shell, each as the shipped target of the same name expects it. Each device
// is a whole unit of its own: no two share an identity.

import { EspAt } from './cellular/espAt.ts';
import { Quectel, SierraHl78, SimcomA76, SimcomSim70, Ublox } from './cellular/families.ts';
import { CellularModule, defaultModule, type ModuleFamily } from './cellular/module.ts';
import { Chip, defaultChip } from './esp32/chip.ts';
import { defaultFreertos, FreertosDevice } from './freertos/device.ts';
import type { MakeLineDevice } from './lineDevice.ts';
import { defaultBoard, MicropythonBoard } from './micropython/board.ts';
import { defaultSmallInterpreter, SmallInterpreter } from './micropython/smallInterpreter.ts';
import { AtHost, defaultAtHost } from './nrf91/atHost.ts';
import { defaultModem, Modem } from './nrf91/modem.ts';
import { defaultSmpDevice, SmpDevice } from './smp/device.ts';
import { ZephyrDevice } from './zephyrDevice.ts';

export interface SimulatedFamily {
  /** The shipped target that fits it. */
  readonly targetName: string;
  readonly summary: string;
  /** The unit with this number, from 1: what it is made of decides its identity. */
  newDevice(unit: number, statePath?: string): MakeLineDevice;
}

/**
 * In one process with others, what a host sent in several pieces may arrive at once: a buffer as small as the real one would
 * overflow for want of processor time, not for the host's haste.
 */
const SHARED_PROCESS_BUFFER_BYTES = 2_048;

/** A number behind a prefix, to a fixed width. */
const numbered = (prefix: string, unit: number, width: number): string =>
  prefix + String(unit).padStart(width - prefix.length, '0');

const cellular = (
  targetName: string,
  summary: string,
  /** Eight digits, as a maker has them. */
  typeAllocation: string,
  newStore: (unit: number) => ModuleFamily,
): SimulatedFamily => ({
  targetName,
  summary,
  newDevice: (unit) => {
    const imei = numbered(typeAllocation, unit, 15);
    const store = newStore(unit);
    return (send) => new CellularModule(store, { ...defaultModule, imei }, send);
  },
});

const esp32 = (targetName: string, summary: string, batch: number): SimulatedFamily => ({
  targetName,
  summary,
  newDevice: (unit) => {
    const mac = [0x24, 0x6f, 0x28, batch, (unit >> 8) & 0xff, unit & 0xff];
    return (send) => new Chip({ ...defaultChip, mac }, send);
  },
});

export const simulatedFamilies: readonly SimulatedFamily[] = [
  {
    targetName: 'nrf91',
    summary: 'nRF91 modem with the at_host front end; makes its own key',
    newDevice: (unit) => {
      const modem = new Modem({ ...defaultModem, imei: numbered('35265610', unit, 15) });
      return (send) => new AtHost(modem, defaultAtHost, send);
    },
  },
  {
    targetName: 'freertos-pki',
    summary: 'FreeRTOS with its pki command; makes its own key',
    newDevice: (unit) => (send) =>
      new FreertosDevice(
        { ...defaultFreertos, thingName: `thing-${unit}`, receiveBufferBytes: SHARED_PROCESS_BUFFER_BYTES },
        send,
      ),
  },
  {
    targetName: 'nrf-cloud-cred',
    summary: 'nRF Connect SDK with nrf_cloud_cred; makes its own key',
    newDevice: (unit, statePath) => {
      const hardwareId = numbered('c10d', unit, 16);
      const options = { build: 'nrf-cloud-cred', backend: 'protected', hardwareId } as const;
      return (send) => new ZephyrDevice(options, send, statePath);
    },
  },
  {
    targetName: 'mcumgr',
    summary: 'Zephyr with MCUmgr: files over SMP',
    newDevice: (unit) => (send) =>
      new SmpDevice({ ...defaultSmpDevice, hardwareId: numbered('5a', unit, 16) }, send),
  },
  {
    targetName: 'micropython',
    summary: 'MicroPython board: files through the raw REPL',
    newDevice: (unit) => {
      const uniqueId = numbered('e66058', unit, 16);
      const interpreter = new SmallInterpreter({ ...defaultSmallInterpreter, uniqueId });
      return (send) => new MicropythonBoard(interpreter, defaultBoard, send);
    },
  },
  esp32('esp32-secure-cert', 'ESP32 in its ROM loader, esp_secure_cert partition', 1),
  esp32('esp32-nvs', 'ESP32 in its ROM loader, NVS partition', 2),
  cellular('ublox', 'u-blox module (USECMNG)', '86123451', () => new Ublox()),
  cellular('quectel', 'Quectel module (QFUPL)', '86123452', () => new Quectel()),
  cellular('simcom-a76', 'SIMCom A76xx module (CCERTDOWN)', '86123453', () => new SimcomA76()),
  cellular('simcom-sim70', 'SIMCom SIM70xx module (CFSWFILE)', '86123454', () => new SimcomSim70()),
  cellular('sierra-hl78', 'Sierra Wireless HL78 module (KCERTSTORE)', '86123455', () => new SierraHl78()),
  cellular('esp-at', 'ESP-AT firmware (SYSMFG)', '86123456', (unit) => new EspAt(unit & 0xff)),
];
