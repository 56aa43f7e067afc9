// Files that the operator names on the command line.

import { readWholeFile } from '../../core/disk/boundedFile.ts';
import { StationError } from '../../core/domain/stationError.ts';

/** A file that the operator named; `usage` when it cannot be read. */
export function readInput(path: string): Uint8Array {
  let bytes: Uint8Array | undefined;
  try {
    bytes = readWholeFile(path);
  } catch (cause) {
    throw new StationError('usage', { reason: `${path} cannot be read` }, { cause });
  }
  if (bytes === undefined) throw new StationError('usage', { reason: `${path} is too long` });
  return bytes;
}
