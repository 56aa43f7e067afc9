// `cred del` of an entry of one to three bytes makes the firmware overwrite part of a pointer and crash (seen on 4.3.0,
// RAM backend). Such an entry can only be junk from an experiment, but it must not be deleted by the station.

import { createHash } from 'node:crypto';
import type { Sha256Hex } from '../../domain/ids.ts';

const CRASHING_SIZE_BYTES = 3;

export const isCrashingSize = (sizeBytes: number): boolean =>
  sizeBytes > 0 && sizeBytes <= CRASHING_SIZE_BYTES;

/** The first 32 bits of each digest; a stranger shares them with a chance of 1 in 65,000. */
let tinyDigests: ReadonlySet<number> | undefined;

/**
 * Whether `sha256` is that of one or two bytes, found by trying all 65,792 of them: so a private key need not be read out
 * to learn its length. Three bytes would take seconds and are left out.
 */
export function isDigestOfTinyContent(sha256: Sha256Hex): boolean {
  tinyDigests ??= digestTinyContents();
  return tinyDigests.has(Number.parseInt(sha256.slice(0, 8), 16));
}

function digestTinyContents(): ReadonlySet<number> {
  const digests = new Set<number>();
  const add = (...bytes: readonly number[]): void => {
    digests.add(createHash('sha256').update(Uint8Array.from(bytes)).digest().readUInt32BE(0));
  };
  for (let first = 0; first < 256; first += 1) {
    add(first);
    for (let second = 0; second < 256; second += 1) add(first, second);
  }
  return digests;
}
