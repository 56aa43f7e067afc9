// Usernames and passwords through whole runs: the real station, the shipped targets, simulated devices behind real
// pseudo-terminals. What the device holds is what the exported files let in; nothing else knows it.

import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_PASSWORD_POLICY } from '../../../core/domain/password.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import { makePasswords } from '../../../core/host/passwords.ts';
import { systemRandom } from '../../../core/host/systemRandom.ts';
import { NVS_PAGE_SIZE_BYTES } from '../../../core/link/esp32/image/nvsImage.ts';
import { readNvsImage } from '../../../core/link/esp32/image/nvsReader.ts';
import { simulatedFamilies } from '../../../core/simulator/families.ts';
import { type FamilyPort, plugInFamily } from '../../../core/simulator/host/familyPort.ts';
import { createOrder, runOrder } from '../../../core/station/orders.ts';
import { revokeDevice } from '../../../core/station/revocation.ts';
import { failure } from '../../support/familyBench.ts';
import { filesWithKey } from '../../support/keyScan.ts';
import {
  createStationWorld,
  type StationWorld,
  shippedProfile,
  shippedTarget,
} from '../../support/stationWorld.ts';

const passwordPolicy = DEFAULT_PASSWORD_POLICY;

let world: StationWorld;
const ports: FamilyPort[] = [];
const beside = mkdtempSync(join(tmpdir(), 'keyline-passwords-'));
beforeAll(async () => {
  world = await createStationWorld();
});
afterAll(async () => {
  await Promise.all(ports.map((port) => port.unplug()));
  await world.close();
  rmSync(beside, { recursive: true, force: true });
});

async function plugIn(targetName: string): Promise<FamilyPort> {
  const family = simulatedFamilies.find((one) => one.targetName === targetName);
  if (family === undefined) throw new Error(`no simulated ${targetName}`);
  const port = await plugInFamily(family.newDevice(ports.length + 1));
  ports.push(port);
  return port;
}

/** What the device itself holds, by the places that the shipped targets name. */
function heldBy(port: FamilyPort): {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
} {
  const kept = [...(port.device.memory?.save() ?? [])];
  const named = (ending: string): string | undefined => {
    const found = kept.find(([name]) => name.endsWith(`/${ending}`));
    return found && Buffer.from(found[1]).toString();
  };
  if (named('username') !== undefined) return { username: named('username'), password: named('password') };
  for (const [, flash] of kept) {
    for (let at = 0; at < flash.length; at += NVS_PAGE_SIZE_BYTES) {
      const entries = nvsOf(flash.subarray(at, at + NVS_PAGE_SIZE_BYTES));
      const text = (key: string) => {
        const entry = entries.find((one) => one.namespace === 'tls' && one.key === key);
        return entry && Buffer.from(entry.data.subarray(0, -1)).toString();
      };
      if (text('username') !== undefined) return { username: text('username'), password: text('password') };
    }
  }
  return {};
}

const nvsOf = (page: Uint8Array): ReturnType<typeof readNvsImage> => {
  try {
    return readNvsImage(page);
  } catch {
    return [];
  }
};

/** Whether a broker with the exported files would let this one in, by EMQX's salted hash. */
function letsIn(username: string, password: string): boolean {
  return [...world.station.ports.inventory.passwordUsers()].some(
    (user) =>
      user.username === username &&
      createHash('sha256').update(password).update(user.verifiers.emqx.salt).digest('hex') ===
        user.verifiers.emqx.hash,
  );
}

function expectNowhere(password: string): void {
  expect(filesWithKey(world.root, [Buffer.from(password)])).toEqual([]);
  // A digest without salt would be searched for in no time if the policy were weak.
  const bare = createHash('sha256').update(password).digest();
  expect(filesWithKey(world.root, [bare])).toEqual([]);
}

const verifyEvidence = (runId: Parameters<typeof world.station.ports.inventory.run>[0]) =>
  world.station.ports.inventory.run(runId)?.phases.find(({ phase }) => phase === 'verify')?.evidence;

