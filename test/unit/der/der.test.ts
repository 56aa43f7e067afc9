import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  childrenOf,
  readBitString,
  readBoolean,
  readElement,
  readIntegerBytes,
  readNamedBits,
  readOid,
  readSmallInteger,
  readTime,
  Sequence,
} from '../../../core/der/reader.ts';
import {
  bitString,
  boolean,
  element,
  explicit,
  ia5String,
  integer,
  NULL,
  namedBits,
  octetString,
  oid,
  printableString,
  sequence,
  setOf,
  TAG,
  time,
  unsignedInteger,
  utf8String,
} from '../../../core/der/writer.ts';
import { fromHex, toHex } from '../../../core/domain/hex.ts';

const refusal = (hex: string): string => {
  try {
    readElement(fromHex(hex));
  } catch (error) {
    return String((error as { details?: { reason?: string } }).details?.reason);
  }
  return 'accepted';
};

describe('the DER writer', () => {
  it('writes what X.690 shows', () => {
    expect(toHex(integer(0))).toBe('020100');
    expect(toHex(integer(127))).toBe('02017f');
    expect(toHex(integer(128))).toBe('02020080');
    expect(toHex(integer(256n))).toBe('02020100');
    expect(toHex(boolean(true))).toBe('0101ff');
    expect(toHex(oid('1.2.840.113549'))).toBe('06062a864886f70d');
    expect(toHex(oid('2.999.3'))).toBe('0603883703');
    expect(toHex(namedBits([0]))).toBe('03020780');
    expect(toHex(namedBits([5, 6]))).toBe('03020106');
    expect(toHex(namedBits([]))).toBe('030100');
    expect(toHex(NULL)).toBe('0500');
    expect(toHex(setOf(integer(2), integer(1)))).toBe('3106020101020102');
    expect(toHex(explicit(3, NULL))).toBe('a3020500');
  });

  it('chooses UTCTime through 2049 and GeneralizedTime from 2050, whole seconds', () => {
    const text = (atMs: number): string => Buffer.from(time(atMs)).toString('latin1').slice(2);
    expect(text(Date.parse('2049-12-31T23:59:59.999Z'))).toBe('491231235959Z');
    expect(text(Date.parse('2050-01-01T00:00:00Z'))).toBe('20500101000000Z');
    expect(text(Date.parse('9999-12-31T23:59:59Z'))).toBe('99991231235959Z');
    expect(time(Date.parse('2049-12-31T23:59:59Z'))[0]).toBe(TAG.utcTime);
    expect(() => time(Date.parse('1949-12-31T23:59:59Z'))).toThrow(RangeError);
    expect(() => time(Number.NaN)).toThrow(RangeError);
  });

  it('refuses text that its string type cannot hold', () => {
    expect(() => printableString('a@b')).toThrow(RangeError);
    expect(() => ia5String('é')).toThrow(RangeError);
    expect(() => utf8String('\ud800')).toThrow(RangeError);
    expect(() => oid('1.40.1')).toThrow(RangeError);
    expect(() => oid('1.2.x')).toThrow(RangeError);
    expect(() => integer(-1)).toThrow(RangeError);
  });

  it('is read back by the reader, whatever the size', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (content) => {
        const read = readElement(octetString(content));
        expect(Buffer.compare(read.content, content)).toBe(0);
        expect(Buffer.compare(readBitString(readElement(bitString(content))), content)).toBe(0);
      }),
      { numRuns: 60 },
    );
    expect(readElement(octetString(new Uint8Array(0x1_00_00_00))).content.length).toBe(0x1_00_00_00);
  });

  it('round-trips integers, object identifiers, bits and times', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 20 }),
        fc.tuple(fc.nat({ max: 39 }), fc.array(fc.bigInt({ min: 0n, max: 2n ** 70n }), { maxLength: 6 })),
        fc.uniqueArray(fc.nat({ max: 15 })),
        fc.integer({ min: Date.parse('1950-01-01'), max: Date.parse('9999-12-31') }),
        fc.nat(),
        (magnitude, [second, arcs], bits, atMs, small) => {
          const read = readIntegerBytes(readElement(unsignedInteger(magnitude)));
          expect(BigInt(`0x${toHex(read)}`)).toBe(BigInt(`0x${toHex(magnitude)}`));
          expect(read[0] ?? 0).toBeLessThan(0x80);
          const dotted = ['1', second, ...arcs].join('.');
          expect(readOid(readElement(oid(dotted)))).toBe(dotted);
          expect(readNamedBits(readElement(namedBits(bits)))).toEqual([...bits].sort((a, b) => a - b));
          expect(readTime(readElement(time(atMs)))).toBe(Math.floor(atMs / 1000) * 1000);
          expect(readSmallInteger(readElement(integer(small)))).toBe(small);
        },
      ),
    );
  });
});

