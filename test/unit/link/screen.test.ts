import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Screen } from '../../../core/link/session/screen.ts';

const shown = (text: string): readonly string[] => {
  const screen = new Screen();
  screen.write(Buffer.from(text, 'latin1'));
  return screen.rows;
};

describe('a screen of a shell', () => {
  test('strips colours and keeps rows', () => {
    expect(shown('cred list\r\n0 credentials found.\r\n\x1b[1;32muart:~$ \x1b[m')).toEqual([
      'cred list',
      '0 credentials found.',
      'uart:~$ ',
    ]);
  });

  test('lets a log line take the place of the prompt that it erased', () => {
    const prompt = '\x1b[1;32muart:~$ \x1b[m';
    expect(shown(`${prompt}\x1b[8D\x1b[J[00:00:00.840,000] \x1b[0m<inf> tick 0\x1b[0m\r\n${prompt}`)).toEqual(
      ['[00:00:00.840,000] <inf> tick 0', 'uart:~$ '],
    );
  });

  test('redraws a half-typed line that a log line interrupted', () => {
    expect(shown('uart:~$ cred \x1b[13D\x1b[Jtick\r\nuart:~$ cred li')).toEqual(['tick', 'uart:~$ cred li']);
  });

  test('redraws a line that was wrapped over two rows', () => {
    const line = `uart:~$ cred buf ${'A'.repeat(63)}\r\nAAAAAAA`;
    expect(shown(`${line}\x1b[7D\x1b[1A\x1b[JRX ring buffer full.\r\n${line}`)).toEqual([
      'RX ring buffer full.',
      `uart:~$ cred buf ${'A'.repeat(63)}`,
      'AAAAAAA',
    ]);
  });

  test('understands the codes of a line editor', () => {
    expect(shown('cred lisX\x1b[1D\x1b[Jt')).toEqual(['cred list']);
    expect(shown('ab\b\bc')).toEqual(['cb']);
    expect(shown('abc\x1b[2D\x1b[K')).toEqual(['a']);
    expect(shown('noise\x1b[H\x1b[2Juart:~$ ')).toEqual(['uart:~$ ']);
    expect(shown('a\x1b[2Cb')).toEqual(['a  b']);
  });

  test('skips what it does not know, without losing what follows', () => {
    expect(shown('\x1b]0;title\x07a\x1b7b\x1b8c\x00\x07d')).toEqual(['abcd']);
    expect(shown(`\x1b[${'1'.repeat(40)}x`)).toEqual([`${'1'.repeat(23)}x`]);
  });

  test('reads the same however the bytes are cut', () => {
    const piece = fc.constantFrom(
      '\x1b[8D',
      '\x1b[J',
      '\x1b[1A',
      '\r\n',
      '\r',
      'uart:~$ ',
      'cred buf AAAA',
      '\b',
      '\x1b]0;t\x07',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.nat({ max: 9 }), { maxLength: 60 }),
        (pieces, cuts) => {
          const bytes = Buffer.from(pieces.join(''), 'latin1');
          const whole = new Screen();
          whole.write(bytes);
          const cut = new Screen();
          let from = 0;
          for (const length of cuts) {
            cut.write(bytes.subarray(from, from + length));
            from += length;
          }
          cut.write(bytes.subarray(from));
          expect(cut.rows).toEqual(whole.rows);
        },
      ),
    );
  });

  test('stays small whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
        const screen = new Screen();
        for (let repeat = 0; repeat < 20; repeat += 1) screen.write(bytes);
        const size = screen.rows.reduce((sum, row) => sum + row.length, 0);
        expect(screen.rows.length).toBeLessThanOrEqual(512);
        expect(size).toBeLessThanOrEqual(512 * 2_048);
      }),
      { numRuns: 30 },
    );
  });

  test('tells each row when the cursor leaves it', () => {
    const rows: string[] = [];
    const screen = new Screen((row) => rows.push(row));
    screen.write(Buffer.from('one\r\ntw'));
    screen.write(Buffer.from('o\r\nthree'));
    expect(rows).toEqual(['one', 'two']);
    screen.forget(1);
    expect(screen.rows).toEqual(['two', 'three']);
    screen.forget(99);
    expect(screen.rows).toEqual(['three']);
  });
});