describe.each([
  ['mcumgr', 'device-digest'],
  ['micropython', 'device-digest'],
  ['esp32-nvs', 'read-back'],
] as const)('%s', (targetName, check) => {
  const serial = `PW-${targetName}`;
  const target = shippedTarget(targetName);

  test('a device is given both, and they are checked as strongly as the rest', async () => {
    const port = await plugIn(targetName);
    const result = await world.run({ serial, portPath: port.path, target, passwordPolicy });
    expect(result.failure).toBeUndefined();
    const { username = '', password = '' } = heldBy(port);
    expect(username).toBe(serial);
    expect(password).toHaveLength(passwordPolicy.length);
    expect(letsIn(serial, password)).toBe(true);
    expect(letsIn(serial, `${password.slice(0, -1)}!`)).toBe(false);
    expect(verifyEvidence(result.runId)).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ item: 'username', check }),
        expect.objectContaining({ item: 'password', check }),
      ]),
    });
    expectNowhere(password);

    // Another run replaces it: the old one is let in no more.
    const replaced = await world.run({ serial, portPath: port.path, target, passwordPolicy, replace: true });
    expect(replaced.failure).toBeUndefined();
    const { password: next = '' } = heldBy(port);
    expect(next).not.toBe(password);
    expect([letsIn(serial, password), letsIn(serial, next)]).toEqual([false, true]);
    expectNowhere(next);

    // Revoking the device withdraws it.
    const { inventory, clock } = world.station.ports;
    revokeDevice(
      { inventory, clock },
      { deviceSerial: result.deviceSerial, reason: 'keyCompromise', operatorName: 'tester' },
    );
    expect(letsIn(serial, next)).toBe(false);
    // What a dead credential left there is ours to write over.
    const again = await world.run({ serial, portPath: port.path, target, passwordPolicy });
    expect(again.failure).toBeUndefined();
    expect(letsIn(serial, heldBy(port).password ?? '')).toBe(true);
  });
});

test('files: both stand beside the key', async () => {
  const portPath = join(beside, 'FILE-PW');
  const result = await world.run({
    serial: 'FILE-PW',
    portPath,
    target: shippedTarget('files'),
    passwordPolicy,
  });
  expect(result.failure).toBeUndefined();
  const password = readFileSync(join(portPath, 'password.txt'), 'utf8');
  expect(readFileSync(join(portPath, 'username.txt'), 'utf8')).toBe('FILE-PW');
  expect(letsIn('FILE-PW', password)).toBe(true);
  expectNowhere(password);
});

test('files: in a partition’s image for a gang programmer they stand with the rest', async () => {
  const portPath = join(beside, 'IMAGE-PW');
  const esp32Image = {
    format: 'nvs',
    partition: 'fctry',
    partitionOffset: 0x1_6000,
    partitionSizeBytes: 0x4000,
  };
  const target = {
    ...shippedTarget('esp32-image'),
    passwordSlot: { username: 'mqtt-user', password: 'mqtt-pass' },
    options: { formats: ['esp32-image'], esp32Image },
  };
  const result = await world.run({ serial: 'IMAGE-PW', portPath, target, passwordPolicy });
  expect(result.failure).toBeUndefined();
  const entries = readNvsImage(readFileSync(join(portPath, 'credential.bin')));
  const text = (key: string) => {
    const entry = entries.find((one) => one.namespace === 'tls' && one.key === key);
    return Buffer.from(entry?.data.subarray(0, -1) ?? '').toString();
  };
  expect(text('mqtt-user')).toBe('IMAGE-PW');
  expect(letsIn('IMAGE-PW', text('mqtt-pass'))).toBe(true);
});

