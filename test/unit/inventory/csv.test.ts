import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvRecord, csvText } from '../../../core/inventory/export/csv.ts';

describe('CSV', () => {
  it('quotes what RFC 4180 2.6 and 2.7 say, and only that', () => {
    expect(csvRecord(['plain', 'with space', 'a,b', 'say "hi"', 'two\r\nlines', '', undefined, 7])).toBe(
      'plain,with space,"a,b","say ""hi""","two\r\nlines",,,7\r\n',
    );
  });

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    '\u00a0=1',
    '＝1+1',
    '＋1',
    '－1',
    '＠x',
  ])('makes text of the formula %j', (formula) => {
    const record = csvRecord([formula]);
    expect(record.replace(/^"/, '')).toMatch(/^'/);
  });

  it('leaves negative numbers and inner signs alone', () => {
    expect(csvRecord([-5, 'SN-1', 'a=b', 'x@y'])).toBe('-5,SN-1,a=b,x@y\r\n');
  });

  it('writes a header and the columns in their order, piece by piece', () => {
    const rows = [
      { b: 2, a: 'x' },
      { a: undefined, b: 3 },
    ];
    expect([...csvText(['a', 'b'], rows)]).toEqual(['a,b\r\n', 'x,2\r\n', ',3\r\n']);
  });

  /** A reader of RFC 4180 that shares nothing with the writer. */
  function read(text: string): readonly (readonly string[])[] {
    const records: string[][] = [];
    let record: string[] = [];
    let field = '';
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const character = text.charAt(at);
      if (quoted) {
        if (character !== '"') field += character;
        else if (text.charAt(at + 1) === '"') {
          field += '"';
          at += 1;
        } else quoted = false;
      } else if (character === '"') quoted = true;
      else if (character === ',') {
        record.push(field);
        field = '';
      } else if (character === '\r' && text.charAt(at + 1) === '\n') {
        at += 1;
        records.push([...record, field]);
        record = [];
        field = '';
      } else field += character;
    }
    expect({ quoted, record, field }).toEqual({ quoted: false, record: [], field: '' });
    return records;
  }

  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('=', '+', '-', '@', '"', ',', ';', '\t', '\r', '\n', ' ', "'", '|', 'A1', 'cmd'))
      .map((parts) => parts.join('')),
  );

  it('gives every text back, and begins no cell as a formula, whatever a device calls itself', () => {
    fc.assert(
      fc.property(fc.array(fc.array(hostile, { minLength: 2, maxLength: 5 })), (rows) => {
        const cells = read(rows.map(csvRecord).join(''));
        expect(cells.map((record) => record.length)).toEqual(rows.map((row) => row.length));
        for (const [row, record] of cells.entries())
          for (const [column, cell] of record.entries()) {
            const text = rows[row]?.[column] ?? '';
            expect([text, `'${text}`]).toContain(cell);
            expect(cell).not.toMatch(/^\s*[=+\-@]/);
          }
      }),
    );
  });
});
