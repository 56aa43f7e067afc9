// Files that a host writes for others: small ones whole, long ones as a stream.

import { join } from 'node:path';
import { replaceFile, replaceFileInTurns } from '../disk/durableFile.ts';
import { asStorageError } from '../disk/storageErrors.ts';

/** Writes files into a folder, made if need be; gives their paths. */
export function writeFiles(
  folder: string,
  files: readonly { readonly fileName: string; readonly bytes: Uint8Array }[],
  mode = 0o644,
): readonly string[] {
  return files.map(({ fileName, bytes }) => {
    const path = join(folder, fileName);
    replaceFile(path, bytes, mode);
    return path;
  });
}

/** Streams text into a file, which is whole or not there; gives its size. */
export const writeLines = (path: string, pieces: Iterable<string>, mode = 0o644): number =>
  replaceFile(path, pieces, mode);

/** The same for as long as nobody calls it off; then the file is as it was. Throws the signal's reason. */
export const writeLinesUntil = (
  signal: AbortSignal,
  path: string,
  pieces: Iterable<string>,
  mode = 0o644,
): Promise<number> =>
  replaceFileInTurns(path, pieces, mode, signal).catch((cause: unknown) => {
    throw asStorageError(path, cause);
  });

/** Device serials may hold characters that file names may not. */
export const fileStem = (deviceSerial: string): string => deviceSerial.replace(/[/:+]/g, '_');
