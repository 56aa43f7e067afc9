// Files that a host writes for others: small ones whole, long ones as a stream.

import { join } from 'node:path';
import { writeFileAtomically } from './atomicFile.ts';
import { storageErrors } from './storageErrors.ts';

/** Writes files into a folder, made if need be; gives their paths. */
export function writeFiles(
  folder: string,
  files: readonly { readonly fileName: string; readonly bytes: Uint8Array }[],
  mode = 0o644,
): readonly string[] {
  return files.map(({ fileName, bytes }) => {
    const path = join(folder, fileName);
    storageErrors(path, () => writeFileAtomically(path, bytes, mode));
    return path;
  });
}

/** Streams text into a file, which is whole or not there; gives its size. */
export const writeLines = (path: string, pieces: Iterable<string>, mode = 0o644): number =>
  storageErrors(path, () => writeFileAtomically(path, pieces, mode));

/** Device serials may hold characters that file names may not. */
export const fileStem = (deviceSerial: string): string => deviceSerial.replace(/[/:+]/g, '_');
