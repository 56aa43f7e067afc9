// Every shipped target with every kind of key: what it lists is written, found again and checked, or refused for its size before
// anything is signed; what it does not list is refused before a port is opened and before anything is reserved.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyPair } from '../../../core/authority/keys.ts';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../../core/domain/profile.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import { drivers } from '../../../core/host/drivers.ts';
import { createLink } from '../../../core/link/driverRegistry.ts';
import { memoryTransport } from '../../../core/link/transport.ts';
import { simulatedFamilies } from '../../../core/simulator/families.ts';
import { plugInFamily } from '../../../core/simulator/host/familyPort.ts';
import type { MakeLineDevice } from '../../../core/simulator/lineDevice.ts';
import { ZephyrDevice } from '../../../core/simulator/zephyrDevice.ts';
import { createOrder } from '../../../core/station/orders.ts';
import { leafAuthority, memoryPipe, runCycle, Transcript } from '../../support/familyBench.ts';
import type { LeafAuthority } from '../../support/leafAuthority.ts';
import {
  createStationWorld,
  type StationWorld,
  shippedProfile,
  shippedTarget,
  shippedTargets,
} from '../../support/stationWorld.ts';

/** Listed because a build with a larger buffer takes them; a usual one has no room. */
const TOO_LARGE: Readonly<Record<string, readonly KeyAlgorithm[]>> = {
  'zephyr-shell': ['RSA-2048', 'RSA-3072'],
};

const authority = leafAuthority();
const folder = mkdtempSync(join(tmpdir(), 'keyline-algorithms-'));
let world: StationWorld;
beforeAll(async () => {
  world = await createStationWorld();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const keys = new Map<KeyAlgorithm, KeyPair>();

/** RSA keys take their time: one of each kind will do, of which every session wipes a copy. */
function withOneKeyEach(): LeafAuthority {
  const makeKey = async (algorithm: KeyAlgorithm = 'P-256'): Promise<KeyPair> => {
    const pair = keys.get(algorithm) ?? (await authority().makeKey(algorithm));
    keys.set(algorithm, pair);
    const copy = new Secret(pair.privateKeyPkcs8.use((bytes) => Uint8Array.from(bytes)));
    return { ...pair, privateKeyPkcs8: copy };
  };
  return { ...authority(), makeKey };
}

const zephyr: MakeLineDevice = (send) => new ZephyrDevice({ build: 'default' }, send);

/** A blank device of that kind. */
const deviceOf = (targetName: string): MakeLineDevice =>
  targetName === 'zephyr-shell'
    ? zephyr
    : (simulatedFamilies.find((family) => family.targetName === targetName)?.newDevice(1) ?? zephyr);

async function store(targetName: string, keyAlgorithm: KeyAlgorithm): Promise<string> {
  const link = createLink({
    drivers,
    openTransport: async () => memoryTransport(memoryPipe(deviceOf(targetName)).pipe),
  });
  const session = await link.open({
    portPath: join(folder, `${targetName}-${keyAlgorithm}`),
    target: shippedTarget(targetName),
    transcript: new Transcript(),
    signal: new AbortController().signal,
  });
  try {
    const { verifications } = await runCycle(session, withOneKeyEach(), {
      keyAlgorithm,
      ...(keyAlgorithm === 'P-256' ? {} : { custody: 'station-memory' }),
    });
    return verifications
      .map(({ item }) => item)
      .sort()
      .join(' ');
  } catch (error) {
    if (error instanceof StationError) return error.code;
    throw error;
  } finally {
    await session.close();
  }
}

describe.each(shippedTargets.map(({ name }) => name))('%s', (targetName) => {
  const target = shippedTarget(targetName);
  const held = target.keyAlgorithms ?? [];

  test('names its keys itself', () => {
    expect(held.length).toBeGreaterThan(0);
    expect(held).toContain('P-256');
  });

  test.each(KEY_ALGORITHMS.filter((algorithm) => held.includes(algorithm)))('holds %s', async (algorithm) => {
    const expected = TOO_LARGE[targetName]?.includes(algorithm)
      ? 'credential_too_large'
      : 'ca certificate privateKey';
    expect(await store(targetName, algorithm)).toBe(expected);
  });

  test.each(KEY_ALGORITHMS.filter((algorithm) => !held.includes(algorithm)))(
    'is not given %s: no port is opened, nothing reserved, no order made',
    async (keyAlgorithm) => {
      const profile = { ...shippedProfile(), keyAlgorithm };
      const serial = `ALG-${targetName}-${keyAlgorithm}`;
      // There is no such port: to look for it would be another failure.
      const result = await world.run({ serial, portPath: '/dev/nowhere', target, profile });
      expect(result.failure).toMatchObject({
        code: 'key_algorithm_not_held',
        details: { target: targetName, keyAlgorithm, held: held.join(', ') },
      });
      expect(result.failedPhase).toBe('open');
      const { inventory } = world.station.ports;
      expect(inventory.credentialsOf(result.deviceSerial)).toEqual([]);
      const order = { name: serial, target, profile, quantity: 1, deviceSerials: [] };
      expect(() => createOrder(world.station.ports, order)).toThrow(
        expect.objectContaining({ code: 'key_algorithm_not_held' }),
      );
      expect(inventory.order(serial)).toBeUndefined();
    },
  );
});

test('a modem that makes its own key, but not of this kind, is given one of the station’s; a profile that demands its own is told so', async () => {
  const port = await plugInFamily(deviceOf('nrf91'));
  try {
    const request = { portPath: port.path, target: shippedTarget('nrf91') };
    const profile = { ...shippedProfile(), keyAlgorithm: 'P-384' } as const;
    const demanding = { ...profile, keyCustody: 'on-device' } as const;
    const refused = await world.run({ ...request, serial: 'ALG-1', profile: demanding });
    expect(refused.failure?.code).toBe('custody_not_offered');
    expect(refused.failedPhase).toBe('identify');
    expect(world.station.ports.inventory.credentialsOf(refused.deviceSerial)).toEqual([]);
    const made = await world.run({ ...request, serial: 'ALG-1', profile });
    expect(made.failure).toBeUndefined();
    expect(made.custody).toBe('station-memory');
  } finally {
    await port.unplug();
  }
});
