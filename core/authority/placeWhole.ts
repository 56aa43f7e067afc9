// A folder of the authority that appears at once, with everything in it, or not at all.

import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeFolder, partialPath, removePartial, syncFolder } from '../disk/durableFolder.ts';
import { storageErrors, systemErrorCode } from '../disk/storageErrors.ts';
import { StationError } from '../domain/stationError.ts';

/**
 * `fill` writes into a folder beside `target`, which then gets its name. Throws `authority_exists` unless `target` is empty
 * or missing, those of the disk, and what `fill` throws.
 */
export function placeWhole(target: string, fill: (beside: string) => void): void {
  const folder = resolve(target);
  const entries = storageErrors(folder, () => (existsSync(folder) ? readdirSync(folder) : []));
  if (entries.length > 0) throw new StationError('authority_exists', { path: folder });
  makeFolder(dirname(folder));
  // Keys that never signed a device.
  removePartial(folder);
  const beside = partialPath(folder);
  try {
    storageErrors(beside, () => mkdirSync(beside, { mode: 0o700 }));
    fill(beside);
    syncFolder(beside);
    putInPlace(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

function putInPlace(beside: string, folder: string): void {
  try {
    storageErrors(folder, () => {
      // Only an empty folder can be removed so; somebody else's authority stays.
      if (existsSync(folder)) rmdirSync(folder);
      renameSync(beside, folder);
    });
    syncFolder(dirname(folder));
  } catch (error) {
    const reason = error instanceof StationError ? systemErrorCode(error.cause) : undefined;
    if (reason === 'ENOTEMPTY' || reason === 'EEXIST')
      throw new StationError('authority_exists', { path: folder });
    throw error;
  }
}
