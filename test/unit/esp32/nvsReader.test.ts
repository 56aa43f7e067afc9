import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { espCrc32 } from '../../../core/link/esp32/image/crc32.ts';
import { writeU32 } from '../../../core/link/esp32/image/littleEndian.ts';
import { buildNvsImage, type NvsEntry } from '../../../core/link/esp32/image/nvsImage.ts';
import { readNvsImage } from '../../../core/link/esp32/image/nvsReader.ts';

const SIZE = 0x6000;
const bytes = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength });
const entries = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant('string' as const), bytes: bytes(900) }),
      fc.record({ kind: fc.constant('blob' as const), bytes: bytes(5_000) }),
      fc.record({ kind: fc.constant('u32' as const), value: fc.nat() }),
    ),
    { maxLength: 3 },
  )
  .map((values) =>
    values.map(
      (value, index): NvsEntry => ({ ...value, namespace: index === 1 ? 'other' : 'tls', key: `k${index}` }),
    ),
  );
const blob = (size: number): NvsEntry => ({
  namespace: 'tls',
  key: 'key',
  kind: 'blob',
  bytes: new Uint8Array(size).fill(7),
});
const refusal = (image: Uint8Array): unknown => {
  try {
    readNvsImage(image);
  } catch (error) {
    if (error instanceof StationError && error.code === 'device_answer_invalid') return error.details.reason;
    throw error;
  }
  return 'read';
};
/** Writes an entry's checksum anew, so that what stands in it is judged and not that it changed. */
function sealEntry(image: Uint8Array, at: number): void {
  const covered = Buffer.concat([image.subarray(at, at + 4), image.subarray(at + 8, at + 32)]);
  writeU32(image, at + 4, espCrc32(covered));
}

describe('reading an NVS partition', () => {
  it('finds what was written, in its namespace', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const expected = list.flatMap((entry) => {
          const { namespace, key } = entry;
          if (entry.kind === 'blob') return [{ namespace, key, data: Buffer.from(entry.bytes) }];
          if (entry.kind !== 'string') return [];
          return [{ namespace, key, data: Buffer.concat([entry.bytes, Buffer.of(0)]) }];
        });
        const found = readNvsImage(buildNvsImage(list, SIZE));
        expect(found.map((one) => ({ ...one, data: Buffer.from(one.data) }))).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('never takes one changed bit for other data', () => {
    const image = buildNvsImage([blob(5_000)], SIZE);
    const [original] = readNvsImage(image);
    fc.assert(
      fc.property(fc.nat(2 * 4096 - 1), fc.nat(7), (at, bit) => {
        const damaged = Uint8Array.from(image);
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        if (refusal(damaged) !== 'read') return;
        // A bit of no importance, or of the bitmap: the entry is there as it was, or is not there.
        for (const { data } of readNvsImage(damaged)) expect(data).toEqual(original?.data);
      }),
      { numRuns: 300 },
    );
  });

  it('never fails in another way, whatever stands in flash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9_000, size: 'max' }), (image) => {
        refusal(image);
      }),
    );
  });

  it.each([
    ['another version', 8, 0xff, 'version'],
    ['a page that is being erased', 0, 0xf8, 'page state'],
    ['a changed sequence number', 4, 9, 'page checksum'],
    ['an entry that is changed', 64 + 8, 0x41, 'entry checksum'],
    ['data that is changed', 64 + 32 + 32, 0x41, 'data checksum'],
    ['a span of nothing', 64 + 2, 0, 'runs past the page'],
    ['a span past the page', 64 + 2, 127, 'runs past the page'],
  ] as const)('refuses %s', (_, at, value, reason) => {
    const image = buildNvsImage([blob(100)], SIZE);
    image[at] = value;
    expect(refusal(image)).toBe(reason);
  });

  it('refuses entries that are whole but do not go together', () => {
    const first = 64 + 32;
    const index = first + 32 * 5;
    const changed = (at: number, offset: number, value: number): unknown => {
      const image = buildNvsImage([blob(100)], SIZE);
      image[at + offset] = value;
      sealEntry(image, at);
      return refusal(image);
    };
    expect(changed(first, 24, 0xff)).toBe('longer than its entries');
    expect(changed(first, 3, 1)).toBe('a chunk is missing');
    expect(changed(index, 24, 99)).toBe('blob size');
    expect(changed(index, 0, 9)).toBe('a namespace that is not defined');
  });

  it('refuses one blob that is named so often that it would fill the memory', () => {
    const image = buildNvsImage([blob(1_500)], SIZE);
    const entryAt = (index: number): number => 64 + 32 * index;
    const original = 1 + 1 + Math.ceil(1_500 / 32);
    for (let copy = original + 1; copy < 126; copy += 1) {
      image.copyWithin(entryAt(copy), entryAt(original), entryAt(original + 1));
      // Written: the lower of its two bits is cleared.
      image[32 + (copy >> 2)] = (image[32 + (copy >> 2)] ?? 0) & ~(1 << ((copy & 3) * 2));
    }
    expect(refusal(image)).toBe('more data than the partition has');
  });
});
