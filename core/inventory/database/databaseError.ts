// Turns what SQLite and the file system throw into the station's errors, by code, never by message.

import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { asStationError, type ErrorCode, StationError } from '../../domain/stationError.ts';

const ERRNO_CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EROFS: 'storage_read_only',
  EACCES: 'storage_read_only',
  EPERM: 'storage_read_only',
};

function codeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** SQLite does not pass errno on when it cannot open a file; the folder itself can say what is wrong. */
function whyNotOpened(path: string): string | undefined {
  const folder = dirname(path);
  try {
    if (!statSync(folder).isDirectory()) return 'ENOTDIR';
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function fromErrno(errno: string, path: string, cause: unknown): StationError {
  return new StationError(ERRNO_CODES[errno] ?? 'storage_failed', { path, reason: errno }, { cause });
}

/**
 * Names a failure of the database at `path` (result codes: sqlite.org/rescode.html; extended codes begin with the plain
 * one). A constraint that refused a write is `record_refused`; what is not SQLite's or the file system's is `internal`.
 */
export function databaseError(thrown: unknown, path: string): StationError {
  if (thrown instanceof StationError) return thrown;
  const code = codeOf(thrown);
  if (code === undefined) return asStationError(thrown);
  if (!code.startsWith('SQLITE_'))
    return /^E[A-Z]+$/.test(code) ? fromErrno(code, path, thrown) : asStationError(thrown);
  const cause = { cause: thrown };
  // The index of the write-ahead log could not grow: there is no room for it.
  if (code === 'SQLITE_IOERR_SHMSIZE') return new StationError('disk_full', { path, reason: code }, cause);
  switch (code.split('_')[1]) {
    case 'FULL':
      return new StationError('disk_full', { path, reason: code }, cause);
    case 'READONLY':
    case 'PERM':
      return new StationError('storage_read_only', { path, reason: code }, cause);
    case 'CORRUPT':
    case 'NOTADB':
    case 'FORMAT':
      return new StationError('inventory_invalid', { path, reason: code }, cause);
    case 'CANTOPEN': {
      const errno = whyNotOpened(path);
      return errno === undefined
        ? new StationError('storage_failed', { path, reason: code }, cause)
        : fromErrno(errno, path, thrown);
    }
    case 'IOERR':
    case 'BUSY':
    case 'LOCKED':
    case 'NOLFS':
    case 'PROTOCOL':
      return new StationError('storage_failed', { path, reason: code }, cause);
    case 'CONSTRAINT':
      return new StationError(
        'record_refused',
        { reason: thrown instanceof Error ? thrown.message : code, constraint: code },
        cause,
      );
    default:
      return asStationError(thrown);
  }
}
