// A copy of the inventory that was proven to be one before it got its name.
//
// To restore: stop the station, check the copy (`keyline audit verify` and `keyline doctor` read it in place), copy it over
// inventory.sqlite and remove inventory.sqlite-wal and -shm. Certificates that were issued after the backup are then
// unknown here though devices hold them: provision those devices again.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { StationError } from '../../domain/stationError.ts';
import type { Connection } from './connection.ts';
import { databaseError } from './databaseError.ts';
import { checkVersion, newestVersion } from './migrate.ts';

/** Folds the write-ahead log in, so that the copy is one plain file, and reads every page of it. */
function proveCopy(path: string): void {
  const database = new Sqlite(path, { fileMustExist: true });
  try {
    database.pragma('journal_mode = DELETE');
    const version = checkVersion(database, path);
    const integrity = database.pragma('quick_check(1)', { simple: true });
    if (version !== newestVersion() || integrity !== 'ok') {
      throw new StationError('inventory_invalid', { path, reason: String(integrity) });
    }
  } finally {
    database.close();
  }
}

function syncToDisk(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

async function writeProven(connection: Connection, path: string): Promise<void> {
  statSync(dirname(path)); // for its error code: better-sqlite3 has only words for a missing folder
  const unproven = `${path}.${process.pid}.part`;
  try {
    rmSync(unproven, { force: true });
    await connection.copyTo(unproven);
    proveCopy(unproven);
    if (process.platform !== 'win32') syncToDisk(unproven);
    renameSync(unproven, path);
    if (process.platform !== 'win32') syncToDisk(dirname(path));
  } finally {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(unproven + suffix, { force: true });
  }
}

/**
 * Writes a backup to `target` while the station works on; an existing file is replaced only by a complete, checked one.
 * Throws `disk_full`, `storage_read_only`, `storage_failed`, `inventory_invalid`.
 */
export async function backUp(connection: Connection, target: string): Promise<void> {
  const path = resolve(target);
  try {
    await writeProven(connection, path);
  } catch (error) {
    throw databaseError(error, path);
  }
}
