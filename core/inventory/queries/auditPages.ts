// The audit log as a screen reads it: newest first, filtered, any window. It verifies nothing; see audit/auditLog.ts.

import { z } from 'zod';
import type { AuditEntry } from '../audit/auditChain.ts';
import { parseEntryRow } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { readCount } from '../rows/row.ts';

export interface AuditPageQuery {
  /** Part of an act, an actor or the details. */
  readonly search?: string | undefined;
  readonly act?: string | undefined;
  readonly actor?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly offset: number;
  readonly limit: number;
}

export interface AuditPage {
  readonly total: number;
  readonly entries: readonly AuditEntry[];
  readonly acts: readonly string[];
  readonly actors: readonly string[];
}

const NAMES_MAX = 200;
const parseName = z.object({ name: z.string() });

export function createAuditPages(connection: Connection) {
  const names = (column: 'act' | 'actor'): readonly string[] =>
    connection
      .all(`SELECT DISTINCT ${column} AS name FROM audit ORDER BY 1 LIMIT ${NAMES_MAX}`)
      .map((row) => parseName.parse(row).name);

  return {
    auditPage: ({ search, act, actor, fromMs, toMs, offset, limit }: AuditPageQuery): AuditPage =>
      connection.read(() => {
        const clauses = [
          ...(act === undefined ? [] : ['act = @act']),
          ...(actor === undefined ? [] : ['actor = @actor']),
          ...(fromMs === undefined ? [] : ['at_ms >= @fromMs']),
          ...(toMs === undefined ? [] : ['at_ms < @toMs']),
          ...(search === undefined || search === ''
            ? []
            : ['(instr(lower(details), @sought) OR instr(lower(actor), @sought) OR instr(act, @sought))']),
        ];
        const where = clauses.length === 0 ? '' : `WHERE ${clauses.join(' AND ')}`;
        const parameters = { act, actor, fromMs, toMs, sought: search?.toLowerCase() };
        return {
          total: readCount(connection.get(`SELECT count(*) AS count FROM audit ${where}`, parameters)),
          entries: connection
            .all(`SELECT * FROM audit ${where} ORDER BY sequence DESC LIMIT @limit OFFSET @offset`, {
              ...parameters,
              limit,
              offset,
            })
            .map(parseEntryRow),
          acts: names('act'),
          actors: names('actor'),
        };
      }),
  };
}
