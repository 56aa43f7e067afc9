// Just enough DER (X.690) to walk (and put together again) a certification request that strict libraries refuse. Every length is checked against
// what is really there: the bytes come from a device.

import { StationError } from '../../domain/stationError.ts';

export interface DerElement {
  readonly tag: number;
  /** Tag, length and content. */
  readonly whole: Uint8Array;
  readonly content: Uint8Array;
}

export const DER_TAGS = { integer: 0x02, bitString: 0x03, objectId: 0x06, sequence: 0x30 } as const;

const invalid = (reason: string): StationError =>
  new StationError('device_answer_invalid', { what: 'certification request', reason });

/** The element that starts at `offset`; throws `device_answer_invalid` when it is cut short or not in DER. */
export function readElement(bytes: Uint8Array, offset: number): DerElement {
  const [tag, first] = bytes.subarray(offset, offset + 2);
  if (tag === undefined || first === undefined) throw invalid('cut short');
  let length = first;
  let header = 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 3) throw invalid('length form');
    header += count;
    if (offset + header > bytes.length) throw invalid('cut short');
    length = bytes.subarray(offset + 2, offset + header).reduce((value, byte) => value * 256 + byte, 0);
  }
  const end = offset + header + length;
  if (end > bytes.length) throw invalid('cut short');
  return { tag, whole: bytes.subarray(offset, end), content: bytes.subarray(offset + header, end) };
}

/** The elements inside a constructed one. */
export function readChildren(element: DerElement): readonly DerElement[] {
  const children: DerElement[] = [];
  for (let offset = 0; offset < element.content.length; ) {
    const child = readElement(element.content, offset);
    children.push(child);
    offset += child.whole.length;
  }
  return children;
}

/** The one element of that tag that `bytes` consist of. */
export function readOnly(bytes: Uint8Array, tag: number): DerElement {
  const element = readElement(bytes, 0);
  if (element.tag !== tag || element.whole.length !== bytes.length) throw invalid('structure');
  return element;
}

/** The child at `index`, which must carry `tag`. */
export function childOf(element: DerElement, index: number, tag: number): DerElement {
  const child = readChildren(element)[index];
  if (child?.tag !== tag) throw invalid('structure');
  return child;
}

/** A SEQUENCE around `parts`. */
export function encodeSequence(parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const length = content.length;
  const head =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, (length >> 8) & 0xff, length & 0xff];
  return Uint8Array.from([DER_TAGS.sequence, ...head, ...content]);
}
