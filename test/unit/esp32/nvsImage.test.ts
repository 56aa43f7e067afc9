import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../core/domain/secret.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import {
  buildNvsImage,
  NVS_STRING_MAX_BYTES,
  type NvsEntry,
} from '../../../core/link/esp32/image/nvsImage.ts';
import { storedCertificate, storedPrivateKey } from '../../../core/link/esp32/image/storedForm.ts';

const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url));
const withoutNul = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, -1);

/** What a reader of the format finds, written from the format's description and not from the builder. */
function readNvs(image: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  const namespaces = new Map<number, string>();
  const pages: { sequence: number; page: Buffer }[] = [];
  for (let at = 0; at < image.length; at += 4096) {
    const page = image.subarray(at, at + 4096);
    if (page.readUInt32LE(0) === 0xffffffff) continue;
    expect(page.readUInt32LE(28)).toBe(crc32(page.subarray(4, 28), 0xffffffff));
    pages.push({ sequence: page.readUInt32LE(4), page });
  }
  // All pages but the last in sequence are full; the last is the active one.
  expect(pages.map(({ page }) => page.readUInt32LE(0))).toEqual(
    pages.map((_, index) => (index === pages.length - 1 ? 0xfffffffe : 0xfffffffc)),
  );
  const chunks = new Map<string, Buffer>();
  for (const { page } of pages) {
    const written = (index: number) => (((page[32 + (index >> 2)] ?? 0) >> ((index & 3) * 2)) & 3) === 2;
    for (let index = 0; index < 126; ) {
      if (!written(index)) {
        index += 1;
        continue;
      }
      const entry = page.subarray(64 + 32 * index, 96 + 32 * index);
      const covered = Buffer.concat([entry.subarray(0, 4), entry.subarray(8)]);
      expect(entry.readUInt32LE(4)).toBe(crc32(covered, 0xffffffff));
      const [space = 0, type = 0, span = 0, chunk = 0] = entry;
      for (let part = 1; part < span; part++) expect(written(index + part)).toBe(true);
      const key = entry.subarray(8, 24).toString('latin1').replace(/\0+$/, '');
      const name = `${namespaces.get(space)}/${key}`;
      const payload = () => {
        const size = entry.readUInt16LE(24);
        const bytes = page.subarray(96 + 32 * index, 96 + 32 * index + size);
        expect(entry.readUInt32LE(28)).toBe(crc32(bytes, 0xffffffff));
        return bytes;
      };
      if (space === 0) namespaces.set(entry[24] ?? 0, key);
      else if (type === 0x21) found.set(name, payload().subarray(0, -1).toString('hex'));
      else if (type === 0x42) chunks.set(`${name}#${chunk}`, payload());
      else if (type === 0x48) {
        const parts = Array.from(
          { length: entry[28] ?? 0 },
          (_, n) => chunks.get(`${name}#${n}`) ?? Buffer.alloc(0),
        );
        const whole = Buffer.concat(parts);
        expect(whole).toHaveLength(entry.readUInt32LE(24));
        found.set(name, whole.toString('hex'));
      } else found.set(name, entry.subarray(24, 24 + (type & 0x0f)).toString('hex'));
      index += span;
    }
  }
  return found;
}

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof StationError) return error.code;
    throw error;
  }
  return 'nothing thrown';
};

