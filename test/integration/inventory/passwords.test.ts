// Passwords of devices live and die with the credential that they came with.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PasswordVerifiers } from '../../../core/domain/password.ts';
import { force, refusedBySchema } from './raw.ts';
import {
  bringTo,
  certificateOf,
  certificateSerialOf,
  createOrder,
  createWorld,
  credentialIdOf,
  openRun,
  orderIdOf,
  refusal,
  serial,
  sha256,
  T0,
  toBeSignedOf,
  type World,
} from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.remove());

const verifiersOf = (text: string): PasswordVerifiers => ({
  ...{ mosquitto: text, vernemq: text, hivemq: text, rabbitmq: text },
  emqx: { hash: text, salt: text },
});
const exported = (orderId?: ReturnType<typeof orderIdOf>): readonly string[] =>
  [...world.inventory.passwordUsers(orderId)].map(
    ({ username, verifiers }) => `${username} ${verifiers.mosquitto}`,
  );

/** A credential of SN-1 that is issued, with the intent to give a password along. */
function giveTo(name: string, runId?: Parameters<typeof world.inventory.openRun>[0]['runId']) {
  const { inventory } = world;
  const credentialId = credentialIdOf(name);
  const deviceSerial = serial('SN-1');
  inventory.registerDevice({ deviceSerial, targetName: 'mcumgr', operatorName: 'desk', atMs: T0 });
  inventory.reserve({
    ...{ credentialId, runId, holder: { kind: 'device', deviceSerial } },
    ...{ certificateSerial: certificateSerialOf(name), profileName: 'p', profileVersion: 1, atMs: T0 },
  });
  inventory.recordKey(credentialId, { publicKeySha256: sha256(name), custody: 'station-memory', atMs: T0 });
  const toBeSigned = toBeSignedOf(name);
  inventory.recordPrepared(credentialId, { toBeSigned, notBeforeMs: T0, notAfterMs: T0 + 1, atMs: T0 });
  const supersedes = inventory.liveCredential(deviceSerial)?.credentialId;
  inventory.recordIssued(credentialId, { ...certificateOf(toBeSigned), supersedes, atMs: T0 });
  const user = { username: 'SN-1', verifiers: verifiersOf(name) };
  inventory.recordInstallIntent(credentialId, { password: sha256(name) }, T0, user);
  return credentialId;
}

