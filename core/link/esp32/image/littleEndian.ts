// Little-endian numbers in and out of byte arrays, the only byte order of Espressif's flash formats.

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const readU16 = (bytes: Uint8Array, offset: number): number => view(bytes).getUint16(offset, true);
export const readU32 = (bytes: Uint8Array, offset: number): number => view(bytes).getUint32(offset, true);

export const writeU16 = (bytes: Uint8Array, offset: number, value: number): void =>
  view(bytes).setUint16(offset, value, true);
export const writeU32 = (bytes: Uint8Array, offset: number, value: number): void =>
  view(bytes).setUint32(offset, value, true);

/** `value` (signed or not) as `sizeBytes` octets of two's complement. */
export function writeInteger(bytes: Uint8Array, offset: number, value: bigint, sizeBytes: number): void {
  for (let index = 0; index < sizeBytes; index++) {
    bytes[offset + index] = Number((value >> BigInt(8 * index)) & 0xffn);
  }
}

/** A copy of `bytes`, filled up to `sizeBytes` with `filler`; throws a RangeError when they do not fit. */
export function padTo(bytes: Uint8Array, sizeBytes: number, filler: number): Uint8Array {
  if (bytes.length > sizeBytes) throw new RangeError('longer than its place');
  const padded = new Uint8Array(sizeBytes).fill(filler);
  padded.set(bytes);
  return padded;
}