describe('NVS image', () => {
  it('is what Espressif’s generator writes, byte for byte', () => {
    const key = new Secret(Uint8Array.from(golden('device-key.pk8')));
    const entries: readonly NvsEntry[] = [
      {
        namespace: 'tls',
        key: 'ca',
        kind: 'string',
        bytes: withoutNul(storedCertificate(golden('ca.der'), 'pem')),
      },
      {
        namespace: 'tls',
        key: 'certificate',
        kind: 'string',
        bytes: withoutNul(storedCertificate(golden('device.der'), 'pem')),
      },
      { namespace: 'tls', key: 'key', kind: 'blob', bytes: storedPrivateKey(key, 'der') },
      { namespace: 'numbers', key: 'small', kind: 'u8', value: 255 },
      { namespace: 'numbers', key: 'negative', kind: 'i16', value: -2 },
      { namespace: 'numbers', key: 'wide', kind: 'u64', value: 18446744073709551615n },
      { namespace: 'numbers', key: 'port', kind: 'u16', value: 8883 },
    ];
    const image = Buffer.from(buildNvsImage(entries, 0x4000));
    expect(image.equals(golden('nvs.bin'))).toBe(true);
    expect(readNvs(image).get('numbers/port')).toBe('b322');
  });

  it('is what Espressif’s generator writes over several pages, by the digest of its image', () => {
    const bytes = (size: number, at: (index: number) => number) =>
      Uint8Array.from({ length: size }, (_, i) => at(i));
    const image = buildNvsImage(
      [
        { namespace: 'first', key: 'large', kind: 'blob', bytes: bytes(9_000, (i) => (i * 7) % 251) },
        { namespace: 'first', key: 'text', kind: 'string', bytes: bytes(3_900, (i) => 33 + (i % 90)) },
        { namespace: 'second', key: 'small', kind: 'blob', bytes: bytes(1_500, (i) => i & 0xff) },
        { namespace: 'second', key: 'number', kind: 'u32', value: 0xffff_ffff },
      ],
      0x6000,
    );
    // esp-idf-nvs-partition-gen of the same rows: a CSV of files with these bytes, size 0x6000.
    expect(createHash('sha256').update(image).digest('hex')).toBe(
      'd5df449165f54e6e53b9ffca9c97c87faa87fe811d9c9e5d27eaa4e9f5649924',
    );
  });

  it('gives a reader back every value, whatever the sizes and however the pages fill', () => {
    const value = fc.oneof(
      fc.record({
        kind: fc.constant('string' as const),
        bytes: fc.uint8Array({ min: 1, max: 255, maxLength: 1500 }),
      }),
      fc.record({
        kind: fc.constant('blob' as const),
        bytes: fc.uint8Array({ minLength: 1, maxLength: 9000 }),
      }),
      fc.record({ kind: fc.constant('u32' as const), value: fc.nat(0xffffffff) }),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), (values) => {
        const entries = values.map((entry, index) => ({
          namespace: `n${index % 3}`,
          key: `k${index}`,
          ...entry,
        }));
        const found = readNvs(Buffer.from(buildNvsImage(entries, 128 * 4096)));
        expect(found.size).toBe(entries.length);
        for (const entry of entries) {
          const expected =
            entry.kind === 'u32'
              ? Buffer.from(Uint32Array.of(entry.value).buffer).toString('hex')
              : Buffer.from(entry.bytes).toString('hex');
          expect(found.get(`${entry.namespace}/${entry.key}`)).toBe(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps one page spare and refuses what would need it', () => {
    const entry = (key: string, sizeBytes: number): NvsEntry => ({
      namespace: 'n',
      key,
      kind: 'blob',
      bytes: new Uint8Array(sizeBytes).fill(1),
    });
    const image = buildNvsImage([entry('a', 3500), entry('b', 3500)], 0x3000);
    expect(image.subarray(0x2000).every((byte) => byte === 0xff)).toBe(true);
    expect(refusal(() => buildNvsImage([entry('a', 3900), entry('b', 4100)], 0x3000))).toBe(
      'credential_too_large',
    );
  });

  it.each([
    [
      'a string past the limit',
      { kind: 'string', bytes: new Uint8Array(NVS_STRING_MAX_BYTES) },
      'credential_too_large',
    ],
    ['a number out of range', { kind: 'u8', value: 256 }, 'value_invalid'],
    ['a negative out of range', { kind: 'i8', value: -129 }, 'value_invalid'],
  ] as const)('refuses %s', (_, value, code) => {
    expect(refusal(() => buildNvsImage([{ namespace: 'n', key: 'k', ...value }], 0x3000))).toBe(code);
  });

  it('refuses names that the store cannot hold, keys twice and impossible sizes', () => {
    const number = { kind: 'u8', value: 1 } as const;
    const build = (namespace: string, key: string) => () =>
      buildNvsImage([{ namespace, key, ...number }], 0x3000);
    expect(refusal(build('sixteen_letters_', 'k'))).toBe('value_invalid');
    expect(refusal(build('n', ''))).toBe('value_invalid');
    const twice = { namespace: 'n', key: 'k', ...number };
    expect(refusal(() => buildNvsImage([twice, twice], 0x3000))).toBe('value_invalid');
    expect(refusal(() => buildNvsImage([], 0x2000))).toBe('value_invalid');
    expect(refusal(() => buildNvsImage([], 0x3001))).toBe('value_invalid');
  });
});
