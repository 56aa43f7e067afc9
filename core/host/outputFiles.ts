// Files that a host writes for others: small ones whole, long ones as a stream.

import { closeSync, fchmodSync, fstatSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
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

/** Streams text into a file, a piece at a time; gives its size. */
export function writeLines(path: string, pieces: Iterable<string>, mode = 0o644): number {
  return storageErrors(path, () => {
    mkdirSync(join(path, '..'), { recursive: true });
    const file = openSync(path, 'w', mode);
    let size = 0;
    const chunk: string[] = [];
    let chunkSize = 0;
    const flush = (): void => {
      const bytes = Buffer.from(chunk.splice(0).join(''), 'utf8');
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      size += bytes.length;
      chunkSize = 0;
    };
    try {
      // A file that was there keeps its own permissions otherwise, and what comes now may be secret.
      if (fstatSync(file).isFile()) fchmodSync(file, mode);
      for (const piece of pieces) {
        chunk.push(piece);
        chunkSize += piece.length;
        if (chunkSize > 256 * 1024) flush();
      }
      flush();
      fsyncSync(file);
      return size;
    } finally {
      closeSync(file);
    }
  });
}

/** Device serials may hold characters that file names may not. */
export const fileStem = (deviceSerial: string): string => deviceSerial.replace(/[/:+]/g, '_');
