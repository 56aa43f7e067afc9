// The file system's refusals as failures of the station that an operator can act on.

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, StationError } from '../domain/stationError.ts';

/** Runs `work` on files below `path`; ENOSPC, EROFS and their kin become `disk_full`, `storage_read_only`, `path_unusable`, `storage_failed`. */
export function storageErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw asStorageError(path, cause);
  }
}

/** What the file system threw as the station's failure; anything else as it is. */
export function asStorageError(path: string, cause: unknown): unknown {
  const reason = reasonOf(cause, path);
  if (reason === undefined) return cause;
  return new StationError(STORAGE_CODES[reason] ?? 'storage_failed', { path, reason }, { cause });
}

/** `ENOENT` and the like; undefined for what is not an error of the operating system. */
export function systemErrorCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** Making a folder with those above it says ENOENT on a read-only file system (Node 24): the nearest one that is there says why. */
function reasonOf(cause: unknown, path: string): string | undefined {
  const code = systemErrorCode(cause);
  if (code !== 'ENOENT') return code;
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return code;
  } catch (thrown) {
    return systemErrorCode(thrown);
  }
}

const STORAGE_CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EFBIG: 'disk_full',
  EROFS: 'storage_read_only',
  EACCES: 'storage_read_only',
  EPERM: 'storage_read_only',
  // The disk is well: no such file can be there.
  EISDIR: 'path_unusable',
  ENOTDIR: 'path_unusable',
  EEXIST: 'path_unusable',
  ENAMETOOLONG: 'path_unusable',
  ELOOP: 'path_unusable',
};
