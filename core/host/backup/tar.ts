// The part of the tar format that a backup needs (POSIX.1-2017, pax "ustar Interchange Format"): plain files, so that a backup can
// be opened without Keyline. Strict on reading: what is not exactly such a file is no backup.

export const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
/** Eleven octal digits. */
const SIZE_MAX_BYTES = 8 ** 11 - 1;

export interface TarEntry {
  readonly name: string;
  readonly sizeBytes: number;
}

/** How many zero bytes follow a file of this size. */
export const paddingAfter = (sizeBytes: number): number =>
  (BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES;

/** Letters, digits and a few signs that every system takes; never absolute, never upwards. */
export const isPlainPath = (name: string): boolean =>
  /^[A-Za-z0-9_@+=,-][A-Za-z0-9 ._@+=,-]*(\/[A-Za-z0-9_@+=,-][A-Za-z0-9 ._@+=,-]*)*$/.test(name);

/** Undefined where the format cannot hold it. */
export function tarHeader({ name, sizeBytes }: TarEntry): Uint8Array | undefined {
  const split = splitName(name);
  if (split === undefined || !isPlainPath(name) || sizeBytes > SIZE_MAX_BYTES) return undefined;
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(split.name, 0, 'latin1');
  header.write(octal(0o600, 7), 100, 'latin1');
  header.write(octal(0, 7), 108, 'latin1');
  header.write(octal(0, 7), 116, 'latin1');
  header.write(octal(sizeBytes, 11), 124, 'latin1');
  header.write(octal(0, 11), 136, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(split.prefix, 345, 'latin1');
  header.write(`${checksum(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Undefined where it is not a header exactly as `tarHeader` writes it. */
export function readTarHeader(block: Uint8Array): TarEntry | undefined {
  const header = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const text = (from: number, length: number): string =>
    header.toString('latin1', from, from + length).replace(/\0+$/, '');
  const prefix = text(345, PREFIX_BYTES);
  const name = `${prefix === '' ? '' : `${prefix}/`}${text(0, NAME_BYTES)}`;
  const size = text(124, 12);
  if (!/^[0-7]{11}$/.test(size)) return undefined;
  const entry = { name, sizeBytes: Number.parseInt(size, 8) };
  const written = tarHeader(entry);
  return written !== undefined && header.equals(written) ? entry : undefined;
}

/** The sum of all bytes, those of the sum itself counted as spaces. */
function checksum(header: Uint8Array): number {
  let sum = 0;
  for (const [at, byte] of header.entries()) sum += at >= 148 && at < 156 ? 0x20 : byte;
  return sum;
}

function splitName(path: string): { readonly prefix: string; readonly name: string } | undefined {
  if (path.length <= NAME_BYTES) return { prefix: '', name: path };
  const cut = path.indexOf('/', path.length - NAME_BYTES - 1);
  const prefix = path.slice(0, cut);
  return cut > 0 && prefix.length <= PREFIX_BYTES ? { prefix, name: path.slice(cut + 1) } : undefined;
}
