// Puts DER values together from parts that are already encoded, so that bytes copied from elsewhere stay as they were.

import { Buffer } from 'node:buffer';

/** Identifier octets of X.690 8.1.2 that Keyline writes or expects. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `[number]` as a constructed (explicit, or implicit SEQUENCE) or primitive (implicit) context tag. */
export const contextTag = (number: number, form: 'constructed' | 'primitive'): number =>
  0x80 | (form === 'constructed' ? 0x20 : 0) | number;

/** One DER value: identifier, shortest definite length (X.690 10.1), then the contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const sizeBytes = contents.reduce((sum, part) => sum + part.length, 0);
  return Uint8Array.from(Buffer.concat([Uint8Array.of(tag), lengthOctets(sizeBytes), ...contents]));
}

export const sequence = (...contents: readonly Uint8Array[]): Uint8Array => der(TAG.sequence, ...contents);

/** A BIT STRING of whole octets. */
export const bitString = (bytes: Uint8Array): Uint8Array => der(TAG.bitString, Uint8Array.of(0), bytes);

/** A non-negative INTEGER from its big-endian magnitude, in the fewest octets (X.690 8.3.2). */
export function unsignedInteger(magnitude: Uint8Array): Uint8Array {
  const firstUsed = magnitude.findIndex((byte) => byte !== 0);
  const digits = firstUsed === -1 ? Uint8Array.of(0) : magnitude.subarray(firstUsed);
  const needsSignOctet = ((digits[0] ?? 0) & 0x80) !== 0;
  return der(TAG.integer, needsSignOctet ? Uint8Array.of(0) : new Uint8Array(0), digits);
}

/** A non-negative INTEGER below 2^32. */
export function smallInteger(value: number): Uint8Array {
  const magnitude = new Uint8Array(4);
  new DataView(magnitude.buffer).setUint32(0, value);
  return unsignedInteger(magnitude);
}

export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(TAG.objectIdentifier, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): number[] {
  const octets = [arc & 0x7f];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
    octets.unshift(0x80 | (left & 0x7f));
  }
  return octets;
}

function lengthOctets(sizeBytes: number): Uint8Array {
  if (sizeBytes < 0x80) return Uint8Array.of(sizeBytes);
  const digits: number[] = [];
  for (let left = sizeBytes; left > 0; left = Math.floor(left / 256)) digits.unshift(left & 0xff);
  return Uint8Array.of(0x80 | digits.length, ...digits);
}
