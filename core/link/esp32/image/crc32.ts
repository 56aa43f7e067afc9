// The CRC of Espressif's flash formats: CRC-32 (reflected 0x04C11DB7) whose register starts at zero, where zlib's starts
// at all ones. Written out here because zlib.crc32 is missing from the Node of older Electrons.

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC over `bytes`, equal to zlib's `crc32(bytes, 0xFFFFFFFF)`. */
export function espCrc32(bytes: Uint8Array): number {
  let register = 0;
  for (const byte of bytes) register = (register >>> 8) ^ (TABLE[(register ^ byte) & 0xff] ?? 0);
  return ~register >>> 0;
}
