// Credentials through the port: each step in its order and no other, and what each refusal is called.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CredentialState, type Holder, isLive, mayBecome } from '../../../core/domain/credential.ts';
import type { CredentialId } from '../../../core/domain/ids.ts';
import { CREDENTIAL_STATES } from '../../../core/inventory/rows/credentialRow.ts';
import {
  bringTo,
  certificateOf,
  certificateSerialOf,
  createWorld,
  credentialIdOf,
  identify,
  openRun,
  provision,
  refusal,
  runIdOf,
  serial,
  sha256,
  T0,
  toBeSignedOf,
  type World,
} from './world.ts';

const edge: Holder = { kind: 'edge-server', serverName: 'edge' };
const device = (text: string): Holder => ({ kind: 'device', deviceSerial: serial(text) });

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.remove());

const reservation = (name: string, holder: Holder) => ({
  credentialId: credentialIdOf(name),
  runId: undefined,
  holder,
  certificateSerial: certificateSerialOf(name),
  profileName: 'p',
  profileVersion: 1,
  atMs: T0,
});

/** The port method that leads to `to`, for a credential made by bringTo(…, name, …). */
function attempt(to: CredentialState, id: CredentialId, name: string): () => void {
  const { inventory } = world;
  const toBeSigned = toBeSignedOf(name);
  const methods: Readonly<Record<CredentialState, () => void>> = {
    reserved: () => inventory.reserve({ ...reservation(name, edge) }),
    prepared: () =>
      inventory.recordPrepared(id, { toBeSigned, notBeforeMs: 1, notAfterMs: 2, atMs: T0 + 50 }),
    issued: () => inventory.recordIssued(id, { ...certificateOf(toBeSigned), atMs: T0 + 50 }),
    installed: () => inventory.recordInstalled(id, T0 + 50),
    verified: () => inventory.recordVerified(id, T0 + 50),
    sealed: () => inventory.recordSealed(id, T0 + 50),
    voided: () => inventory.void(id, 'x', T0 + 50),
    revoked: () => inventory.revoke(id, 'unspecified', 'x', T0 + 50),
  };
  return methods[to];
}

describe('a credential', () => {
  const pairs = CREDENTIAL_STATES.flatMap((from) => CREDENTIAL_STATES.map((to) => [from, to] as const));
  it.each(pairs)('in %s becomes %s only if the domain lets it', (from, to) => {
    const { inventory } = world;
    const id = bringTo(inventory, 'a', edge, from);
    if (from === 'reserved')
      inventory.recordKey(id, { publicKeySha256: sha256('a'), custody: 'file', atMs: T0 + 3 });
    if (from === 'issued') inventory.recordInstallIntent(id, { ca: sha256('ca') }, T0 + 6);
    const before = inventory.credential(id);
    if (mayBecome(from, to)) {
      attempt(to, id, 'a')();
      expect(inventory.credential(id)).toMatchObject({ state: to, changedAtMs: T0 + 50 });
    } else {
      const code = to === 'revoked' && !isLive(from) ? 'credential_not_live' : 'record_refused';
      expect(refusal(attempt(to, id, 'a'))).toBe(code);
      expect(inventory.credential(id)).toEqual(before);
    }
    expect(inventory.checkInvariants()).toEqual([]);
  });

  it('takes its key once, before it is prepared', () => {
    const { inventory } = world;
    const id = bringTo(inventory, 'a', edge, 'reserved');
    const key = { publicKeySha256: sha256('k'), custody: 'on-device', atMs: T0 } as const;
    expect(refusal(attempt('prepared', id, 'a'))).toBe('record_refused');
    inventory.recordKey(id, key);
    expect(refusal(() => inventory.recordKey(id, key))).toBe('record_refused');
    attempt('prepared', id, 'a')();
    expect(refusal(() => inventory.recordKey(id, key))).toBe('record_refused');
    expect(inventory.credential(id)).toMatchObject({ custody: 'on-device', publicKeySha256: sha256('k') });
  });

  it('takes no certificate that is not what was prepared, or not what its digest says', () => {
    const { inventory } = world;
    const id = bringTo(inventory, 'a', edge, 'prepared');
    const other = certificateOf(toBeSignedOf('other'));
    const right = certificateOf(toBeSignedOf('a'));
    expect(refusal(() => inventory.recordIssued(id, { ...other, atMs: T0 }))).toBe('record_refused');
    expect(
      refusal(() => inventory.recordIssued(id, { ...right, certificateSha256: sha256('x'), atMs: T0 })),
    ).toBe('record_refused');
    expect(inventory.credential(id)?.state).toBe('prepared');
    inventory.recordIssued(id, { ...right, atMs: T0 });
    expect(inventory.credential(id)).toMatchObject({ state: 'issued', ...right });
  });

  it('may note its digests again while it is issued, and not after', () => {
    const { inventory } = world;
    const id = bringTo(inventory, 'a', edge, 'issued');
    inventory.recordInstallIntent(id, { ca: sha256('1') }, T0);
    inventory.recordInstallIntent(id, { ca: sha256('2'), privateKey: sha256('3') }, T0);
    inventory.recordInstalled(id, T0);
    expect(refusal(() => inventory.recordInstallIntent(id, {}, T0))).toBe('record_refused');
    expect(inventory.credential(id)?.storedDigests).toEqual({ ca: sha256('2'), privateKey: sha256('3') });
  });

  it('is not installed before its digests are noted', () => {
    const id = bringTo(world.inventory, 'a', edge, 'issued');
    expect(refusal(() => world.inventory.recordInstalled(id, T0))).toBe('record_refused');
  });
});

