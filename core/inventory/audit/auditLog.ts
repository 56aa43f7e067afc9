// The audit log in the database: appends in the transaction of the act itself, reads, verifies.

import { z } from 'zod';
import type { Sha256Hex, StationId } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/run.ts';
import type { Connection } from '../database/connection.ts';
import { rowParser, timeMs } from '../rows/row.ts';
import {
  type AuditEntry,
  type AuditHead,
  type AuditVerdict,
  CHAIN_START,
  hashEntry,
  verifyChain,
} from './auditChain.ts';
import { canonicalJson } from './canonicalJson.ts';

export interface NewAuditEntry {
  readonly act: string;
  readonly actor: string;
  readonly atMs: number;
  readonly details: JsonObject;
}

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((text) => text as Sha256Hex);

export const parseEntryRow = rowParser(
  'audit',
  'sequence',
  z
    .object({
      sequence: z.int(),
      at_ms: timeMs,
      actor: z.string(),
      act: z.string(),
      details: z.string(),
      previous_hash: hash,
      hash,
    })
    .transform(
      (row): AuditEntry => ({
        sequence: row.sequence,
        atMs: row.at_ms,
        actor: row.actor,
        act: row.act,
        details: row.details,
        previousHash: row.previous_hash,
        hash: row.hash,
      }),
    ),
);
const parseHeadRow = rowParser('audit_head', 'only_row', z.object({ entries: z.int(), hash }));

/** As UTF-8 will keep it: a lone surrogate would come back changed and look like tampering. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

const PAGE_SIZE = 500;

export function createAuditLog(connection: Connection) {
  const head = (): AuditHead =>
    parseHeadRow(connection.get('SELECT entries, hash FROM audit_head WHERE only_row = 1'));

  /** Adds an entry to the transaction that is under way: the act and its trace stand or fall together. */
  function record(entry: NewAuditEntry): void {
    const { entries, hash: previousHash } = head();
    const next = {
      sequence: entries + 1,
      atMs: entry.atMs,
      actor: wellFormed(entry.actor),
      act: wellFormed(entry.act),
      details: canonicalJson(entry.details),
      previousHash,
    };
    connection.run(
      `INSERT INTO audit (sequence, at_ms, actor, act, details, previous_hash, hash)
       VALUES (@sequence, @atMs, @actor, @act, @details, @previousHash, @hash)`,
      { ...next, hash: hashEntry(next) },
    );
  }

  const append = (entry: NewAuditEntry): void =>
    connection.write('append', { act: entry.act }, () => record(entry));

  function* rawEntries(): Generator<AuditEntry | undefined> {
    for (const row of connection.each('SELECT * FROM audit ORDER BY sequence')) {
      try {
        yield parseEntryRow(row);
      } catch {
        yield undefined;
      }
    }
  }

  /** A head that is missing or damaged matches no chain: `head-changed`. */
  function headOrNone(): AuditHead {
    try {
      return head();
    } catch {
      return { entries: -1, hash: CHAIN_START };
    }
  }

  /** Walks the whole chain; see verifyChain for what that can and cannot detect. */
  const verifyAudit = (stationId: StationId, anchor?: AuditHead): AuditVerdict =>
    connection.read(() => verifyChain(rawEntries(), { stationId, head: headOrNone(), anchor }));

  /** The entries after `afterSequence`, oldest first, at most `limit`. */
  const auditEntries = (afterSequence = 0, limit = PAGE_SIZE): readonly AuditEntry[] =>
    connection
      .all('SELECT * FROM audit WHERE sequence > @afterSequence ORDER BY sequence LIMIT @limit', {
        afterSequence,
        limit,
      })
      .map(parseEntryRow);

  return { record, append, head, verifyAudit, auditEntries };
}

export type AuditLog = ReturnType<typeof createAuditLog>;
