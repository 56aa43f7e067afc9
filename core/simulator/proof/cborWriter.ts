// The CBOR (RFC 8949) that a simulated device writes. Apart from the decoder it is tested against, on purpose.

export type CborInput =
  | number
  | string
  | boolean
  | Uint8Array
  | readonly CborInput[]
  | ReadonlyMap<number | string, CborInput>;

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.of((major << 5) | argument);
  if (argument < 256) return Buffer.of((major << 5) | 24, argument);
  const wide = argument > 0xffff;
  const bytes = Buffer.alloc(wide ? 5 : 3);
  bytes.writeUInt8((major << 5) | (wide ? 26 : 25), 0);
  if (wide) bytes.writeUInt32BE(argument, 1);
  else bytes.writeUInt16BE(argument, 1);
  return bytes;
}

export function cbor(value: CborInput): Buffer {
  if (typeof value === 'boolean') return Buffer.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([head(3, text.length), text]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) {
    const entries: Buffer[] = [];
    for (const [key, item] of value) entries.push(cbor(key), cbor(item));
    return Buffer.concat([head(5, value.size), ...entries]);
  }
  const items = value as readonly CborInput[];
  return Buffer.concat([head(4, items.length), ...items.map(cbor)]);
}

/** A tag in front of an item (RFC 8949 3.4). */
export const tagged = (tag: number, item: Uint8Array): Buffer => Buffer.concat([head(6, tag), item]);
