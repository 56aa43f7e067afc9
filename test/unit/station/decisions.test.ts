// Pure decisions: what an outcome is, what may be overwritten, what becomes of a credential.

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

  test('is blank, a dead leftover of ours, or somebody’s', () => {
    expect(decideOnSlot(holding(), [], false)).toBe('blank');
    expect(decideOnSlot(ours, [left], false)).toBe('leftover-of-ours');
    expect(() => decideOnSlot(ours, [], false)).toThrow('slot_taken');
    expect(decideOnSlot(ours, [], true)).toBe('replaced-on-request');
  });

  test('counts as taken with a live credential’s digests, a digest in another place, or one that is not shown', () => {
    expect(() => decideOnSlot(ours, [{ ...left, state: 'verified' }], false)).toThrow('slot_taken');
    expect(() => decideOnSlot(holding({ item: 'ca', sha256: digest('b') }), [left], false)).toThrow(
      'slot_taken',
    );
    expect(() => decideOnSlot(holding({ item: 'ca', sha256: undefined }), [left], false)).toThrow(
      'slot_taken',
    );
    expect(() => decideOnSlot(ours, [credential('voided')], false)).toThrow('slot_taken');
  });

  test('may hold leftovers of several interrupted runs', () => {
    const other = credential('revoked', { storedDigests: { certificate: digest('d') } });
    const mixed = holding({ item: 'ca', sha256: digest('a') }, { item: 'certificate', sha256: digest('d') });
    expect(decideOnSlot(mixed, [left, other], false)).toBe('leftover-of-ours');
    expect(() => decideOnSlot(mixed, [left, other], false)).not.toThrow();
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
