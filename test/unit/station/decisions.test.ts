// Pure decisions: what an outcome is, what may be overwritten, what becomes of a credential.

import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Credential, CredentialState } from '../../../core/domain/credential.ts';
import type { DeviceIdentity } from '../../../core/domain/deviceIdentity.ts';
import type { Sha256Hex } from '../../../core/domain/ids.ts';
import { ERROR_SIDES, type ErrorCode, StationError } from '../../../core/domain/stationError.ts';
import type { InventoryPort } from '../../../core/station/ports/inventory.ts';
import { abandonCredential } from '../../../core/station/provision/compensation.ts';
import { decideOnSlot } from '../../../core/station/provision/occupancy.ts';
import { outcomeOf } from '../../../core/station/provision/outcome.ts';

const digest = (letter: string): Sha256Hex => letter.repeat(64) as Sha256Hex;
const credential = (state: CredentialState, more: Partial<Credential> = {}): Credential =>
  ({ credentialId: 'credential-1', state, ...more }) as Credential;

describe('the outcome of a failure', () => {
  test.each(Object.keys(ERROR_SIDES) as ErrorCode[])('%s is one of the five, and never a pass', (code) => {
    const outcome = outcomeOf(new StationError(code));
    expect(['fail', 'error', 'timeout', 'aborted']).toContain(outcome);
    if (ERROR_SIDES[code] === 'station') expect(outcome).toBe('error');
    if (ERROR_SIDES[code] === 'device' && code !== 'phase_timeout') expect(outcome).toBe('fail');
  });

  test('knows the operator’s word, time, and what is true of the device', () => {
    expect(outcomeOf(new StationError('interrupted'))).toBe('aborted');
    expect(outcomeOf(new StationError('phase_timeout'))).toBe('timeout');
    expect(outcomeOf(new StationError('slot_taken'))).toBe('fail');
    expect(outcomeOf(new StationError('authority_locked'))).toBe('error');
  });
});

describe('an occupied slot', () => {
  const holding = (...occupied: DeviceIdentity['occupied']): DeviceIdentity =>
    ({ occupied }) as DeviceIdentity;
  const left = credential('revoked', {
    storedDigests: { ca: digest('a'), certificate: digest('b'), privateKey: digest('c') },
  });
  const ours = holding({ item: 'ca', sha256: digest('a') }, { item: 'privateKey', sha256: digest('c') });

  test('is blank, a dead leftover of ours, or somebody’s', async () => {
    expect(await decideOnSlot(holding(), [], false)).toBe('blank');
    expect(await decideOnSlot(ours, [left], false)).toBe('leftover-of-ours');
    await expect(decideOnSlot(ours, [], false)).rejects.toThrow('slot_taken');
    expect(await decideOnSlot(ours, [], true)).toBe('replaced-on-request');
  });

  test('counts as taken with a live credential’s digests, a digest in another place, or one that is not shown', async () => {
    const taken = (slots: DeviceIdentity, ...history: readonly Credential[]) =>
      expect(decideOnSlot(slots, history, false)).rejects.toThrow('slot_taken');
    await taken(ours, { ...left, state: 'verified' });
    await taken(holding({ item: 'ca', sha256: digest('b') }), left);
    await taken(holding({ item: 'ca', sha256: undefined }), left);
    await taken(ours, credential('voided'));
  });

  test('may hold leftovers of several interrupted runs', async () => {
    const other = credential('revoked', { storedDigests: { certificate: digest('d') } });
    const mixed = holding({ item: 'ca', sha256: digest('a') }, { item: 'certificate', sha256: digest('d') });
    expect(await decideOnSlot(mixed, [left, other], false)).toBe('leftover-of-ours');
  });

  test('may hold the beginning of what a dead credential was to put there, if the device shows that', async () => {
    const cut = holding({ item: 'ca', sha256: digest('a') }, { item: 'certificate', sha256: digest('e') });
    const looked: unknown[] = [];
    const looksAt = (answer: boolean) => async (item: string, one: Credential) => {
      looked.push([item, one]);
      return answer;
    };
    expect(await decideOnSlot(cut, [left], false, looksAt(true))).toBe('leftover-of-ours');
    // Only at what its digest does not tell, and not where it may be replaced anyway.
    expect(looked).toEqual([['certificate', left]]);
    expect(await decideOnSlot(cut, [left], true, looksAt(true))).toBe('replaced-on-request');
    expect(looked).toHaveLength(1);
    await expect(decideOnSlot(cut, [left], false, looksAt(false))).rejects.toThrow('slot_taken');
    const notIntended = credential('revoked', { storedDigests: { ca: digest('a') } });
    await expect(decideOnSlot(cut, [notIntended], false, looksAt(true))).rejects.toThrow('slot_taken');
  });

  test('may hold an empty file where a dead credential was to put its key', async () => {
    const sha256 = createHash('sha256').digest('hex') as Sha256Hex;
    const empty = holding({ item: 'privateKey', sha256 });
    expect(await decideOnSlot(empty, [left], false)).toBe('leftover-of-ours');
    await expect(decideOnSlot(empty, [], false)).rejects.toThrow('slot_taken');
  });
});

describe('an abandoned credential', () => {
  test.each<[CredentialState | undefined, string]>([
    [undefined, 'none'],
    ['reserved', 'voided'],
    ['prepared', 'voided'],
    ['issued', 'revoked'],
    ['installed', 'revoked'],
    ['verified', 'none'],
    ['sealed', 'none'],
    ['voided', 'none'],
    ['revoked', 'none'],
  ])('%s: %s', (state, expected) => {
    const acts: string[] = [];
    const record = { void: () => void acts.push('voided'), revoke: () => void acts.push('revoked') };
    const inventory = record as unknown as InventoryPort;
    const made = abandonCredential(inventory, { nowMs: () => 1 }, state && credential(state), 'interrupted');
    expect(made).toBe(expected);
    expect(acts).toEqual(expected === 'none' ? [] : [expected]);
  });
});
