import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  readBitString,
  readBoolean,
  readChildren,
  readDer,
  readIntegerOctets,
  readObjectIdentifier,
  readSmallInteger,
} from '../../../core/authority/x509/derReader.ts';
import {
  der,
  objectIdentifier,
  sequence,
  smallInteger,
  TAG,
  unsignedInteger,
} from '../../../core/authority/x509/derWriter.ts';
import { readTime } from '../../../core/authority/x509/timeReader.ts';
import { fromHex, toHex } from '../../../core/domain/hex.ts';

describe('DER reader and writer', () => {
  it.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])('carry %i octets', (sizeBytes) => {
    const contents = new Uint8Array(sizeBytes).fill(7);
    expect(readDer(der(TAG.octetString, contents)).contents).toEqual(contents);
  });

  it('agree on every integer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
        expect(readSmallInteger(readDer(smallInteger(value)))).toBe(value);
      }),
    );
  });

  it('write integers in the fewest octets', () => {
    expect(toHex(unsignedInteger(fromHex('0000')))).toBe('020100');
    expect(toHex(unsignedInteger(fromHex('007f')))).toBe('02017f');
    expect(toHex(unsignedInteger(fromHex('80')))).toBe('02020080');
  });

  it.each([
    '1.2.840.113549.1.5.13',
    '2.5.29.15',
    '0.9.2342.19200300.100.1.25',
    '2.16.840.1.101.3.4.1.42',
    '2.999.3',
  ])('agree on %s', (oid) => expect(readObjectIdentifier(readDer(objectIdentifier(oid)))).toBe(oid));

  it('read nested values and give their raw bytes', () => {
    const inner = sequence(smallInteger(5));
    const [child] = readChildren(readDer(sequence(inner)), TAG.sequence);
    expect(child?.raw).toEqual(inner);
  });

  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['cut-off contents', '300301'],
    ['trailing bytes', '300000'],
    ['an indefinite length', '30800000'],
    ['a long form that is too long', '308105'.concat('00'.repeat(5))],
    ['a leading zero in the length', '30820005'.concat('00'.repeat(5))],
    ['a length beyond any memory', '3084ffffffff'],
    ['a length of five octets', '30850000000001ff'],
    ['a high tag number', '3f8101'],
  ])('refuse %s', (_, hex) => expect(() => readDer(fromHex(hex))).toThrow(RangeError));

  it.each([
    ['a padded positive integer', '02020001', readIntegerOctets],
    ['a padded negative integer', '0202ff80', readIntegerOctets],
    ['an empty integer', '0200', readIntegerOctets],
    ['a negative small integer', '0201ff', readSmallInteger],
    ['a boolean of one', '010101', readBoolean],
    ['a padded arc', '06028001', readObjectIdentifier],
    ['a cut-off arc', '060181', readObjectIdentifier],
    ['an empty identifier', '0600', readObjectIdentifier],
    ['an arc past safe integers', '060aff'.concat('ff'.repeat(8), '7f'), readObjectIdentifier],
    ['an empty bit string', '0300', readBitString],
    ['eight unused bits', '030208ff', readBitString],
    ['unused bits of nothing', '030101', readBitString],
    ['unused bits that are set', '03020481', readBitString],
  ])('refuse %s', (_, hex, read: (value: ReturnType<typeof readDer>) => unknown) => {
    expect(() => read(readDer(fromHex(hex)))).toThrow(RangeError);
  });

  it('never do anything else than read or refuse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          expect(readDer(bytes).raw).toEqual(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

describe('time', () => {
  const time = (tag: number, text: string) => readTime(readDer(der(tag, new TextEncoder().encode(text))));

  it.each([
    [TAG.utcTime, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    [TAG.utcTime, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [TAG.utcTime, '280229000000Z', '2028-02-29T00:00:00.000Z'],
    [TAG.generalizedTime, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    [TAG.generalizedTime, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  ])('reads %i %s', (tag, text, expected) => expect(new Date(time(tag, text)).toISOString()).toBe(expected));

  it.each([
    ['a fraction', TAG.generalizedTime, '20500101000000.5Z'],
    ['an offset', TAG.utcTime, '270101000000+0100'],
    ['no seconds', TAG.utcTime, '2701010000Z'],
    ['the 30th of February', TAG.utcTime, '270230000000Z'],
    ['hour 24', TAG.utcTime, '270228240000Z'],
    ['minute 60', TAG.utcTime, '270228236000Z'],
    ['second 60', TAG.utcTime, '270228235960Z'],
    ['GeneralizedTime too early', TAG.generalizedTime, '20491231235959Z'],
    ['another type', TAG.utf8String, '270101000000Z'],
    ['something endless', TAG.utcTime, '270101000000Z'.padEnd(5000, ' ')],
  ])('refuses %s', (_, tag, text) => expect(() => time(tag, text)).toThrow(RangeError));
});
