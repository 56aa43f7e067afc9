// The audit log's arithmetic: each entry's hash covers the entry and the hash before it, so that an entry that was
// edited, removed, added or moved breaks the chain from there on. Knows nothing of the database.

import { createHash } from 'node:crypto';
import type { Sha256Hex } from '../../domain/ids.ts';

export interface AuditEntry {
  /** 1, 2, 3 … without a gap. */
  readonly sequence: number;
  readonly atMs: number;
  readonly actor: string;
  readonly act: string;
  /** Canonical JSON, exactly as it was hashed. */
  readonly details: string;
  readonly previousHash: Sha256Hex;
  readonly hash: Sha256Hex;
}

/** Where the chain ends. Written down elsewhere (paper, another machine), it is an anchor nobody here can move. */
export interface AuditHead {
  readonly entries: number;
  readonly hash: Sha256Hex;
}

/** What stands before the first entry. */
export const CHAIN_START = '0'.repeat(64) as Sha256Hex;

/** The first entry names the station, which ties all later ones to it. */
export const GENESIS_ACT = 'inventory-created';

/**
 * SHA-256 over the UTF-8 text of the JSON array `[sequence, atMs, actor, act, details, previousHash]`, written without
 * white space; `details` is a string in it. Anyone can compute it again with jq and sha256sum.
 */
export function hashEntry(entry: Omit<AuditEntry, 'hash'>): Sha256Hex {
  const { sequence, atMs, actor, act, details, previousHash } = entry;
  const text = JSON.stringify([sequence, atMs, actor, act, details, previousHash]);
  return createHash('sha256').update(text, 'utf8').digest('hex') as Sha256Hex;
}

export type BreakReason =
  | 'sequence-gap'
  | 'link-broken'
  | 'entry-changed'
  | 'genesis-missing'
  | 'end-missing'
  | 'head-changed'
  | 'anchor-missed'
  | 'unreadable';

export type AuditVerdict =
  | { readonly intact: true; readonly entries: number; readonly head: AuditHead }
  | { readonly intact: false; readonly firstBrokenSequence: number; readonly why: BreakReason };

const broken = (firstBrokenSequence: number, why: BreakReason): AuditVerdict => ({
  intact: false,
  firstBrokenSequence,
  why,
});

/** The station a chain was begun for, as its first entry says. */
function isGenesis(entry: AuditEntry, stationId: string): boolean {
  if (entry.act !== GENESIS_ACT) return false;
  const details: unknown = JSON.parse(entry.details);
  return (
    typeof details === 'object' &&
    details !== null &&
    'stationId' in details &&
    details.stationId === stationId
  );
}

/**
 * Walks the chain. What it can detect: any change to an entry, a gap, a swap, entries cut off the end (the stored head
 * still counts them), another station's chain. What no chain without a secret can detect: someone who can write the file
 * and rewrites every entry from some point on together with the head. Against that there is `anchor`: a head that was
 * noted outside this computer must still lie on the chain.
 */
export function verifyChain(
  entries: Iterable<AuditEntry | undefined>,
  expected: { readonly stationId: string; readonly head: AuditHead; readonly anchor?: AuditHead | undefined },
): AuditVerdict {
  const { head, anchor } = expected;
  let last: AuditHead = { entries: 0, hash: CHAIN_START };
  for (const entry of entries) {
    const sequence = last.entries + 1;
    if (entry === undefined) return broken(sequence, 'unreadable');
    if (entry.sequence !== sequence) return broken(sequence, 'sequence-gap');
    if (entry.previousHash !== last.hash) return broken(sequence, 'link-broken');
    if (hashEntry(entry) !== entry.hash) return broken(sequence, 'entry-changed');
    if (sequence === 1 && !isGenesis(entry, expected.stationId)) return broken(1, 'genesis-missing');
    if (anchor?.entries === sequence && anchor.hash !== entry.hash) return broken(sequence, 'anchor-missed');
    last = { entries: sequence, hash: entry.hash };
  }
  if (last.entries === 0) return broken(1, 'genesis-missing');
  if (last.entries < head.entries) return broken(last.entries + 1, 'end-missing');
  if (last.entries !== head.entries || last.hash !== head.hash) return broken(last.entries, 'head-changed');
  if (anchor !== undefined && anchor.entries > last.entries) return broken(last.entries + 1, 'end-missing');
  return { intact: true, entries: last.entries, head: last };
}
