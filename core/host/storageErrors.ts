// The file system's refusals as failures of the station that an operator can act on.

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { StationError } from '../domain/stationError.ts';

/** Runs `work` on files below `path`; ENOSPC, EROFS and their kin become `disk_full`, `storage_read_only`, `storage_failed`. */
export function storageErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw asStorageError(path, cause);
  }
}

/** What the file system threw as the station's failure; anything else as it is. */
export function asStorageError(path: string, cause: unknown): unknown {
  if (cause instanceof StationError) return cause;
  const code = codeOf(cause, path);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new StationError('disk_full', { path }, { cause });
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new StationError('storage_read_only', { path }, { cause });
    case undefined:
      return cause;
    default:
      return new StationError('storage_failed', { path, reason: code }, { cause });
  }
}

/** Making a folder with those above it says ENOENT on a read-only file system (Node 24): the nearest one that is there says why. */
function codeOf(cause: unknown, path: string): string | undefined {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== 'ENOENT') return code;
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return code;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code;
  }
}
