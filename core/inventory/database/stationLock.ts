// One host at a time owns a station. The lock is an exclusive SQLite transaction: the operating system lets go of it
// when the process ends, however it ends, so that no stale lock ever needs a person.

import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import Sqlite from 'better-sqlite3';
import { z } from 'zod';
import { StationError } from '../../domain/stationError.ts';
import { databaseError } from './databaseError.ts';

export interface StationLock {
  /** Lets the next host in. Safe to call twice. */
  release(): void;
}

const holderSchema = z.object({ pid: z.int(), host: z.string().max(255), since: z.string().max(40) });

/** Who holds the lock, for the error only: the file may be missing, old or half written and decides nothing. */
function readHolder(path: string): { pid?: number; host?: string; since?: string } {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return {};
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY');

/**
 * Takes the lock of the station in `dataFolder`, which must exist. `station_locked` (pid, host, since) when another
 * host holds it. The holder's facts stand in a second file: on POSIX systems, opening and closing `station.lock` itself
 * anywhere in this process would drop the lock (fcntl(2), "Record locking").
 */
export function acquireStationLock(dataFolder: string, nowMs: number): StationLock {
  const path = join(resolve(dataFolder), 'station.lock');
  const holderPath = join(resolve(dataFolder), 'station.holder.json');
  let database: Sqlite.Database | undefined;
  try {
    statSync(dirname(path)); // for its error code: better-sqlite3 has only words for a missing folder
    database = new Sqlite(path, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    const holder = { pid: process.pid, host: hostname(), since: new Date(nowMs).toISOString() };
    writeFileSync(`${holderPath}.new`, `${JSON.stringify(holder)}\n`);
    renameSync(`${holderPath}.new`, holderPath);
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw new StationError('station_locked', { dataFolder, ...readHolder(holderPath) });
    throw databaseError(error, path);
  }
  const held = database;
  return {
    release: () => {
      if (!held.open) return;
      try {
        rmSync(holderPath, { force: true });
      } finally {
        held.close();
      }
    },
  };
}