describe('the DER reader', () => {
  it.each([
    ['a padded negative integer', '0202ff80', readIntegerBytes, 'integer-not-shortest'],
    ['a negative small integer', '0201ff', readSmallInteger, 'integer-range'],
    ['a small integer of seven octets', '020701000000000000', readSmallInteger, 'integer-range'],
    ['a boolean of two octets', '0102ffff', readBoolean, 'boolean'],
    ['an empty identifier', '0600', readOid, 'oid'],
    ['a cut-off arc', '060181', readOid, 'oid'],
    ['an empty bit string', '0300', readBitString, 'bit-string'],
    ['a bit string that is not of whole octets', '03020780', readBitString, 'bit-string'],
    ['eight unused bits', '030208ff', readNamedBits, 'bit-string'],
    ['unused bits of nothing', '030101', readNamedBits, 'bit-string'],
    ['unused bits that are set', '03020481', readNamedBits, 'bit-string'],
    ['another type than it reads', '0500', readOid, 'unexpected-tag'],
  ])('refuses %s', (_, hex, read: (one: ReturnType<typeof readElement>) => unknown, reason) => {
    expect(() => read(readElement(fromHex(hex)))).toThrow(reason);
  });

  it.each([
    [TAG.utcTime, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    [TAG.utcTime, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [TAG.utcTime, '280229000000Z', '2028-02-29T00:00:00.000Z'],
    [TAG.generalizedTime, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    [TAG.generalizedTime, '99991231235959Z', '9999-12-31T23:59:59.000Z'],
  ])('reads the time %i %s', (tag, text, expected) => {
    expect(new Date(readTime(readElement(element(tag, Buffer.from(text))))).toISOString()).toBe(expected);
  });

  it.each([
    ['a fraction', TAG.generalizedTime, '20500101000000.5Z'],
    ['no seconds', TAG.utcTime, '2701010000Z'],
    ['the 30th of February', TAG.utcTime, '270230000000Z'],
    ['hour 24', TAG.utcTime, '270228240000Z'],
    ['minute 60', TAG.utcTime, '270228236000Z'],
    ['second 60', TAG.utcTime, '270228235960Z'],
    ['another type', TAG.utf8String, '270101000000Z'],
    ['something endless', TAG.utcTime, '270101000000Z'.padEnd(5000, ' ')],
  ])('refuses a time with %s', (_, tag, text) => {
    expect(() => readTime(readElement(element(tag, Buffer.from(text))))).toThrow('time');
  });

  it.each([
    ['', 'truncated'],
    ['30', 'truncated'],
    ['3002', 'truncated'],
    ['300205', 'truncated'],
    ['30800000', 'indefinite-length'],
    ['308102', 'length-not-shortest'],
    ['30820002aabb', 'length-not-shortest'],
    ['3085000000000100', 'length-too-large'],
    ['3084ffffffff', 'truncated'],
    ['1f8101', 'long-tag'],
    ['050000', 'trailing-bytes'],
    ['0500', 'accepted'],
  ])('answers %s with %s', (hex, reason) => {
    expect(refusal(hex)).toBe(reason);
  });

  it('refuses values that BER allows and DER does not', () => {
    const value = (hex: string) => readElement(fromHex(hex));
    expect(() => readBoolean(value('010101'))).toThrow(/boolean/);
    expect(() => readIntegerBytes(value('02020001'))).toThrow(/shortest/);
    expect(() => readIntegerBytes(value('0200'))).toThrow(/integer/);
    expect(() => readOid(value('0602802a'))).toThrow(/oid/);
    expect(() => readOid(value('0602ff80'))).toThrow(/oid/);
    expect(() => readNamedBits(value('03020700'))).toThrow(/trailing/);
    expect(() => readNamedBits(value('03020080'))).toThrow(/trailing/);
    expect(() => readSmallInteger(value('0201ff'))).toThrow(/range/);
    expect(() => readTime(element17('490231000000Z'))).toThrow(/time/);
    expect(() => readTime(element17('4902280000Z'))).toThrow(/time/);
    expect(() => readTime(element17('490228000000+0000'))).toThrow(/time/);
    expect(() => childrenOf(value('0500'))).toThrow(/constructed/);
  });

  it('never throws anything but a refusal, on any bytes', () => {
    const walk = (bytes: Uint8Array): void => {
      const read = readElement(bytes);
      if ((read.tag & 0x20) !== 0) for (const child of childrenOf(read)) walk(child.raw);
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          walk(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: 'encoding_invalid' });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('walks a sequence in its fixed order', () => {
    const fields = new Sequence(readElement(sequence(integer(1), NULL)), 'test');
    expect(fields.optional(TAG.null)).toBeUndefined();
    fields.take(TAG.integer);
    expect(() => fields.end()).toThrow(/unexpected-element/);
    expect(() => fields.take(TAG.integer)).toThrow(/unexpected-tag/);
    fields.take(TAG.null);
    expect(() => fields.take()).toThrow(/missing-element/);
    fields.end();
  });
});

const element17 = (text: string) => readElement(element(TAG.utcTime, Buffer.from(text)));
