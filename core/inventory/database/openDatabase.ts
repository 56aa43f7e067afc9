// Opens the inventory's file so that what is committed stays committed, and refuses files that are not ours.

import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { StationError } from '../../domain/stationError.ts';
import { type Connection, createConnection } from './connection.ts';
import { databaseError } from './databaseError.ts';
import { checkVersion, migrate, newestVersion } from './migrate.ts';

const BUSY_TIMEOUT_MS = 5_000;

/** Settings of the connection; none is stored in the file. */
function harden(database: Sqlite.Database): void {
  database.pragma('foreign_keys = ON');
  database.pragma('recursive_triggers = ON'); // so that REPLACE fires the triggers that refuse deletion
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
}

/** Each commit reaches the disk before it returns: sqlite.org/pragma.html, synchronous and fullfsync (macOS). */
function makeDurable(database: Sqlite.Database, path: string): void {
  const mode = database.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal')
    throw new StationError('storage_failed', { path, reason: `journal mode ${String(mode)}` });
  database.pragma('synchronous = FULL');
  database.pragma('fullfsync = ON');
  database.pragma('checkpoint_fullfsync = ON');
}

function open(
  path: string,
  options: Sqlite.Options,
  prepare: (database: Sqlite.Database) => void,
): Connection {
  let database: Sqlite.Database | undefined;
  try {
    statSync(dirname(path)); // for its error code: better-sqlite3 has only words for a missing folder
    database = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS, ...options });
    harden(database);
    prepare(database);
    return createConnection(database, path);
  } catch (error) {
    database?.close();
    throw databaseError(error, path);
  }
}

/**
 * Opens the database for reading and writing, creates it where it is missing and migrates it. The folder must exist.
 * Throws `inventory_invalid`, `inventory_newer`, `disk_full`, `storage_read_only`, `storage_failed`.
 */
export function openDatabase(file: string): Connection {
  const path = resolve(file);
  return open(path, {}, (database) => {
    checkVersion(database, path);
    makeDurable(database, path);
    migrate(database);
  });
}

/**
 * Opens an existing database for reading, also while a station writes to it. Throws `station_missing` where there is
 * none and `inventory_older` where a host must first open it for writing, which migrates it.
 */
export function openDatabaseReadOnly(file: string): Connection {
  const path = resolve(file);
  if (!existsSync(path)) throw new StationError('station_missing', { path });
  return open(path, { readonly: true, fileMustExist: true }, (database) => {
    const version = checkVersion(database, path);
    if (version === 0) throw new StationError('station_missing', { path }); // an empty file
    if (version !== newestVersion()) {
      throw new StationError('inventory_older', { path, found: version, known: newestVersion() });
    }
  });
}

/** The schema that the migrations make, for comparison with what a file holds. */
export function expectedSchema(): readonly unknown[] {
  const database = new Sqlite(':memory:');
  try {
    migrate(database);
    return database.prepare(SCHEMA_SQL).all();
  } finally {
    database.close();
  }
}

/** Every object a migration makes, with its text. */
export const SCHEMA_SQL =
  "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name";
