// A strict, bounded DER reader. The encoder does not use it, so that what one of them gets wrong the other does not
// overlook, and it hands out the raw bytes of every value, so that a Name can be copied and not re-encoded.

import { TAG } from './derWriter.ts';

/** One DER value: `raw` with its header, `contents` without. */
export interface DerValue {
  readonly tag: number;
  readonly raw: Uint8Array;
  readonly contents: Uint8Array;
}

/** Reads exactly one value that fills `bytes`; throws a RangeError on anything that is not DER. */
export function readDer(bytes: Uint8Array): DerValue {
  const value = readAt(bytes, 0);
  if (value.raw.length !== bytes.length) throw new RangeError('bytes after the end of the value');
  return value;
}

/** The values inside a constructed value of the type `tag`. */
export function readChildren(value: DerValue, tag: number): readonly DerValue[] {
  const { contents } = expectTag(value, tag);
  const children: DerValue[] = [];
  for (let offset = 0; offset < contents.length; ) {
    const child = readAt(contents, offset);
    children.push(child);
    offset += child.raw.length;
  }
  return children;
}

/** `value` if it has the type `tag`; a RangeError otherwise, also when it is missing. */
export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) {
    throw new RangeError(
      `expected tag 0x${tag.toString(16)}, found ${value ? `0x${value.tag.toString(16)}` : 'nothing'}`,
    );
  }
  return value;
}

/** An OBJECT IDENTIFIER in dotted form (X.690 8.19). */
export function readObjectIdentifier(value: DerValue | undefined): string {
  const { contents } = expectTag(value, TAG.objectIdentifier);
  const arcs: number[] = [];
  let arc = 0;
  let open = false;
  for (const octet of contents) {
    if (!open && octet === 0x80) throw new RangeError('padded arc in an object identifier');
    arc = arc * 128 + (octet & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new RangeError('arc too large in an object identifier');
    open = (octet & 0x80) !== 0;
    if (!open) {
      arcs.push(arc);
      arc = 0;
    }
  }
  if (open || arcs.length === 0) throw new RangeError('cut-off object identifier');
  const [joined = 0, ...rest] = arcs;
  const first = Math.min(2, Math.floor(joined / 40));
  return [first, joined - first * 40, ...rest].join('.');
}

export function readBoolean(value: DerValue | undefined): boolean {
  const { contents } = expectTag(value, TAG.boolean);
  // X.690 11.1: TRUE is 0xff and nothing else.
  if (contents.length !== 1 || (contents[0] !== 0x00 && contents[0] !== 0xff))
    throw new RangeError('not a DER boolean');
  return contents[0] === 0xff;
}

/** The content octets of an INTEGER, two's complement, checked to be the fewest (X.690 8.3.2). */
export function readIntegerOctets(value: DerValue | undefined): Uint8Array {
  const { contents } = expectTag(value, TAG.integer);
  const [first, second = 0] = contents;
  const padded =
    contents.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (first === undefined || padded) throw new RangeError('not a DER integer');
  return contents;
}

/** A non-negative INTEGER that fits 6 octets. */
export function readSmallInteger(value: DerValue | undefined): number {
  const octets = readIntegerOctets(value);
  if ((octets[0] ?? 0) >= 0x80 || octets.length > 6) throw new RangeError('integer out of range');
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** The octets of a BIT STRING, of whose last one `unusedBits` do not count and are zero (X.690 11.2.1). */
export function readBitString(value: DerValue | undefined): {
  readonly bytes: Uint8Array;
  readonly unusedBits: number;
} {
  const { contents } = expectTag(value, TAG.bitString);
  const unusedBits = contents[0] ?? 8;
  const lastOctet = contents.length > 1 ? (contents.at(-1) ?? 0) : 0xff;
  if (unusedBits > 7 || (lastOctet & ((1 << unusedBits) - 1)) !== 0)
    throw new RangeError('not a DER bit string');
  return { bytes: contents.subarray(1), unusedBits };
}

function readAt(bytes: Uint8Array, offset: number): DerValue {
  const tag = bytes[offset];
  const firstLength = bytes[offset + 1];
  if (tag === undefined || firstLength === undefined) throw new RangeError('cut-off value');
  if ((tag & 0x1f) === 0x1f) throw new RangeError('tag number too large');
  let sizeBytes = firstLength;
  let start = offset + 2;
  if (firstLength >= 0x80) {
    const octets = firstLength & 0x7f;
    if (octets === 0 || octets > 4) throw new RangeError('indefinite or oversized length');
    sizeBytes = 0;
    for (let i = 0; i < octets; i++) sizeBytes = sizeBytes * 256 + (bytes[start + i] ?? 0);
    // X.690 10.1: the fewest octets that hold the length.
    if (sizeBytes < 0x80 || sizeBytes < 256 ** (octets - 1))
      throw new RangeError('length not in its shortest form');
    start += octets;
  }
  const end = start + sizeBytes;
  if (end > bytes.length) throw new RangeError('cut-off value');
  return { tag, raw: bytes.subarray(offset, end), contents: bytes.subarray(start, end) };
}
