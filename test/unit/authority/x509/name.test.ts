import { AsnConvert } from '@peculiar/asn1-schema';
import { Name } from '@peculiar/asn1-x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ATTRIBUTE_RULES,
  distinguishedName,
  readRelativeNames,
} from '../../../../core/authority/x509/name.ts';
import { encodeName } from '../../../../core/authority/x509/nameEncoder.ts';
import type { SubjectAttribute } from '../../../../core/der/oids.ts';
import { TAG } from '../../../../core/der/writer.ts';
import { SUBJECT_ATTRIBUTES } from '../../../../core/domain/profile.ts';
import { StationError } from '../../../../core/domain/stationError.ts';
import { refusal } from '../fixtures.ts';

const encode = (attribute: SubjectAttribute, value: string) => encodeName([{ attribute, value }]);

/** What a scanner, a keyboard or an attacker may give: any text, and text that name parsers trip over. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 70 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '#', ',', '+', '=', '<', ';', ' ', '\n', '\0', 'é', '\ud800', '😀', 'a'),
    maxLength: 70,
  }),
  fc.constantFrom(
    'he said "x" y',
    '#0c0141',
    'a\\2c b',
    'evil, Inc',
    'CN=x',
    '<script>',
    '%00',
    '\u202egnp.exe',
    'é'.normalize('NFD'),
  ),
);

describe('names', () => {
  it('come out byte for byte, or are refused', () => {
    let written = 0;
    fc.assert(
      fc.property(fc.constantFrom(...SUBJECT_ATTRIBUTES), hostileText, (attribute, value) => {
        let encoded: Uint8Array;
        try {
          encoded = encode(attribute, value);
        } catch (error) {
          expect(error).toBeInstanceOf(StationError);
          expect((error as StationError).code).toBe('name_value_invalid');
          expect(JSON.stringify((error as StationError).details)).toMatch(/^[\x20-\x7e…]*$/);
          return;
        }
        written += 1;
        const found = readRelativeNames(encoded)[0]?.[0];
        expect(found?.attribute).toBe(attribute);
        expect(Buffer.from(found?.text.content ?? []).equals(Buffer.from(value, 'utf8'))).toBe(true);
        // The two encoders know nothing of each other.
        expect(Buffer.compare(distinguishedName([{ attribute, value }]), encoded)).toBe(0);
        const byLibrary = AsnConvert.parse(encoded, Name)[0]?.[0]?.value;
        expect(byLibrary?.[ATTRIBUTE_RULES[attribute].stringType]).toBe(value);
      }),
      { numRuns: 2000 },
    );
    // The property would hold for an encoder that refuses everything.
    expect(written).toBeGreaterThan(100);
  });

  it.each([
    'he said "x" y',
    '#0c0141',
    'back\\slash',
    'evil, Inc',
    'CN=x+O=y',
    'Zürich 東京 😀',
    'e\u0301',
    "O'Neil; <b>",
  ])('keep %s', (value) =>
    expect(Buffer.from(readRelativeNames(encode('CN', value))[0]?.[0]?.text.content ?? []).toString()).toBe(
      value,
    ),
  );

  it.each([
    ['C', TAG.printableString, 'DE'],
    ['serialNumber', TAG.printableString, "SN (1)+:?/='."],
    ['dnQualifier', TAG.printableString, 'A'],
    ['DC', TAG.ia5String, 'example'],
    ['CN', TAG.utf8String, 'A'],
    ['O', TAG.utf8String, 'A'],
  ] as const)('write %s in its own string type', (attribute, tag, value) => {
    expect(readRelativeNames(encode(attribute, value))[0]?.[0]?.text.tag).toBe(tag);
  });

  it.each([
    ['CN', '', 'empty'],
    ['CN', '\ud800', 'ill-formed-unicode'],
    ['CN', 'a\0b', 'control-character'],
    ['CN', 'a\u0085b', 'control-character'],
    ['CN', 'a\u2028b', 'control-character'],
    ['CN', '\ufeffa', 'control-character'],
    ['CN', 'a\u202eb', 'control-character'],
    ['CN', 'a\uffff', 'control-character'],
    ['CN', ' a', 'space-at-edge'],
    ['CN', 'a\u00a0', 'space-at-edge'],
    ['CN', ' ', 'space-at-edge'],
    ['C', 'D', 'country-code'],
    ['C', 'de', 'country-code'],
    ['C', 'DEU', 'too-long'],
    ['serialNumber', 'SN_1', 'alphabet'],
    ['serialNumber', 'SÜ', 'alphabet'],
    ['DC', 'a.b', 'alphabet'],
    ['DC', '-a', 'alphabet'],
  ] as const)('refuse %s %j as %s', (attribute, value, reason) => {
    expect(refusal(() => encode(attribute, value))).toMatchObject({
      code: 'name_value_invalid',
      details: { attribute, reason },
    });
  });

  it.each(
    Object.entries({ CN: 64, O: 64, OU: 64, L: 128, ST: 128, serialNumber: 64, dnQualifier: 64, DC: 63 }),
  )('hold %s to %i characters', (attribute, limit) => {
    expect(() => encode(attribute as SubjectAttribute, 'a'.repeat(limit))).not.toThrow();
    expect(refusal(() => encode(attribute as SubjectAttribute, 'a'.repeat(limit + 1))).details).toMatchObject(
      {
        reason: 'too-long',
        limit,
      },
    );
  });

  it('count characters and not UTF-16 units', () =>
    expect(() => encode('CN', '😀'.repeat(64))).not.toThrow());

  it('quote what they refuse', () => {
    expect(refusal(() => encode('CN', 'a\x1b[31m')).details.value).toBe('a\\u{1b}[31m');
  });
});