describe('a password that a run gave', () => {
  it('is exported from verified to revoked, and at no other time', () => {
    const { inventory } = world;
    const credentialId = giveTo('a');
    expect([exported(), inventory.passwordHolder('SN-1')]).toEqual([[], 'device']);
    inventory.recordInstalled(credentialId, T0);
    expect(exported()).toEqual([]);
    inventory.recordVerified(credentialId, T0);
    expect(exported()).toEqual(['SN-1 a']);
    inventory.recordSealed(credentialId, T0);
    expect(exported()).toEqual(['SN-1 a']);
    inventory.revoke(credentialId, 'keyCompromise', 'lost', T0);
    expect([exported(), inventory.passwordHolder('SN-1')]).toEqual([[], undefined]);
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  it('gives way to the next one as soon as that is on its way', () => {
    const first = giveTo('a');
    world.inventory.recordInstalled(first, T0);
    world.inventory.recordVerified(first, T0);
    const next = giveTo('b');
    expect(exported()).toEqual([]);
    world.inventory.recordInstalled(next, T0);
    world.inventory.recordVerified(next, T0);
    expect(exported()).toEqual(['SN-1 b']);
  });

  it('stays with the device where its next certificate comes without a run', () => {
    const { inventory } = world;
    const first = giveTo('a');
    inventory.recordInstalled(first, T0);
    inventory.recordVerified(first, T0);
    const holder = { kind: 'device', deviceSerial: serial('SN-1') } as const;
    const renewed = bringTo(inventory, 'renewed', holder, 'prepared');
    const issued = certificateOf(toBeSignedOf('renewed'));
    inventory.recordIssued(renewed, { ...issued, supersedes: first, keepsPassword: true, atMs: T0 });
    inventory.recordInstallIntent(renewed, { certificate: sha256('c') }, T0);
    inventory.recordInstalled(renewed, T0);
    inventory.recordVerified(renewed, T0);
    expect(exported()).toEqual(['SN-1 a']);
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  it('is of its run’s order, and recorded by its operator', () => {
    const orderId = createOrder(world.inventory, 'WO-1');
    const runId = openRun(world.inventory, 'r', 'SN-1', { orderId, operatorName: 'ada' });
    const credentialId = giveTo('a', runId);
    world.inventory.recordInstalled(credentialId, T0);
    world.inventory.recordVerified(credentialId, T0);
    expect([exported(orderId), exported(orderIdOf('other'))]).toEqual([['SN-1 a'], []]);
    const made = world.inventory.auditEntries(0, 100).find(({ act }) => act === 'password-made');
    expect(made).toMatchObject({
      actor: 'ada',
      details: JSON.stringify({ credentialId, username: 'SN-1' }),
    });
  });

  it('keeps a label from being made for the same name, and a label gives way only to a run', () => {
    const { inventory } = world;
    const user = { username: 'SN-1', verifiers: verifiersOf('label') };
    inventory.addPasswordUsers(undefined, [user], T0);
    expect([exported(), inventory.passwordHolder('sn-1')]).toEqual([['SN-1 label'], 'label']);
    giveTo('a');
    expect(refusal(() => inventory.addPasswordUsers(undefined, [user], T0))).toBe('password_taken');
  });
});

describe('what an order asks for', () => {
  it('is read again as it was made, and audited', () => {
    const passwordPolicy = { alphabet: 'hex', length: 32 } as const;
    createOrder(world.inventory, 'WO-1', { passwordPolicy });
    createOrder(world.inventory, 'WO-2');
    const inventory = world.reopen();
    expect(inventory.order('WO-1')?.passwordPolicy).toEqual(passwordPolicy);
    expect(inventory.order('WO-2')?.passwordPolicy).toBeUndefined();
    const created = inventory.auditEntries(0, 100).map(({ details }) => JSON.parse(details).password);
    expect(created).toContainEqual(passwordPolicy);
    inventory.close();
    for (const sql of ['UPDATE work_order_password SET length = 12', 'DELETE FROM work_order_password'])
      expect(refusedBySchema(world.path, sql)).toMatch(/^work-order-is-/);
  });
});

describe('below all code', () => {
  const set = (credential: string) =>
    `UPDATE password_user SET credential_id = 'credential-${credential}' WHERE username = 'SN-1'`;

  it('a password fits no credential but its own device’s, when that is issued', () => {
    const { inventory } = world;
    const credentialId = giveTo('a');
    bringTo(inventory, 'server', { kind: 'edge-server', serverName: 'edge' }, 'issued');
    inventory.recordInstalled(credentialId, T0);
    inventory.addPasswordUsers(undefined, [{ username: 'SN-2', verifiers: verifiersOf('x') }], T0);
    inventory.close();
    expect(refusedBySchema(world.path, set('server'))).toBe('password-does-not-fit-credential');
    const stolen = "UPDATE password_user SET credential_id = 'credential-a' WHERE username = 'SN-2'";
    expect(refusedBySchema(world.path, stolen)).toBe('password-does-not-fit-credential');
    const added = `INSERT INTO password_user (username, verifiers, made_at_ms, credential_id)
      VALUES ('SN-3', '{}', 1, 'credential-server')`;
    expect(refusedBySchema(world.path, added)).toBe('password-does-not-fit-credential');
  });

  it('one that was moved by force is found', () => {
    giveTo('a');
    bringTo(world.inventory, 'server', { kind: 'edge-server', serverName: 'edge' }, 'issued');
    world.inventory.close();
    force(world.path, set('server'));
    expect(world.reopen().checkInvariants()).toContainEqual({
      ...{ kind: 'password-differs', id: 'SN-1' },
      detail: expect.anything(),
    });
  });
});
