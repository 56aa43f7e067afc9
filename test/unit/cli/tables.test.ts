// Tables and sentences on terminals of any width.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runTable } from '../../../cli/output/runTable.ts';
import { progressBar } from '../../../cli/output/style.ts';
import { renderTable } from '../../../cli/output/table.ts';
import { wrapText } from '../../../cli/output/wrap.ts';
import { type HardwareId, parseDeviceSerial } from '../../../core/domain/device.ts';
import { failed, passed, plain } from './runResults.ts';

describe('tables', () => {
  const columns = [{ title: 'Name' }, { title: 'Count', align: 'right' as const }];
  test('are as wide as their widest cell, whatever its colours, and end without blanks', () => {
    const text = renderTable(plain, columns, [
      ['\u001b[32mgreen\u001b[39m', '7'],
      ['a longer name', '1234567'],
    ]);
    const lines = text.split('\n').map((line) => line.replaceAll(/\u001b\[\d+m/g, ''));
    expect(lines).toEqual(['Name             Count', 'green                7', 'a longer name  1234567']);
  });

  test('leave out what can be spared where the terminal is narrow, one column at a time, and say so', () => {
    const spared = [{ title: 'Name' }, { title: 'Maker', spare: 2 }, { title: 'Id', spare: 1 }];
    const row = ['\u001b[1mboard\u001b[22m', 'a company', '0123456789'];
    const at = (width: number) => renderTable(plain, spared, [row], width).split('\n')[0];
    expect([28, 27, 16, 15].map(at)).toEqual([
      'Name   Maker      Id',
      'Name   Maker',
      'Name   Maker',
      'Name',
    ]);
    expect(renderTable(plain, spared, [row], 5).split('\n')).toEqual([
      'Name',
      row[0],
      'Too narrow for: Maker, Id. A wider terminal or --json shows all.',
    ]);
  });

  test('of runs fit 80 columns', () => {
    const named = {
      ...passed,
      deviceSerial: parseDeviceSerial('DEMO-0001'),
      hardwareId: 'a'.repeat(16) as HardwareId,
    };
    const lines = runTable(plain, [named, failed], 80).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines[1]).toMatch(/^DEMO-0001 .*device digest .*✔ pass +1\.3 s$/);
  });

  test('of runs name what is missing with a dash', () => {
    const [head = '', first = '', second = ''] = runTable(plain, [passed, failed]).split('\n');
    expect(head).toMatch(
      /^Device +Hardware id +Certificate serial +Key +Check made +Handshake +Outcome +Time$/,
    );
    expect(first).toMatch(
      /^SN-1 +– +4{16}… +station, memory only +device digest +TLSv1\.3 12 ms +✔ pass +1\.3 s$/,
    );
    expect(second).toMatch(/^SN-1 +– +4{16}… +(station, memory only|–) +– +– +✘ fail +1\.3 s$/);
  });

  test('a progress bar stays within its width', () => {
    for (const share of [-1, 0, 0.5, 1, 2]) expect(progressBar(plain, share)).toHaveLength(16);
    expect(progressBar(plain, 0.5)).toBe('━'.repeat(8) + '─'.repeat(8));
  });
});

describe('a line that is too long for the terminal', () => {
  test.each([
    ['a short one stays', 'a short one stays'],
    ['one that is broken between two words', 'one that is broken\nbetween two words'],
    ['  ✔ a mark has its text below it', '  ✔ a mark has its\n    text below it'],
    ['      indented text stays where it is', '      indented text\n      stays where it\n      is'],
    ['\u001b[2mcolours take no room at all\u001b[22m', '\u001b[2mcolours take no room\nat all\u001b[22m'],
    ['  Root CA   its own line here', '  Root CA   its own\n            line\n            here'],
    [`a ${'b'.repeat(30)} c`, `a\n${'b'.repeat(30)}\nc`],
    ['the edge falls into  two blanks', 'the edge falls into\ntwo blanks'],
    ['  keyline inventory list --search SN-1', '  keyline inventory list --search SN-1'],
    ['  $ npm run keyline -- audit verify', '  $ npm run keyline -- audit verify'],
  ])('%j', (text, expected) => {
    expect(wrapText(text, 20)).toBe(expected);
    expect(wrapText(text, Number.POSITIVE_INFINITY)).toBe(text);
  });

  test('loses no word and is never longer than the terminal, but for a long word', () => {
    const word = fc.stringMatching(/^[a-z✔]{1,9}$/);
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1 }),
        fc.nat(4),
        fc.integer({ min: 16, max: 60 }),
        (words, indent, columns) => {
          const text = ' '.repeat(indent) + words.join(' ');
          const lines = wrapText(text, columns).split('\n');
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
          expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(words);
        },
      ),
    );
  });
});
