// Folders whose entries are on the disk, and what a write that lost power left in them.

import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { storageErrors } from './storageErrors.ts';

/** Makes a folder and those above it, for their owner only, each of them on the disk before this returns. */
export function makeFolder(folder: string): void {
  const firstMade = storageErrors(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  if (firstMade === undefined) return;
  for (let parent = dirname(folder); parent.length >= dirname(firstMade).length; parent = dirname(parent)) {
    syncFolder(parent);
    if (parent === dirname(parent)) return;
  }
}

/** Forces a folder's entries to the disk. Windows offers no such thing and needs none: NTFS journals its directories. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  storageErrors(folder, () => {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  });
}

const PARTIAL = 'partial-';
let made = 0;

/** A name beside `path` for what will take its place: no other process has it, nor another write of this one. */
export function partialPath(path: string): string {
  made += 1;
  return `${path}.${PARTIAL}${process.pid.toString(16)}${made.toString(16).padStart(6, '0')}`;
}

/** Removes what a write or a ceremony that lost power left beside `path`. */
export function removePartial(path: string): void {
  const folder = dirname(path);
  const prefix = `${basename(path)}.${PARTIAL}`;
  // Only what `partialPath` names: the folder may be a user's, with files of a like name.
  const isLeftover = (name: string): boolean =>
    name.startsWith(prefix) && /^[0-9a-f]+$/.test(name.slice(prefix.length));
  for (const name of storageErrors(folder, () => readdirSync(folder))) {
    const leftover = join(folder, name);
    if (isLeftover(name)) storageErrors(leftover, () => rmSync(leftover, { recursive: true, force: true }));
  }
}
