// The output of a batch as a file of lines, readable by its owner only: it holds private keys.

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { PRIVATE_MODE } from '../../disk/durableFile.ts';
import { makeFolder, syncFolder } from '../../disk/durableFolder.ts';
import { storageErrors } from '../../disk/storageErrors.ts';
import { StationError } from '../../domain/stationError.ts';
import type { BatchOutput } from './port.ts';

const CHUNK_SIZE_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

/** Opens the file or makes it, with its folder. Throws `disk_full`, `storage_read_only`, `path_unusable`, `storage_failed`. */
export function openFileOutput(path: string): BatchOutput {
  makeFolder(dirname(path));
  const { descriptor, made } = storageErrors(path, () => openOrMake(path));
  if (made) syncFolder(dirname(path));
  const found = storageErrors(path, () => fstatSync(descriptor));
  if (!found.isFile()) {
    closeSync(descriptor);
    throw new StationError('path_unusable', { path, reason: 'no-file' });
  }
  let sizeBytes = found.size;
  return {
    path,
    get sizeBytes() {
      return sizeBytes;
    },
    append(bytes) {
      storageErrors(path, () => {
        for (let written = 0; written < bytes.length; ) {
          written += writeSync(descriptor, bytes, written, bytes.length - written, sizeBytes + written);
        }
        fsyncSync(descriptor);
      });
      sizeBytes += bytes.length;
    },
    *linesFrom(offsetBytes) {
      let rest = Buffer.alloc(0);
      let position = offsetBytes;
      for (;;) {
        const chunk = Buffer.alloc(CHUNK_SIZE_BYTES);
        const from = position;
        const size = storageErrors(path, () => readSync(descriptor, chunk, 0, chunk.length, from));
        if (size === 0) break;
        position += size;
        rest = Buffer.concat([rest, chunk.subarray(0, size)]);
        for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED)) {
          const text = rest.toString('utf8', 0, end);
          rest = rest.subarray(end + 1);
          yield { text, endOffsetBytes: position - rest.length, finished: true };
        }
        // No line is this long: what stands here was not written by a batch.
        if (rest.length > CHUNK_SIZE_BYTES) break;
      }
      if (rest.length > 0) {
        yield { text: rest.toString('utf8', 0, CHUNK_SIZE_BYTES), endOffsetBytes: position, finished: false };
      }
    },
    truncate(size) {
      storageErrors(path, () => {
        ftruncateSync(descriptor, size);
        fsyncSync(descriptor);
      });
      sizeBytes = size;
    },
    close() {
      closeSync(descriptor);
      if (made && sizeBytes === 0) rmSync(path, { force: true });
    },
  };
}

function openOrMake(path: string): { readonly descriptor: number; readonly made: boolean } {
  try {
    const { O_CREAT, O_EXCL, O_RDWR } = constants;
    return { descriptor: openSync(path, O_RDWR | O_CREAT | O_EXCL, PRIVATE_MODE), made: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { descriptor: openSync(path, constants.O_RDWR), made: false };
  }
}
