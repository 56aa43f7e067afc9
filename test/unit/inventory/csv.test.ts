import { describe, expect, it } from 'vitest';
import { csvRecord, csvText } from '../../../core/inventory/export/csv.ts';

describe('CSV', () => {
  it('quotes what RFC 4180 2.6 and 2.7 say, and only that', () => {
    expect(csvRecord(['plain', 'with space', 'a,b', 'say "hi"', 'two\r\nlines', '', undefined, 7])).toBe(
      'plain,with space,"a,b","say ""hi""","two\r\nlines",,,7\r\n',
    );
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])('makes text of the formula %j', (formula) => {
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
});
