// A strict DER reader for what comes from outside: files, requests, keys. It lends views of the input, copies nothing,
// and refuses what X.690 10 and 11 refuse. It must not know what a certificate is.

import { StationError } from '../domain/stationError.ts';
import { TAG } from './writer.ts';

export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  /** Tag, length and content as they stood in the input. */
  readonly raw: Uint8Array;
}

/** Why an input was refused: `encoding_invalid` with the name of the rule. */
export const encodingInvalid = (reason: string, what?: string): StationError =>
  new StationError('encoding_invalid', what === undefined ? { reason } : { reason, what });

/** The element that starts at `offset`; its length must be in the shortest form and inside the input. */
export function readElementAt(bytes: Uint8Array, offset: number): DerElement {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw encodingInvalid('truncated');
  if ((tag & 0x1f) === 0x1f) throw encodingInvalid('long-tag');
  let size = first;
  let start = offset + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0) throw encodingInvalid('indefinite-length');
    if (count > 4) throw encodingInvalid('length-too-large');
    size = 0;
    for (let index = 0; index < count; index += 1) {
      const octet = bytes[start + index];
      if (octet === undefined) throw encodingInvalid('truncated');
      size = size * 256 + octet;
    }
    if (size < 0x80 || size < 256 ** (count - 1)) throw encodingInvalid('length-not-shortest');
    start += count;
  }
  if (start + size > bytes.length) throw encodingInvalid('truncated');
  return { tag, content: bytes.subarray(start, start + size), raw: bytes.subarray(offset, start + size) };
}

/** The one element that fills `bytes`; anything after it is refused. */
export function readElement(bytes: Uint8Array): DerElement {
  const only = readElementAt(bytes, 0);
  if (only.raw.length !== bytes.length) throw encodingInvalid('trailing-bytes');
  return only;
}

/** The elements inside a constructed one, in their order. */
export function childrenOf(parent: DerElement): readonly DerElement[] {
  if ((parent.tag & 0x20) === 0) throw encodingInvalid('not-constructed');
  const children: DerElement[] = [];
  for (let offset = 0; offset < parent.content.length; ) {
    const child = readElementAt(parent.content, offset);
    children.push(child);
    offset += child.raw.length;
  }
  return children;
}

/** Walks over a list of elements in their fixed order, as ASN.1 sequences are read. */
export class Sequence {
  readonly #elements: readonly DerElement[];
  readonly #what: string;
  #next = 0;

  /** Throws `encoding_invalid` when `parent` has another tag. */
  constructor(parent: DerElement, what: string, tag: number = TAG.sequence) {
    if (parent.tag !== tag) throw encodingInvalid('unexpected-tag', what);
    this.#elements = childrenOf(parent);
    this.#what = what;
  }

  get done(): boolean {
    return this.#next >= this.#elements.length;
  }

  /** The next element; with `tag`, it must have that one. */
  take(tag?: number): DerElement {
    const found = this.#elements[this.#next];
    if (found === undefined) throw encodingInvalid('missing-element', this.#what);
    if (tag !== undefined && found.tag !== tag) throw encodingInvalid('unexpected-tag', this.#what);
    this.#next += 1;
    return found;
  }

  /** The next element if it has `tag`. */
  optional(tag: number): DerElement | undefined {
    return this.#elements[this.#next]?.tag === tag ? this.take() : undefined;
  }

  /** All that is left. */
  rest(): readonly DerElement[] {
    const left = this.#elements.slice(this.#next);
    this.#next = this.#elements.length;
    return left;
  }

  /** Refuses what was not read. */
  end(): void {
    if (!this.done) throw encodingInvalid('unexpected-element', this.#what);
  }
}

/** The dotted form of an OBJECT IDENTIFIER. */
export function readOid(element: DerElement): string {
  const { content } = expectTag(element, TAG.oid);
  if (content.length === 0 || ((content.at(-1) ?? 0x80) & 0x80) !== 0) throw encodingInvalid('oid');
  const arcs: bigint[] = [];
  let arc = 0n;
  let atStart = true;
  for (const octet of content) {
    if (atStart && octet === 0x80) throw encodingInvalid('oid');
    arc = (arc << 7n) | BigInt(octet & 0x7f);
    atStart = (octet & 0x80) === 0;
    if (!atStart) continue;
    if (arcs.length === 0) {
      const first = arc < 80n ? arc / 40n : 2n;
      arcs.push(first, arc - first * 40n);
    } else {
      arcs.push(arc);
    }
    arc = 0n;
  }
  return arcs.join('.');
}

/** The content of an INTEGER, which must be in its shortest form (X.690 8.3.2). */
export function readIntegerBytes(element: DerElement): Uint8Array {
  const { content } = expectTag(element, TAG.integer);
  const [first, second] = content;
  if (first === undefined) throw encodingInvalid('integer');
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw encodingInvalid('integer-not-shortest');
  }
  return content;
}

/** A small non-negative INTEGER. */
export function readSmallInteger(element: DerElement): number {
  const bytes = readIntegerBytes(element);
  if (bytes.length > 6 || ((bytes[0] ?? 0) & 0x80) !== 0) throw encodingInvalid('integer-range');
  return bytes.reduce((value, octet) => value * 256 + octet, 0);
}

/** X.690 11.1: DER knows only 0x00 and 0xff. */
export function readBoolean(element: DerElement): boolean {
  const { content } = expectTag(element, TAG.boolean);
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw encodingInvalid('boolean');
  return content[0] === 0xff;
}

/** The octets of a BIT STRING that holds whole octets. */
export function readBitString(element: DerElement): Uint8Array {
  const { content } = expectTag(element, TAG.bitString);
  if (content[0] !== 0) throw encodingInvalid('bit-string');
  return content.subarray(1);
}

/** Numbers of the bits set in a named-bit list; X.690 11.2.2 forbids trailing zeros. */
export function readNamedBits(element: DerElement): readonly number[] {
  const { content } = expectTag(element, TAG.bitString);
  const unused = content[0];
  const octets = content.subarray(1);
  if (unused === undefined || unused > 7 || (octets.length === 0 && unused !== 0))
    throw encodingInvalid('bit-string');
  const last = octets.at(-1);
  if (last !== undefined && (last & ((1 << (unused + 1)) - 1)) !== 1 << unused) {
    throw encodingInvalid('bit-string-trailing-zeros');
  }
  const bits: number[] = [];
  for (let bit = 0; bit < octets.length * 8 - unused; bit += 1) {
    if (((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.push(bit);
  }
  return bits;
}

/** UTCTime or GeneralizedTime in RFC 5280's form: whole seconds and `Z`. Milliseconds since 1970. */
export function readTime(element: DerElement): number {
  const text = Buffer.from(element.content).toString('latin1');
  let digits = '';
  if (element.tag === TAG.utcTime && /^\d{12}Z$/.test(text)) {
    digits = `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}`;
  } else if (element.tag === TAG.generalizedTime && /^\d{14}Z$/.test(text)) {
    digits = text;
  } else {
    throw encodingInvalid('time');
  }
  const iso = digits.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const atMs = Date.parse(iso);
  // A 31st of February would be moved to March silently.
  if (Number.isNaN(atMs) || new Date(atMs).toISOString() !== iso) throw encodingInvalid('time');
  return atMs;
}

export function expectTag(element: DerElement, tag: number): DerElement {
  if (element.tag !== tag) throw encodingInvalid('unexpected-tag');
  return element;
}
