import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { type Cbor, decodeCbor } from '../../../core/link/cbor/decode.ts';
import { encodeCbor } from '../../../core/link/cbor/encode.ts';
import { cbor } from '../../../core/simulator/proof/cborWriter.ts';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

describe('CBOR', () => {
  // RFC 8949, appendix A.
  it.each([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['29', -10],
    ['3903e7', -1000],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['4401020304', hex('01020304')],
    ['6449455446', 'IETF'],
    ['83010203', [1, 2, 3]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['bf6161019f0203ffff', undefined],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['c11a514b67b0', 1_363_896_240],
  ] as const)('reads %s', (text, expected) => {
    if (expected === undefined) expect(() => decodeCbor(hex(text))).toThrow(StationError);
    else expect(decodeCbor(hex(text))).toEqual(expected);
  });

  it('writes what it reads, and what the devices write', () => {
    const value: fc.Arbitrary<Cbor> = fc.letrec<{ value: Cbor }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.integer({ min: -0x8000_0000, max: 0xffff_ffff }),
        fc.boolean(),
        fc.string(),
        fc.uint8Array({ maxLength: 300 }),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 5, noNullPrototype: true }),
      ),
    })).value;
    fc.assert(
      fc.property(value, (item) => {
        expect(decodeCbor(encodeCbor(item))).toEqual(item);
      }),
    );
    expect(encodeCbor([1000, 'x', true])).toEqual(cbor([1000, 'x', true]));
  });

  it('refuses what is cut, nested without end or too large, and never crashes', () => {
    const refused = (bytes: Uint8Array): boolean => {
      try {
        decodeCbor(bytes);
        return false;
      } catch (error) {
        return error instanceof StationError && error.code === 'device_answer_invalid';
      }
    };
    expect(refused(hex('8301'))).toBe(true);
    expect(refused(hex('81'.repeat(2000)))).toBe(true);
    expect(refused(hex('9b00ffffffffffffff'))).toBe(true);
    expect(refused(hex('5b7fffffffffffffff00'))).toBe(true);
    expect(refused(hex('0000'))).toBe(true);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        let value: unknown;
        try {
          value = decodeCbor(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(StationError);
          return;
        }
        expect(value).toBeDefined();
      }),
    );
  });
});
