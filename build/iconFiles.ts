// The two containers that Windows and macOS want around PNG pictures. Both are a list of sizes and the pictures' bytes.

/** Pictures by their width and height in pixels. */
export type Pictures = ReadonlyMap<number, Uint8Array>;

const ICO_SIZES = [16, 32, 48, 64, 128, 256];
const ICO_HEAD_BYTES = 6;
const ICO_ENTRY_BYTES = 16;

/** Types of icns entries that hold a PNG, and the pixels of each; the `@2x` ones are twice the size they stand for. */
const ICNS_TYPES: readonly (readonly [type: string, size: number])[] = [
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];
const ICNS_HEAD_BYTES = 8;

function pictureOf(pictures: Pictures, size: number): Uint8Array {
  const picture = pictures.get(size);
  if (picture === undefined) throw new Error(`there is no picture of ${size} pixels`);
  return picture;
}

/** For Windows. A width of 256 is written as 0: the field has one byte. */
export function icoOf(pictures: Pictures): Uint8Array {
  const images = ICO_SIZES.map((size) => ({ size, bytes: pictureOf(pictures, size) }));
  const head = Buffer.alloc(ICO_HEAD_BYTES + ICO_ENTRY_BYTES * images.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(images.length, 4);
  let offset = head.length;
  for (const [index, { size, bytes }] of images.entries()) {
    const at = ICO_HEAD_BYTES + ICO_ENTRY_BYTES * index;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(bytes.length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += bytes.length;
  }
  return Buffer.concat([head, ...images.map(({ bytes }) => bytes)]);
}

const block = (type: string, content: Uint8Array): Uint8Array => {
  const head = Buffer.alloc(ICNS_HEAD_BYTES);
  head.write(type, 'ascii');
  head.writeUInt32BE(ICNS_HEAD_BYTES + content.length, 4);
  return Buffer.concat([head, content]);
};

/** For macOS. */
export const icnsOf = (pictures: Pictures): Uint8Array =>
  block('icns', Buffer.concat(ICNS_TYPES.map(([type, size]) => block(type, pictureOf(pictures, size)))));
