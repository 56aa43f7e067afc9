import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sha256Hex } from '../../../core/domain/ids.ts';
import {
  type AuditEntry,
  CHAIN_START,
  GENESIS_ACT,
  hashEntry,
  verifyChain,
} from '../../../core/inventory/audit/auditChain.ts';

const stationId = 'station-1';

/** A chain of `length` entries, the first of which names the station. */
function chainOf(length: number): readonly AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const entry = {
      sequence,
      atMs: 1_000 + sequence,
      actor: 'Ada',
      act: sequence === 1 ? GENESIS_ACT : 'run-closed',
      details: sequence === 1 ? `{"stationId":"${stationId}"}` : `{"n":${sequence}}`,
      previousHash: entries.at(-1)?.hash ?? CHAIN_START,
    };
    entries.push({ ...entry, hash: hashEntry(entry) });
  }
  return entries;
}

const headOf = (entries: readonly AuditEntry[]) => ({
  entries: entries.length,
  hash: entries.at(-1)?.hash ?? CHAIN_START,
});

/** The later entries computed anew, as someone would who can write the file and knows the rules. */
function rehashed(entries: readonly AuditEntry[]): readonly AuditEntry[] {
  const result: AuditEntry[] = [];
  for (const entry of entries) {
    const next = { ...entry, previousHash: result.at(-1)?.hash ?? CHAIN_START };
    result.push({ ...next, hash: hashEntry(next) });
  }
  return result;
}

const length = 8;
const chain = chainOf(length);
const head = headOf(chain);
const index = fc.integer({ min: 0, max: length - 1 });

describe('the audit chain', () => {
  it('has the hash that jq and sha256sum give', () => {
    // printf '%s' '[1,1001,"Ada","inventory-created","{\"stationId\":\"station-1\"}","000…000"]' | sha256sum
    expect(chain[0]?.hash).toBe('774649042ec537c94b35b9f9c57fe5f507adbc1c88186f5932689a1533bfe08c');
  });

  it('is intact as written', () => {
    expect(verifyChain(chain, { stationId, head })).toEqual({ intact: true, entries: length, head });
  });

  it('shows any edit of any part of any entry', () => {
    const edits: readonly ((entry: AuditEntry) => AuditEntry)[] = [
      (entry) => ({ ...entry, atMs: entry.atMs + 1 }),
      (entry) => ({ ...entry, actor: 'Eve' }),
      (entry) => ({ ...entry, act: `${entry.act} ` }),
      (entry) => ({ ...entry, details: entry.details.replace('{', '{ ') }),
      (entry) => ({ ...entry, sequence: entry.sequence + 1 }),
      (entry) => ({ ...entry, hash: entry.hash.replace(/^./, (c) => (c === '0' ? '1' : '0')) as Sha256Hex }),
      (entry) => ({
        ...entry,
        previousHash: entry.previousHash.replace(/.$/, (c) => (c === '0' ? '1' : '0')) as Sha256Hex,
      }),
    ];
    fc.assert(
      fc.property(index, fc.constantFrom(...edits), (at, edit) => {
        const tampered = chain.map((entry, i) => (i === at ? edit(entry) : entry));
        expect(verifyChain(tampered, { stationId, head })).toMatchObject({
          intact: false,
          firstBrokenSequence: at + 1,
        });
      }),
    );
  });

  it('shows what was removed, swapped, inserted or doubled', () => {
    fc.assert(
      fc.property(index, index, (at, other) => {
        const removed = chain.filter((_, i) => i !== at);
        expect(verifyChain(removed, { stationId, head }).intact).toBe(false);
        const doubled = chain.flatMap((entry, i) => (i === at ? [entry, entry] : [entry]));
        expect(verifyChain(doubled, { stationId, head }).intact).toBe(false);
        fc.pre(at !== other);
        const swapped = chain.map((entry, i) => (i === at ? chain[other] : i === other ? chain[at] : entry));
        expect(verifyChain(swapped, { stationId, head }).intact).toBe(false);
      }),
    );
  });

  it('shows entries cut off the end, by the head', () => {
    fc.assert(
      fc.property(index, (kept) => {
        expect(verifyChain(chain.slice(0, kept), { stationId, head })).toEqual({
          intact: false,
          firstBrokenSequence: kept + 1,
          why: kept === 0 ? 'genesis-missing' : 'end-missing',
        });
      }),
    );
  });

  it('cannot show a chain that was computed anew, unless a head was noted elsewhere', () => {
    const forged = rehashed(chain.map((entry, i) => (i === 3 ? { ...entry, actor: 'Eve' } : entry)));
    const expected = { stationId, head: headOf(forged) };
    expect(verifyChain(forged, expected).intact).toBe(true);
    expect(verifyChain(forged, { ...expected, anchor: head })).toMatchObject({
      intact: false,
      why: 'anchor-missed',
    });
    const shorter = { stationId, head: headOf(chain.slice(0, 5)), anchor: head };
    expect(verifyChain(chain.slice(0, 5), shorter)).toMatchObject({
      firstBrokenSequence: 6,
      why: 'end-missing',
    });
    expect(verifyChain(chain, { stationId, head, anchor: headOf(chain.slice(0, 5)) }).intact).toBe(true);
  });

  it('belongs to one station', () => {
    expect(verifyChain(chain, { stationId: 'station-2', head })).toMatchObject({ why: 'genesis-missing' });
    const other = rehashed(chain.map((entry, i) => (i === 0 ? { ...entry, act: 'run-closed' } : entry)));
    expect(verifyChain(other, { stationId, head: headOf(other) })).toMatchObject({ why: 'genesis-missing' });
  });

  it('stops at an entry that cannot be read, and at a head that was changed', () => {
    expect(verifyChain([...chain.slice(0, 2), undefined], { stationId, head })).toEqual({
      intact: false,
      firstBrokenSequence: 3,
      why: 'unreadable',
    });
    expect(verifyChain(chain, { stationId, head: { ...head, hash: CHAIN_START } })).toMatchObject({
      why: 'head-changed',
    });
    expect(verifyChain(chain, { stationId, head: { ...head, entries: 3 } })).toMatchObject({
      why: 'head-changed',
    });
  });
});
