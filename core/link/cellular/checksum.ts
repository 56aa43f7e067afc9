// The checksums that modules answer with.

import { createHash } from 'node:crypto';

/** Quectel's: XOR of big-endian 16-bit words, an odd last byte filled with zero. Weak: swapped words pass. */
export function xor16(bytes: Uint8Array): string {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    sum ^= ((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0);
  }
  return sum.toString(16);
}

export const md5Hex = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** Hex without regard to case, quotes or leading zeros, which modules leave out. */
export const sameHex = (one: string, other: string): boolean => {
  const plain = (text: string): string => text.toLowerCase().replace(/^0+(?=.)/, '');
  return plain(one) === plain(other);
};
