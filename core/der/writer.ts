// A small DER writer (ITU-T X.690): the encodings that certificates, CRLs and keys need, for paths where the X.509
// library is too slow. It knows tags and lengths, nothing about certificates.

import { Buffer } from 'node:buffer';

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Octets that the length of `contentSizeBytes` takes, tag excluded. */
export function lengthSizeBytes(contentSizeBytes: number): number {
  if (contentSizeBytes < 0x80) return 1;
  if (contentSizeBytes < 0x100) return 2;
  if (contentSizeBytes < 0x10000) return 3;
  return contentSizeBytes < 0x1000000 ? 4 : 5;
}

/** Writes tag and length at `offset` and returns the offset after them. X.690 10.1: the shortest form only. */
export function writeHeader(
  target: Uint8Array,
  offset: number,
  tag: number,
  contentSizeBytes: number,
): number {
  target[offset] = tag;
  const lengthSize = lengthSizeBytes(contentSizeBytes);
  if (lengthSize === 1) {
    target[offset + 1] = contentSizeBytes;
    return offset + 2;
  }
  target[offset + 1] = 0x80 | (lengthSize - 1);
  for (let index = 1; index < lengthSize; index += 1) {
    target[offset + 1 + index] = Math.floor(contentSizeBytes / 2 ** (8 * (lengthSize - 1 - index))) & 0xff;
  }
  return offset + 1 + lengthSize;
}

/** One element: `tag`, the shortest length, and `parts` one after another. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let contentSizeBytes = 0;
  for (const part of parts) contentSizeBytes += part.length;
  const bytes = Buffer.allocUnsafe(1 + lengthSizeBytes(contentSizeBytes) + contentSizeBytes);
  let offset = writeHeader(bytes, 0, tag, contentSizeBytes);
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => element(TAG.sequence, ...parts);

/** SET OF: X.690 11.6 wants the members in ascending order of their encodings. */
export const setOf = (...members: readonly Uint8Array[]): Uint8Array =>
  element(TAG.set, ...[...members].sort((left, right) => Buffer.compare(left, right)));

/** `[number]` over constructed content. */
export const explicit = (number: number, ...parts: readonly Uint8Array[]): Uint8Array =>
  element(0xa0 | number, ...parts);

/** `[number] IMPLICIT` over primitive content. */
export const implicit = (number: number, content: Uint8Array): Uint8Array => element(0x80 | number, content);

export const octetString = (content: Uint8Array): Uint8Array => element(TAG.octetString, content);

/** A bit string of whole octets. */
export const bitString = (content: Uint8Array): Uint8Array =>
  element(TAG.bitString, Uint8Array.of(0), content);

/** A named-bit list, X.690 11.2.2: trailing zero bits are removed. `bits` are the numbers of the bits that are set. */
export function namedBits(bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return element(TAG.bitString, Uint8Array.of(0));
  const last = Math.max(...bits);
  const octets = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return element(TAG.bitString, Uint8Array.of(7 - (last & 7)), octets);
}

export const boolean = (value: boolean): Uint8Array => element(TAG.boolean, Uint8Array.of(value ? 0xff : 0));

export const NULL: Uint8Array = Uint8Array.of(TAG.null, 0);

/** A non-negative INTEGER from its big-endian magnitude: leading zeros go, a sign octet comes where the top bit is set. */
export function unsignedInteger(magnitude: Uint8Array): Uint8Array {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start += 1;
  const significant = magnitude.subarray(start);
  if (significant.length === 0) return element(TAG.integer, Uint8Array.of(0));
  return ((significant[0] ?? 0) & 0x80) !== 0
    ? element(TAG.integer, Uint8Array.of(0), significant)
    : element(TAG.integer, significant);
}

/** A non-negative INTEGER; a RangeError on a negative or unsafe number. */
export function integer(value: number | bigint): Uint8Array {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value))) {
    throw new RangeError('not a non-negative integer');
  }
  const digits = value.toString(16);
  return unsignedInteger(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}

const oidCache = new Map<string, Uint8Array>();

/** OBJECT IDENTIFIER from its dotted form; a RangeError on anything else. */
export function oid(dotted: string): Uint8Array {
  const known = oidCache.get(dotted);
  if (known !== undefined) return known;
  if (!/^[0-2](\.(0|[1-9][0-9]*))+$/.test(dotted)) throw new RangeError('not an object identifier');
  const [first = 0n, second = 0n, ...rest] = dotted.split('.').map(BigInt);
  if (first < 2n && second > 39n) throw new RangeError('not an object identifier');
  const octets: number[] = [];
  for (const arc of [first * 40n + second, ...rest]) {
    const groups = [Number(arc & 0x7fn)];
    for (let left = arc >> 7n; left > 0n; left >>= 7n) groups.unshift(Number(left & 0x7fn) | 0x80);
    octets.push(...groups);
  }
  const encoded = element(TAG.oid, Uint8Array.from(octets));
  if (oidCache.size < 256) oidCache.set(dotted, encoded);
  return encoded;
}

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** Whether X.680's PrintableString can hold `text`. */
export const isPrintable = (text: string): boolean => PRINTABLE.test(text);

/** A RangeError where the alphabet does not hold `text`: nothing is replaced silently. */
export function printableString(text: string): Uint8Array {
  if (!isPrintable(text)) throw new RangeError('not a PrintableString');
  return element(TAG.printableString, Buffer.from(text, 'latin1'));
}

export function ia5String(text: string): Uint8Array {
  if (!/^[\x00-\x7f]*$/.test(text)) throw new RangeError('not an IA5String');
  return element(TAG.ia5String, Buffer.from(text, 'latin1'));
}

/** A RangeError on a lone surrogate, which UTF-8 cannot carry. */
export function utf8String(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('not Unicode text');
  return element(TAG.utf8String, Buffer.from(text, 'utf8'));
}

/**
 * A time as RFC 5280 4.1.2.5 wants it: UTCTime through 2049, GeneralizedTime from 2050, whole seconds (the fraction is
 * cut off), `Z`. A RangeError outside of 1950 to 9999.
 */
export function time(atMs: number): Uint8Array {
  const date = new Date(atMs);
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999)) throw new RangeError('a year outside of 1950 to 9999');
  const digits = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return year < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2), 'latin1'))
    : element(TAG.generalizedTime, Buffer.from(digits, 'latin1'));
}
