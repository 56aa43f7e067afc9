// The icon files that are shipped, read back by the formats' own rules.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { icnsOf, icoOf, type Pictures } from '../../../build/iconFiles.ts';

const build = join(import.meta.dirname, '..', '..', '..', 'build');
const SIZES = [16, 32, 48, 64, 128, 256, 512, 1024];
const shipped: Pictures = new Map(
  SIZES.map((size) => [size, readFileSync(join(build, 'icons', `${size}x${size}.png`))]),
);

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** A PNG says its size in its first chunk. */
function pngSize(bytes: Buffer): number {
  expect(bytes.subarray(0, 8)).toEqual(PNG);
  expect(bytes.readUInt32BE(16)).toBe(bytes.readUInt32BE(20));
  return bytes.readUInt32BE(16);
}

describe('the icon for Windows', () => {
  const ico = readFileSync(join(build, 'icon.ico'));

  it('is made of the pictures that are shipped', () => {
    expect(ico).toEqual(Buffer.from(icoOf(shipped)));
  });

  it('lists pictures of the sizes that it names, back to back and to its end', () => {
    expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1]);
    let end = 6 + 16 * ico.readUInt16LE(4);
    for (let index = 0; index < ico.readUInt16LE(4); index += 1) {
      const at = 6 + 16 * index;
      const [size, offset] = [ico.readUInt32LE(at + 8), ico.readUInt32LE(at + 12)];
      expect(offset).toBe(end);
      expect(pngSize(ico.subarray(offset, offset + size))).toBe(ico.readUInt8(at) || 256);
      end = offset + size;
    }
    expect(end).toBe(ico.length);
  });
});

describe('the icon for macOS', () => {
  const icns = readFileSync(join(build, 'icon.icns'));

  it('is made of the pictures that are shipped', () => {
    expect(icns).toEqual(Buffer.from(icnsOf(shipped)));
  });

  it('is a chain of blocks that ends where its head says', () => {
    expect(icns.toString('ascii', 0, 4)).toBe('icns');
    expect(icns.readUInt32BE(4)).toBe(icns.length);
    const found: Record<string, number> = {};
    let at = 8;
    while (at < icns.length) {
      const size = icns.readUInt32BE(at + 4);
      found[icns.toString('ascii', at, at + 4)] = pngSize(icns.subarray(at + 8, at + size));
      at += size;
    }
    expect(at).toBe(icns.length);
    expect(found).toMatchObject({ icp4: 16, ic07: 128, ic08: 256, ic09: 512, ic10: 1024 });
  });
});

it('refuses to make an icon without a size that it needs', () => {
  expect(() => icoOf(new Map([[16, PNG]]))).toThrow('32 pixels');
});
