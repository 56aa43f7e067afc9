// Reads the small CBOR maps (RFC 8949) that a host sends: definite lengths, text keys. Anything else is undefined.

export type CborValue =
  | number
  | boolean
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue };

export function readCborMap(bytes: Uint8Array): { readonly [key: string]: CborValue } | undefined {
  const result = readItem(Buffer.from(bytes), 0);
  const value = result?.value;
  return isMap(value) ? value : undefined;
}

const isMap = (value: CborValue | undefined): value is { readonly [key: string]: CborValue } =>
  typeof value === 'object' && !(value instanceof Uint8Array) && !Array.isArray(value);

type Item = { readonly value: CborValue; readonly next: number } | undefined;

function readItem(bytes: Buffer, offset: number): Item {
  const head = bytes[offset];
  if (head === undefined) return undefined;
  if (head === 0xf4 || head === 0xf5) return { value: head === 0xf5, next: offset + 1 };
  const detail = head & 0x1f;
  const size = { 24: 1, 25: 2, 26: 4 }[detail] ?? 0;
  if (detail > 26 || offset + 1 + size > bytes.length) return undefined;
  const argument = size === 0 ? detail : bytes.readUIntBE(offset + 1, size);
  const start = offset + 1 + size;
  switch (head >> 5) {
    case 0:
      return { value: argument, next: start };
    case 1:
      return { value: -1 - argument, next: start };
    case 2:
      return { value: Uint8Array.from(bytes.subarray(start, start + argument)), next: start + argument };
    case 3:
      return { value: bytes.toString('utf8', start, start + argument), next: start + argument };
    case 4:
      return readArray(bytes, start, argument);
    case 5:
      return readMap(bytes, start, argument);
    default:
      return undefined;
  }
}

function readArray(bytes: Buffer, start: number, count: number): Item {
  const items: CborValue[] = [];
  let offset = start;
  for (let index = 0; index < count; index++) {
    const item = readItem(bytes, offset);
    if (item === undefined) return undefined;
    items.push(item.value);
    offset = item.next;
  }
  return { value: items, next: offset };
}

function readMap(bytes: Buffer, start: number, count: number): Item {
  const entries: [string, CborValue][] = [];
  let offset = start;
  for (let index = 0; index < count; index++) {
    const key = readItem(bytes, offset);
    const value = key === undefined ? undefined : readItem(bytes, key.next);
    if (value === undefined || typeof key?.value !== 'string') return undefined;
    entries.push([key.value, value.value]);
    offset = value.next;
  }
  return { value: Object.fromEntries(entries), next: offset };
}
