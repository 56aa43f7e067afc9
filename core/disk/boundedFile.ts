// Files that people name, read whole: a limit holds for what has no size to ask for, too (pipes, /dev/zero).

import { closeSync, openSync, readSync } from 'node:fs';

/** Lists of a million devices are shorter. */
export const FILE_MAX_SIZE_BYTES = 16 * 1024 * 1024;
const CHUNK_SIZE_BYTES = 64 * 1024;

/** A file by its path or an open descriptor; undefined for one that is longer than the limit. Throws what the system throws. */
export function readWholeFile(file: string | number, maxSizeBytes = FILE_MAX_SIZE_BYTES): Buffer | undefined {
  const descriptor = typeof file === 'number' ? file : openSync(file, 'r');
  const chunks: Buffer[] = [];
  try {
    for (let sizeBytes = 0; sizeBytes <= maxSizeBytes; ) {
      // Filled before the next is made: a pipe may give an octet at a time.
      const used = sizeBytes % CHUNK_SIZE_BYTES;
      const chunk = (used > 0 && chunks.at(-1)) || Buffer.alloc(CHUNK_SIZE_BYTES);
      if (used === 0) chunks.push(chunk);
      const read = readSync(descriptor, chunk, used, CHUNK_SIZE_BYTES - used, null);
      if (read === 0) return Buffer.concat(chunks, sizeBytes);
      sizeBytes += read;
    }
    return undefined;
  } finally {
    // It may have been a key or a passphrase.
    for (const chunk of chunks) chunk.fill(0);
    if (typeof file === 'string') closeSync(descriptor);
  }
}
