// Files that the operator names on the command line.

import { readFileSync, statSync } from 'node:fs';
import { StationError } from '../../core/domain/stationError.ts';

const MAX_SIZE_BYTES = 16 * 1024 * 1024;

/** A file that the operator named; `usage` when it cannot be read. */
export function readInput(path: string): Uint8Array {
  try {
    if (statSync(path).size > MAX_SIZE_BYTES)
      throw new StationError('usage', { reason: `${path} is too long` });
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    if (cause instanceof StationError) throw cause;
    throw new StationError('usage', { reason: `${path} cannot be read` }, { cause });
  }
}
