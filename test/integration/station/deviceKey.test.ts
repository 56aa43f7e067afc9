// Keys that a device makes and keeps: what is on record when something goes wrong around the making, on a simulated nRF91
// behind a real pseudo-terminal.

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Credential } from '../../../core/domain/credential.ts';
import { type DeviceSerial, parseDeviceSerial } from '../../../core/domain/device.ts';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import { simulatedFamilies } from '../../../core/simulator/families.ts';
import { type FamilyPort, plugInFamily } from '../../../core/simulator/host/familyPort.ts';
import { recover } from '../../../core/station/recovery.ts';
import {
  createStationWorld,
  type StationWorld,
  shippedProfile,
  shippedTarget,
} from '../../support/stationWorld.ts';

const target = shippedTarget('nrf91');
let world: StationWorld;
let port: FamilyPort;
let unit = 0;
let serial: DeviceSerial;
beforeAll(async () => {
  world = await createStationWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  const family = simulatedFamilies.find(({ targetName }) => targetName === 'nrf91');
  unit += 1;
  serial = parseDeviceSerial(`KEY-${unit}`);
  port = await plugInFamily(family?.newDevice(unit) ?? never());
});
afterEach(() => port.unplug());

const run = (more: Partial<Parameters<StationWorld['run']>[0]> = {}) =>
  world.run({ serial, portPath: port.path, target, ...more });
const credentials = (): readonly Credential[] => world.station.ports.inventory.credentialsOf(serial);
const states = (): readonly string[] => credentials().map(({ state }) => state);

/** A session whose key generation goes another way. */
const generating =
  (generateKey: NonNullable<DeviceSession['generateKey']>) =>
  (session: DeviceSession): DeviceSession => ({ ...session, generateKey });

test('the certificate names the key in the modem', async () => {
  const result = await run();
  expect(result.outcome).toBe('pass');
  const key = result.verification.find(({ item }) => item === 'privateKey');
  expect(key).toMatchObject({ check: 'proof-of-possession' });
  expect(credentials()[0]?.publicKeySha256).toBe(key?.actualSha256);
});

test('a key without a proof of possession is not certified', async () => {
  let made = 0;
  const result = await run({
    alter: (session) =>
      generating(async (algorithm, options) => {
        made += 1;
        const key = await session.generateKey?.(algorithm, options);
        return { ...(key ?? never()), proof: 'none' };
      })(session),
  });
  expect(made).toBe(1);
  expect(result).toMatchObject({ outcome: 'fail', failedPhase: 'key', handshake: undefined });
  expect(result.failure?.code).toBe('verification_impossible');
  expect(states()).toEqual(['voided']);
  expect(credentials()[0]?.certificateDer).toBeUndefined();
});

test('a device that cannot show the key at the end is not verified, and its certificate is revoked', async () => {
  const result = await run({
    alter: (session) => ({
      ...session,
      verify: async (plan) =>
        (await session.verify(plan)).map((one) =>
          one.item === 'privateKey' ? { ...one, check: 'impossible' as const } : one,
        ),
    }),
  });
  expect(result.failedPhase).toBe('verify');
  expect(result.failure?.code).toBe('verification_impossible');
  expect(states()).toEqual(['revoked']);
});

test('a proof with another key is a mismatch', async () => {
  const result = await run({
    alter: (session) => ({
      ...session,
      verify: async (plan) =>
        (await session.verify(plan)).map((one) =>
          one.item === 'privateKey'
            ? { ...one, actualSha256: one.expectedSha256.replace(/^./, 'x') as never }
            : one,
        ),
    }),
  });
  expect(result.failure?.code).toBe('verification_mismatch');
  expect(states()).toEqual(['revoked']);
});

test('a credential is dead before the key that it names is replaced', async () => {
  await run();
  expect(states()).toEqual(['verified']);
  const seen: string[][] = [];
  const result = await run({
    replace: true,
    alter: generating(async () => {
      seen.push([...states()].sort());
      throw new StationError('device_gone', {});
    }),
  });
  expect(result.failure?.code).toBe('device_gone');
  expect(seen).toEqual([['reserved', 'revoked']]);
  expect(world.station.ports.inventory.liveCredential(serial)).toBeUndefined();
  expect(credentials().find(({ state }) => state === 'revoked')?.reason).toContain('superseded');
});

test('what cannot be certified leaves the old key and its credential alone', async () => {
  await run();
  let made = 0;
  const profile = shippedProfile();
  const result = await run({
    replace: true,
    profile: { ...profile, subject: [{ attribute: 'CN', value: '{order}' }] },
    alter: generating(async () => {
      made += 1;
      return never();
    }),
  });
  expect(result).toMatchObject({ failedPhase: 'key' });
  expect(made).toBe(0);
  expect([...states()].sort()).toEqual(['verified', 'voided']);
});

test('a key that a failed run left in the modem may be replaced unasked, a foreign one may not', async () => {
  const failed = await run({
    alter: (session) => ({
      ...session,
      plan: () => {
        throw new StationError('device_gone', {});
      },
    }),
  });
  expect(failed.failedPhase).toBe('install');
  const again = await run();
  expect(again.failure).toBeUndefined();

  const family = simulatedFamilies.find(({ targetName }) => targetName === 'nrf91');
  unit += 1;
  const foreign = await plugInFamily(family?.newDevice(unit) ?? never());
  try {
    const session = await world.station.ports.link.open({
      portPath: foreign.path,
      target,
      transcript: { write: () => {} },
      signal: new AbortController().signal,
    });
    await session.identify();
    await session.generateKey?.('P-256', { replace: false });
    await session.close();
    const refused = await world.run({ serial: `FOREIGN-${unit}`, portPath: foreign.path, target });
    expect(refused.failure).toMatchObject({ code: 'slot_taken', details: { items: 'privateKey' } });
  } finally {
    await foreign.unplug();
  }
});

test('recovery revokes what was signed for a key that was never shown at the end', async () => {
  const { inventory, clock } = world.station.ports;
  const result = await run({
    alter: (session) => ({
      ...session,
      install: async () => {
        // The process would end here: what the next start does with the same records.
        expect(recover({ inventory, clock }).map(({ action }) => action)).toEqual(['revoked']);
        throw new StationError('device_gone', {});
      },
    }),
  }).catch((thrown: unknown) => thrown);
  expect(result).toBeDefined();
  expect(states()).toEqual(['revoked']);
  expect(inventory.checkInvariants({ settled: true })).toEqual([]);
});

function never(): never {
  throw new Error('not reached');
}
