// Files that are there completely or not at all, whatever happens to the power: write beside, force to the disk, rename.

import {
  closeSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Random } from '../domain/clock.ts';
import { toHex } from '../domain/hex.ts';
import { type ErrorCode, StationError } from '../domain/stationError.ts';

/** Readable by its owner only. */
export const PRIVATE_MODE = 0o600;
export const PUBLIC_MODE = 0o644;

/** Writes a file that must not exist yet and forces it to the disk; its folder still has to be synced. */
export function writeNewFile(path: string, data: string, mode: number): void {
  inStorage(path, () => {
    const file = openSync(path, 'wx', mode);
    try {
      // Past the umask.
      fchmodSync(file, mode);
      const bytes = new TextEncoder().encode(data);
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

/** Puts a file in place, replacing what is there: after a power cut it is the old one or the new one. */
export function replaceFile(path: string, data: string, mode: number, random: Random): void {
  const beside = `${path}.${temporarySuffix(random)}`;
  removeLeftovers(path);
  try {
    writeNewFile(beside, data, mode);
    inStorage(path, () => renameSync(beside, path));
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  syncFolder(dirname(path));
}

/** Makes a folder and those above it, each of them on the disk before this returns. */
export function makeFolder(folder: string): void {
  const firstMade = inStorage(folder, () => mkdirSync(folder, { recursive: true }));
  if (firstMade === undefined) return;
  for (let parent = dirname(folder); parent.length >= dirname(firstMade).length; parent = dirname(parent)) {
    syncFolder(parent);
    if (parent === dirname(parent)) return;
  }
}

/** Forces a folder's entries to the disk. Windows offers no such thing and needs none: NTFS journals its directories. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  inStorage(folder, () => {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  });
}

/** Removes what a write or a ceremony that lost power left beside `path`. */
export function removeLeftovers(path: string): void {
  const folder = dirname(path);
  const prefix = `${basename(path)}.${TEMPORARY}`;
  for (const name of inStorage(folder, () => readdirSync(folder))) {
    const leftover = join(folder, name);
    if (name.startsWith(prefix))
      inStorage(leftover, () => rmSync(leftover, { recursive: true, force: true }));
  }
}

const TEMPORARY = 'partial-';

export const temporarySuffix = (random: Random): string => `${TEMPORARY}${toHex(random.bytes(8))}`;

/** Runs `work`; what the file system refuses becomes `disk_full`, `storage_read_only` or `storage_failed`. */
export function inStorage<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = systemErrorCode(error);
    if (reason === undefined) throw error;
    throw new StationError(STORAGE_CODES[reason] ?? 'storage_failed', { path, reason }, { cause: error });
  }
}

/** `ENOENT` and the like; undefined for what is not an error of the operating system. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && 'syscall' in error ? String(error.code) : undefined;
}

const STORAGE_CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EROFS: 'storage_read_only',
  EACCES: 'storage_read_only',
  EPERM: 'storage_read_only',
};