describe('a run that does not come through', () => {
  test('has its hash on record before a byte leaves, and its password is void', async () => {
    const port = await plugIn('mcumgr');
    const seen: unknown[] = [];
    const { inventory } = world.station.ports;
    const result = await world.run({
      ...{ serial: 'PW-CUT', portPath: port.path, target: shippedTarget('mcumgr'), passwordPolicy },
      alter: (session) => ({
        identify: () => session.identify(),
        checkFit: (sizes) => session.checkFit(sizes),
        plan: (material) => session.plan(material),
        async install(plan, options) {
          seen.push(inventory.passwordHolder('PW-CUT'), letsIn('PW-CUT', 'anything'));
          return session.install(plan, options);
        },
        verify: async () => {
          throw new StationError('verification_mismatch', { item: 'password' });
        },
        close: () => session.close(),
      }),
    });
    expect(seen).toEqual(['device', false]);
    expect(result.outcome).toBe('fail');
    const { password = '' } = heldBy(port);
    expect(password).toHaveLength(passwordPolicy.length);
    expect(letsIn('PW-CUT', password)).toBe(false);
    expect(inventory.passwordHolder('PW-CUT')).toBeUndefined();
    expectNowhere(password);
    // What it left on the device may be written over unasked.
    const next = await world.run({
      serial: 'PW-CUT',
      portPath: port.path,
      target: shippedTarget('mcumgr'),
      passwordPolicy,
    });
    expect(next.failure).toBeUndefined();
    expect(letsIn('PW-CUT', heldBy(port).password ?? '')).toBe(true);
  });

  test('a password that somebody else put there is not overwritten unasked', async () => {
    const port = await plugIn('mcumgr');
    port.device.memory?.load(new Map([['/lfs1/credentials/password', Buffer.from('somebody else’s')]]));
    const refused = await world.run({
      serial: 'PW-FOREIGN',
      portPath: port.path,
      target: shippedTarget('mcumgr'),
      passwordPolicy,
    });
    expect(refused.failure?.code).toBe('slot_taken');
    // A run that gives none does not touch it.
    const certificate = await world.run({
      serial: 'PW-FOREIGN',
      portPath: port.path,
      target: shippedTarget('mcumgr'),
    });
    expect(certificate.failure).toBeUndefined();
    const held = port.device.memory?.save().get('/lfs1/credentials/password');
    expect(Buffer.from(held ?? '').toString()).toBe('somebody else’s');
  });
});

describe('refused before anything is written', () => {
  const { random, clock } = { random: systemRandom, clock: { nowMs: () => Date.now() } };
  const orderOf =
    (targetName: string, deviceSerials: readonly string[] = []) =>
    () =>
      createOrder(
        { inventory: world.station.ports.inventory, clock, random },
        {
          ...{ name: `ORDER-${targetName}`, target: shippedTarget(targetName), profile: shippedProfile() },
          ...{ quantity: 1, deviceSerials, passwordPolicy },
        },
      );

  test('a target without a place, when the order is made and when a run begins', async () => {
    expect(orderOf('zephyr-shell')).toThrow(expect.objectContaining({ code: 'password_not_offered' }));
    const run = world.run({
      serial: 'PW-1',
      portPath: '/dev/null',
      target: shippedTarget('nrf91'),
      passwordPolicy,
    });
    expect((await failure(run)).code).toBe('password_not_offered');
    expect(world.station.ports.inventory.deviceRecord('PW-1' as never)).toBeUndefined();

    // The target's file was changed after the order was made.
    const order = orderOf('mcumgr')();
    const { passwordSlot: _, ...target } = shippedTarget('mcumgr');
    const running = runOrder(world.station.ports, {
      ...{ order, target, bays: [], profile: shippedProfile(), operatorName: 'tester', site: 'Test site' },
      ...{ replace: false, signal: new AbortController().signal, listener: () => {} },
    });
    expect((await failure(running)).code).toBe('password_not_offered');
  });

  test('a device serial that no broker takes as a username', async () => {
    expect(orderOf('micropython', ['SN:1'])).toThrow(expect.objectContaining({ code: 'value_invalid' }));
    const run = world.run({
      serial: 'SN/1',
      portPath: '/dev/null',
      target: shippedTarget('mcumgr'),
      passwordPolicy,
    });
    expect(await failure(run)).toMatchObject({ code: 'value_invalid', details: { field: 'username' } });
  });

  test('a label that would be worth nothing afterwards, and a label for what a device holds', async () => {
    const { inventory } = world.station.ports;
    const label = (username: string) => [
      ...makePasswords([username], passwordPolicy, random, (users) =>
        inventory.addPasswordUsers(undefined, users, 1),
      ),
    ];
    const [made] = label('PW-LABEL').flat();
    const port = await plugIn('mcumgr');
    const request = {
      serial: 'PW-LABEL',
      portPath: port.path,
      target: shippedTarget('mcumgr'),
      passwordPolicy,
    };
    expect(await failure(world.run(request))).toMatchObject({ code: 'password_taken' });
    expect(letsIn('PW-LABEL', made?.password ?? '')).toBe(true);
    expect((await world.run({ ...request, replace: true })).failure).toBeUndefined();
    expect(letsIn('PW-LABEL', made?.password ?? '')).toBe(false);
    expect(() => label('PW-LABEL')).toThrow(expect.objectContaining({ code: 'password_taken' }));
    expect(letsIn('PW-LABEL', heldBy(port).password ?? '')).toBe(true);
  });
});

test('everything that must always be true is', () => {
  expect(world.station.ports.inventory.checkInvariants({ settled: true })).toEqual([]);
});
