// The audit log in the database: what is logged by itself, and that tampering with the file shows.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../../core/domain/run.ts';
import { force } from './raw.ts';
import {
  bringTo,
  createOrder,
  createWorld,
  credentialIdOf,
  provision,
  refusal,
  STATION,
  T0,
  type World,
} from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.remove());

const verdictAfter = (sql: string) => {
  world.inventory.close();
  force(world.path, sql);
  return world.reopen().verifyAudit();
};

describe('the audit log', () => {
  it('begins with the station and logs each act with who answers for it', () => {
    createOrder(world.inventory, 'WO');
    const { credentialId } = provision(world.inventory, 'a', 'SN-1', { hardwareId: 'HW1' });
    provision(world.inventory, 'b', 'SN-1', { ...(credentialId && { supersedes: credentialId }) });
    bringTo(world.inventory, 'server', { kind: 'edge-server', serverName: 'edge' }, 'voided');
    world.inventory.append({
      act: 'profile-changed',
      actor: 'Eva',
      atMs: T0,
      details: { b: 1, a: [null, 'x'] },
    });
    const entries = world.inventory.auditEntries();
    expect(entries.map(({ act, actor }) => `${act} by ${actor}`)).toEqual([
      'inventory-created by desk',
      'order-created by desk',
      'hardware-id-bound by Ada',
      'credential-issued by Ada',
      'run-closed by Ada',
      'credential-revoked by Ada',
      'credential-issued by Ada',
      'run-closed by Ada',
      'credential-voided by desk',
      'profile-changed by Eva',
    ]);
    expect(entries[0]?.details).toBe(`{"stationId":"${STATION.stationId}"}`);
    expect(entries.at(-1)?.details).toBe('{"a":[null,"x"],"b":1}');
    expect(JSON.parse(entries[5]?.details ?? '')).toMatchObject({
      credentialId,
      reason: 'superseded',
      note: 'superseded by credential-b',
    });
    expect(world.inventory.verifyAudit()).toEqual({
      intact: true,
      entries: 10,
      head: world.inventory.auditHead(),
    });
    expect(world.inventory.auditEntries(8, 1).map((entry) => entry.sequence)).toEqual([9]);
  });

  it('names the host’s own actor for what is done after the run', () => {
    provision(world.inventory, 'a', 'SN-1');
    world.inventory.revoke(credentialIdOf('a'), 'keyCompromise', 'found on a forum', T0);
    const last = world.inventory.auditEntries().at(-1);
    expect([last?.act, last?.actor]).toEqual(['credential-revoked', 'desk']);
    expect(JSON.parse(last?.details ?? '')).toMatchObject({ deviceSerial: 'SN-1', note: 'found on a forum' });
  });

  it('stands or falls with the act', () => {
    const { entries } = world.inventory.auditHead();
    expect(refusal(() => createOrder(world.inventory, 'WO', { quantity: 0 }))).toBe('value_invalid');
    expect(
      refusal(() =>
        world.inventory.append({ act: 'x', actor: 'y', atMs: T0, details: { n: Number.NaN as Json } }),
      ),
    ).toBe('internal');
    expect(refusal(() => world.inventory.append({ act: '', actor: 'y', atMs: T0, details: {} }))).toBe(
      'record_refused',
    );
    expect(world.inventory.auditHead().entries).toBe(entries);
  });

  it('survives any text an operator may type', () => {
    for (const actor of [
      'Żółć',
      '\u0000zero',
      'lone \ud800 surrogate',
      '{"a":1}',
      "'; DROP TABLE audit; --",
      '',
    ]) {
      world.inventory.append({ act: `said ${actor}`, actor, atMs: T0, details: { [actor]: actor } });
    }
    expect(world.reopen().verifyAudit()).toMatchObject({ intact: true, entries: 7 });
  });

  describe('shows', () => {
    beforeEach(() => {
      for (const n of [2, 3, 4, 5])
        world.inventory.append({ act: 'act', actor: 'Ada', atMs: n, details: { n } });
    });

    it.each([
      ['at_ms', 'at_ms + 1', 'entry-changed'],
      ['actor', "'Eve'", 'entry-changed'],
      ['act', "'nothing'", 'entry-changed'],
      ['details', `'{"n":4}'`, 'entry-changed'],
      ['details', `'{"n": 3}'`, 'entry-changed'],
      ['previous_hash', `'${'0'.repeat(64)}'`, 'link-broken'],
      ['hash', `'${'0'.repeat(64)}'`, 'entry-changed'],
      ['sequence', '77', 'sequence-gap'],
      ['hash', "'short'", 'unreadable'],
      ['at_ms', '0.5', undefined],
    ])('a changed %s (%s)', (column, value, why) => {
      const sql = `UPDATE audit SET ${column} = ${value} WHERE sequence = 3`;
      // STRICT tables take no fraction for a whole number, not even by force.
      if (why === undefined) expect(() => verdictAfter(sql)).toThrow(/cannot store REAL/);
      else expect(verdictAfter(sql)).toEqual({ intact: false, firstBrokenSequence: 3, why });
    });

    it.each([
      ['an entry taken out', 'DELETE FROM audit WHERE sequence = 3', 3, 'sequence-gap'],
      [
        'an entry taken out and the rest moved up',
        'DELETE FROM audit WHERE sequence = 3; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 3',
        3,
        'link-broken',
      ],
      [
        'two entries exchanged',
        'UPDATE audit SET sequence = -3 WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE sequence = 4; UPDATE audit SET sequence = 4 WHERE sequence = -3',
        3,
        'link-broken',
      ],
      ['the last entry cut off', 'DELETE FROM audit WHERE sequence = 5', 5, 'end-missing'],
      ['the last two cut off', 'DELETE FROM audit WHERE sequence > 3', 4, 'end-missing'],
      ['everything cut off', 'DELETE FROM audit', 1, 'genesis-missing'],
      ['a head set back', 'UPDATE audit_head SET entries = 3', 5, 'head-changed'],
      ['no head', 'DELETE FROM audit_head', 5, 'head-changed'],
      ['another station', "UPDATE station SET station_id = 'station-other'", 1, 'genesis-missing'],
    ])('%s', (_, sql, firstBrokenSequence, why) => {
      expect(verdictAfter(sql)).toEqual({ intact: false, firstBrokenSequence, why });
    });

    it('an end cut off together with the head only to someone who noted the head', () => {
      const noted = world.inventory.auditHead();
      const verdict = verdictAfter(
        `DELETE FROM audit WHERE sequence > 3;
         UPDATE audit_head SET entries = 3, hash = (SELECT hash FROM audit WHERE sequence = 3)`,
      );
      expect(verdict.intact).toBe(true);
      expect(world.inventory.verifyAudit(noted)).toEqual({
        intact: false,
        firstBrokenSequence: 4,
        why: 'end-missing',
      });
    });
  });
});