describe('reserving', () => {
  it('refuses a certificate serial that was ever used, also a voided one', () => {
    bringTo(world.inventory, 'a', edge, 'voided');
    const reused = { ...reservation('b', edge), certificateSerial: certificateSerialOf('a') };
    expect(refusal(() => world.inventory.reserve(reused))).toBe('record_refused');
    expect(world.inventory.credential(credentialIdOf('b'))).toBeUndefined();
  });

  it('refuses a device that was not identified, or is written otherwise', () => {
    expect(refusal(() => world.inventory.reserve(reservation('a', device('SN-1'))))).toBe('device_unknown');
    identify(world.inventory, openRun(world.inventory, 'r', 'SN-1'));
    expect(refusal(() => world.inventory.reserve(reservation('a', device('sn-1'))))).toBe('device_unknown');
    world.inventory.reserve(reservation('a', device('SN-1')));
  });

  it('refuses a run that is closed, unknown, or another device’s', () => {
    provision(world.inventory, 'closed', 'SN-1');
    const open = openRun(world.inventory, 'open', 'SN-2');
    identify(world.inventory, open);
    for (const runId of [runIdOf('closed'), runIdOf('404'), open]) {
      expect(refusal(() => world.inventory.reserve({ ...reservation('a', device('SN-1')), runId }))).toBe(
        'record_refused',
      );
    }
  });

  it.each(['recordVerified', 'recordInstalled', 'recordSealed'] as const)(
    '%s needs a credential',
    (method) => {
      expect(refusal(() => world.inventory[method](credentialIdOf('404'), T0))).toBe('credential_unknown');
    },
  );
});

describe('a second live credential', () => {
  it('is refused unless it names the one it supersedes', () => {
    const { credentialId } = provision(world.inventory, 'a', 'SN-1');
    const holder = device('SN-1');
    expect(refusal(() => bringTo(world.inventory, 'b', holder, 'issued'))).toBe('already_provisioned');
    expect(world.inventory.credential(credentialIdOf('b'))?.state).toBe('prepared');
    bringTo(world.inventory, 'c', holder, 'issued', { supersedes: credentialId });
    expect(world.inventory.liveCredential(serial('SN-1'))?.credentialId).toBe('credential-c');
    expect(world.inventory.checkInvariants()).toEqual([]);
  });

  it('supersedes nothing of another holder, and nothing unknown', () => {
    const { credentialId } = provision(world.inventory, 'a', 'SN-1');
    expect(refusal(() => bringTo(world.inventory, 'b', edge, 'issued', { supersedes: credentialId }))).toBe(
      'record_refused',
    );
    expect(
      refusal(() => bringTo(world.inventory, 'c', edge, 'issued', { supersedes: credentialIdOf('404') })),
    ).toBe('credential_unknown');
    expect(world.inventory.liveCredential(serial('SN-1'))?.credentialId).toBe('credential-a');
  });

  it('may name one that was revoked meanwhile', () => {
    const { credentialId } = provision(world.inventory, 'a', 'SN-1');
    world.inventory.revoke(credentialIdOf('a'), 'keyCompromise', 'found on a forum', T0);
    bringTo(world.inventory, 'b', device('SN-1'), 'issued', { supersedes: credentialId });
    expect(world.inventory.credential(credentialIdOf('a'))?.reason).toBe('keyCompromise');
  });
});
