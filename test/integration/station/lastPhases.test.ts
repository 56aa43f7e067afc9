// The optional last checks: a restart that empties a RAM store, and the lock that cannot be undone.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { simulatedFamilies } from '../../../core/simulator/families.ts';
import { simulatorEntryPath } from '../../../core/simulator/host/entryPath.ts';
import { plugInFamily } from '../../../core/simulator/host/familyPort.ts';
import { spawnSimulator } from '../../../core/simulator/host/spawnSimulator.ts';
import { createStationWorld, type StationWorld, shippedTarget } from '../../support/stationWorld.ts';

let world: StationWorld;
beforeAll(async () => {
  world = await createStationWorld();
});
afterAll(() => world.close());

const stateOf = (serial: Parameters<StationWorld['station']['ports']['inventory']['credentialsOf']>[0]) =>
  world.station.ports.inventory.credentialsOf(serial).map(({ state }) => state);

describe('a Zephyr board, restarted by its own command', () => {
  const provisionWith = async (backend: 'volatile' | 'protected', serial: string) => {
    const simulator = await spawnSimulator({ entryPath: simulatorEntryPath, device: { backend } });
    try {
      const target = shippedTarget('zephyr-shell');
      const checkReboot = { askOperator: undefined };
      return await world.run({ serial, portPath: simulator.path, target, checkReboot });
    } finally {
      await simulator.stop();
    }
  };

  test('with a store in RAM is found out, and its certificate revoked', async () => {
    const result = await provisionWith('volatile', 'RAM-1');
    expect(result).toMatchObject({ outcome: 'fail', failedPhase: 'verify' });
    expect(result.failure).toMatchObject({
      code: 'verification_mismatch',
      details: { reason: 'gone after a restart' },
    });
    expect(stateOf(result.deviceSerial)).toEqual(['revoked']);
  });

  test('with a store that lasts shows the same digests again', async () => {
    const result = await provisionWith('protected', 'FLASH-1');
    expect(result.failure).toBeUndefined();
    const verify = world.station.ports.inventory
      .run(result.runId)
      ?.phases.find(({ phase }) => phase === 'verify');
    expect(verify?.evidence?.afterReboot).toEqual({
      restartedBy: 'command',
      items: { ca: 'same digest', certificate: 'same digest', privateKey: 'same digest' },
    });
  });
});

describe('a board that comes back under another path after its restart', () => {
  test.each([
    ['is found by its USB serial number', ['USB-1'], undefined],
    ['is not looked for where adapters share their number', ['USB-1', 'USB-1'], 'phase_timeout'],
  ] as const)('%s', async (_, numbers, code) => {
    const simulator = await spawnSimulator({
      entryPath: simulatorEntryPath,
      device: { backend: 'protected', portAtReboot: 'changes' },
    });
    const firstPath = simulator.path;
    const nowhere = {
      manufacturer: undefined,
      product: undefined,
      vendorId: undefined,
      productId: undefined,
    };
    const moving = await createStationWorld(async () =>
      numbers.map((usbSerialNumber, index) => ({
        ...{ ...nowhere, usbSerialNumber, location: undefined },
        path: index === 0 ? simulator.path : '/dev/another-adapter',
      })),
    );
    try {
      const shipped = shippedTarget('zephyr-shell');
      const result = await moving.run({
        serial: 'MOVED-1',
        portPath: firstPath,
        target: { ...shipped, timeouts: { ...shipped.timeouts, ...(code && { phaseMs: 4_000 }) } },
        checkReboot: { askOperator: undefined },
      });
      expect(simulator.path).not.toBe(firstPath);
      expect(result.failure?.code).toBe(code);
    } finally {
      await simulator.stop();
      await moving.close();
    }
  });
});

describe('a modem, switched off and on by the operator', () => {
  const plugIn = async (unit: number) => {
    const family = simulatedFamilies.find(({ targetName }) => targetName === 'nrf91');
    if (family === undefined) throw new Error('no nrf91');
    return plugInFamily(family.newDevice(unit));
  };

  test('is met again and shows certificate and key', async () => {
    const port = await plugIn(1);
    try {
      let asked = 0;
      const checkReboot = {
        askOperator: async () => {
          asked += 1;
          port.device.reboot();
        },
      };
      const target = shippedTarget('nrf91');
      const result = await world.run({ serial: 'AGAIN-1', portPath: port.path, target, checkReboot });
      expect(result.failure).toBeUndefined();
      expect(asked).toBe(1);
      const verify = world.station.ports.inventory
        .run(result.runId)
        ?.phases.find(({ phase }) => phase === 'verify');
      expect(verify?.evidence?.afterReboot).toEqual({
        restartedBy: 'operator',
        items: { ca: 'same digest', certificate: 'same digest', privateKey: 'present' },
      });
    } finally {
      await port.unplug();
    }
  });

  test('that comes back as another one is a stop', async () => {
    const port = await plugIn(20);
    try {
      const checkReboot = { askOperator: async () => port.device.swap() };
      const target = shippedTarget('nrf91');
      const result = await world.run({ serial: 'OTHER-1', portPath: port.path, target, checkReboot });
      expect(result.failure?.code).toBe('device_changed');
      expect(stateOf(result.deviceSerial)).toEqual(['revoked']);
    } finally {
      await port.unplug();
    }
  });

  test('cannot be checked where nobody can be asked', async () => {
    const port = await plugIn(30);
    try {
      const checkReboot = { askOperator: undefined };
      const target = shippedTarget('nrf91');
      const result = await world.run({ serial: 'NOBODY-1', portPath: port.path, target, checkReboot });
      expect(result.failure?.code).toBe('capability_missing');
      expect(result.failedPhase).toBe('identify');
    } finally {
      await port.unplug();
    }
  });

  test('is sealed last, where it can be, and refused before anything is written where it cannot', async () => {
    const port = await plugIn(40);
    try {
      const target = shippedTarget('nrf91');
      const request = { portPath: port.path, target, seal: true };
      const refused = await world.run({ ...request, serial: 'SEAL-1' });
      expect(refused).toMatchObject({ failedPhase: 'identify' });
      expect(refused.failure).toMatchObject({
        code: 'capability_missing',
        details: { capability: 'sealing' },
      });
      expect(stateOf(refused.deviceSerial)).toEqual([]);

      const sealing = (session: DeviceSession): DeviceSession => ({
        ...session,
        seal: async () => ({ lock: 'closed' }),
      });
      const sealed = await world.run({ ...request, serial: 'SEAL-1', alter: sealing });
      expect(sealed.failure).toBeUndefined();
      expect(stateOf(sealed.deviceSerial)).toEqual(['sealed']);
      const phases = world.station.ports.inventory.run(sealed.runId)?.phases ?? [];
      expect(phases.at(-1)).toMatchObject({ phase: 'seal', outcome: 'pass', evidence: { lock: 'closed' } });
    } finally {
      await port.unplug();
    }
  });
});
