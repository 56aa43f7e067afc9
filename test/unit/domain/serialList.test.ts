import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSerialList } from '../../../core/domain/serialList.ts';
import { StationError } from '../../../core/domain/stationError.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const serials = (text: string): readonly string[] => parseSerialList(bytes(text)).deviceSerials;

describe('parseSerialList', () => {
  it.each([
    ['one per line', 'A1\nA2\n', ['A1', 'A2']],
    ['Windows line ends and a byte order mark', '\uFEFFA1\r\nA2\r\n\r\n', ['A1', 'A2']],
    ['a heading', 'Serial\nA1', ['A1']],
    ['another column', 'box;serial number;note\n1;A1;x\n2;A2;y', ['A1', 'A2']],
    ['quotes', '"A1","a, b"\n"A2",c', ['A1', 'A2']],
    ['tabs', 'A1\tx\nA2\ty', ['A1', 'A2']],
    ['nothing', '', []],
  ])('reads %s', (_, text, expected) => {
    expect(serials(text)).toEqual(expected);
    expect(parseSerialList(bytes(text)).problems).toEqual([]);
  });

  it('reads UTF-16 as Excel saves "Unicode text"', () => {
    const list = parseSerialList(new Uint8Array([0xff, 0xfe, 0x41, 0, 0x31, 0, 0x0a, 0]));
    expect(list.deviceSerials).toEqual(['A1']);
  });

  it('names each bad row and what it collides with', () => {
    const list = parseSerialList(bytes(`serial\nA1\n\nA1\na1\nB 2\n${'x'.repeat(65)}\n"open\nA2`));
    expect(list.deviceSerials).toEqual(['A1', 'A2']);
    expect(list.rows).toBe(8);
    expect(list.problems).toMatchObject([
      { row: 3, problem: 'empty' },
      { row: 4, problem: 'duplicate', otherRow: 2 },
      { row: 5, problem: 'case-conflict', otherRow: 2 },
      { row: 6, problem: 'alphabet', value: 'B 2' },
      { row: 7, problem: 'too-long' },
      { row: 8, problem: 'columns', value: '"open' },
    ]);
  });

  it.each([
    ['Latin-1', new Uint8Array([0x41, 0xe4, 0x0a])],
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0])],
    ['text with NUL', bytes('A1\u0000')],
  ])('refuses %s', (_, data) => {
    expect(() => parseSerialList(data)).toThrow(StationError);
  });

  it('accounts for every row, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 70 }).map((text) => text.replace(/[\r\n\u0000]/g, ''))),
        (rows) => {
          const list = parseSerialList(bytes(rows.join('\n')));
          expect(list.deviceSerials.length + list.problems.length).toBe(list.rows);
          expect(new Set(list.deviceSerials).size).toBe(list.deviceSerials.length);
        },
      ),
    );
  });

  it('reads 50,000 rows', () => {
    const text = Array.from({ length: 50_000 }, (_, i) => `KL7-${i}`).join('\n');
    expect(serials(text)).toHaveLength(50_000);
  });
});
