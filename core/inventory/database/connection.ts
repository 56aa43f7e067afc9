// The one way to the database for the stores: cached statements, durable writes, and errors the station knows.

import { channel } from 'node:diagnostics_channel';
import type Sqlite from 'better-sqlite3';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import { databaseError } from './databaseError.ts';

export type SqlValue = string | number | Uint8Array | null | undefined;
export type SqlParameters = Readonly<Record<string, SqlValue>>;

/**
 * Announces every durable write, `before` it begins and `after` it is committed. Fault tests end the process exactly
 * there; nothing in the product listens.
 */
export const JOURNAL_CHANNEL = 'keyline.journal';
export interface JournalMessage {
  readonly when: 'before' | 'after';
  /** The port method: `recordIssued`, `closeRun`. */
  readonly what: string;
  readonly facts: JsonObject;
}

export interface Connection {
  readonly path: string;
  get(sql: string, parameters?: SqlParameters): unknown;
  all(sql: string, parameters?: SqlParameters): readonly unknown[];
  /** Rows one by one. Nothing else may use the connection before the last was taken: never hand this outside. */
  each(sql: string, parameters?: SqlParameters): Generator<unknown, void, undefined>;
  /** Changes rows, inside `write` only; returns how many. */
  run(sql: string, parameters?: SqlParameters): number;
  /** One durable transaction: when it returns, what `body` wrote survives a power cut; when it throws, nothing was written. */
  write<T>(what: string, facts: JsonObject, body: () => T): T;
  /** One consistent view, whatever another process writes meanwhile. */
  read<T>(body: () => T): T;
  /** Copies the database, page by page, while it stays in use. */
  copyTo(path: string): Promise<void>;
  close(): void;
}

/** Wraps an open, configured database. */
export function createConnection(database: Sqlite.Database, path: string): Connection {
  const statements = new Map<string, Sqlite.Statement>();
  const journal = channel(JOURNAL_CHANNEL);
  const transaction = database.transaction((body: () => unknown) => body());

  const guard = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw databaseError(error, path);
    }
  };
  const statement = (sql: string): Sqlite.Statement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    statements.set(sql, made);
    return made;
  };

  return {
    path,
    get: (sql, parameters = {}) => guard(() => statement(sql).get(parameters)),
    all: (sql, parameters = {}) => guard(() => statement(sql).all(parameters)),
    *each(sql, parameters = {}) {
      try {
        yield* statement(sql).iterate(parameters);
      } catch (error) {
        throw databaseError(error, path);
      }
    },
    run: (sql, parameters = {}) => {
      if (!database.inTransaction) throw new StationError('internal', { message: 'a write outside write()' });
      return guard(() => statement(sql).run(parameters).changes);
    },
    write: (what, facts, body) => {
      if (database.inTransaction)
        throw new StationError('internal', { message: `${what} inside another write` });
      journal.publish({ when: 'before', what, facts } satisfies JournalMessage);
      // IMMEDIATE takes the write lock at once: what `body` reads cannot change before it writes.
      const result = guard(() => transaction.immediate(body));
      journal.publish({ when: 'after', what, facts } satisfies JournalMessage);
      return result as ReturnType<typeof body>;
    },
    read: (body) =>
      database.inTransaction ? body() : (guard(() => transaction.deferred(body)) as ReturnType<typeof body>),
    copyTo: async (target) => {
      try {
        await database.backup(target);
      } catch (error) {
        throw databaseError(error, target);
      }
    },
    close: () => {
      statements.clear();
      guard(() => database.close());
    },
  };
}
