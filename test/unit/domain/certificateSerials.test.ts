// Serials of a block: as random as single ones where it counts, and side by side where they are sorted.

import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { isCertificateSerial, newCertificateSerials } from '../../../core/domain/certificateSerial.ts';

const random = { bytes: (sizeBytes: number): Uint8Array => randomBytes(sizeBytes) };

it('draws serials that have the form of all serials and differ from each other', () => {
  const drawn = newCertificateSerials(random, 5000);
  expect(drawn).toHaveLength(5000);
  expect(drawn.every(isCertificateSerial)).toBe(true);
  expect(new Set(drawn).size).toBe(5000);
  expect(newCertificateSerials(random, 0)).toEqual([]);
});

it('keeps a block together and blocks apart', () => {
  const blocks = Array.from({ length: 200 }, () => newCertificateSerials(random, 3));
  const beginnings = blocks.map((block) => new Set(block.map((one) => one.slice(0, 16))));
  expect(beginnings.every((one) => one.size === 1)).toBe(true);
  expect(new Set(beginnings.flatMap((one) => [...one])).size).toBe(200);
});

it('takes every octet from the generator: 8 for the block, 12 for each certificate', () => {
  let next = 0;
  const counting = {
    bytes: (sizeBytes: number) => Uint8Array.from({ length: sizeBytes }, () => next++ & 0xff),
  };
  const [first, second] = newCertificateSerials(counting, 2);
  expect(first).toBe('4001020304050607' + '1415161718191a1b1c1d1e1f');
  expect(second).toBe('4001020304050607' + '202122232425262728292a2b');
});
