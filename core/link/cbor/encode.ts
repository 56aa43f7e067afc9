// CBOR (RFC 8949) in its shortest form, for requests to a device.

import type { Cbor } from './decode.ts';

function head(major: number, argument: number): Uint8Array {
  const top = major << 5;
  if (argument < 24) return Uint8Array.of(top | argument);
  if (argument < 0x100) return Uint8Array.of(top | 24, argument);
  const bytes = Buffer.alloc(argument < 0x1_0000 ? 3 : 5);
  bytes[0] = top | (bytes.length === 3 ? 25 : 26);
  bytes.writeUIntBE(argument, 1, bytes.length - 1);
  return bytes;
}

const isBytes = (value: Cbor): value is Uint8Array => value instanceof Uint8Array;
const isArray = (value: Cbor): value is readonly Cbor[] => Array.isArray(value);

/** `value` as CBOR: integers up to 32 bits, maps in the order of their keys as given. The caller wipes what is secret. */
export function encodeCbor(value: Cbor): Uint8Array {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    return Buffer.concat([head(3, text.length), text]);
  }
  if (isBytes(value)) return Buffer.concat([head(2, value.length), value]);
  if (isArray(value)) return joined(head(4, value.length), value.map(encodeCbor));
  const entries = Object.entries(value);
  return joined(
    head(5, entries.length),
    entries.flatMap(([key, item]) => [encodeCbor(key), encodeCbor(item)]),
  );
}

/** One after another. The parts were made here and are wiped: one may hold a piece of a key. */
function joined(start: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const whole = Buffer.concat([start, ...parts]);
  for (const part of parts) part.fill(0);
  return whole;
}
