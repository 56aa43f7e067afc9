// The words for a long count: they must not promise anything that was not measured.

import { describe, expect, test } from 'vitest';
import { progressWords } from '../../../cli/output/progressWords.ts';

const at = (done: number, elapsedMs: number, doneBefore = 0, total = 20_000): string =>
  progressWords({ done, total, doneBefore, elapsedMs });

describe('progress words', () => {
  test.each([
    ['nothing yet', at(0, 5_000), '0 of 20,000'],
    ['no time yet', at(1_000, 0), '1,000 of 20,000'],
    ['seconds left', at(2_000, 1_000), '2,000 of 20,000  2,000/s  9 s left'],
    ['minutes left, rounded up', at(1_000, 10_000), '1,000 of 20,000  100/s  4 min left'],
    ['hours left', at(10, 10_000), '10 of 20,000  1.0/s  5 h 34 min left'],
    ['done', at(20_000, 10_000), '20,000 of 20,000  2,000/s  0 s left'],
  ])('%s', (_, words, expected) => {
    expect(words).toBe(expected);
  });

  test('an earlier attempt’s devices do not make this one look faster', () => {
    expect(at(10_100, 1_000, 10_000)).toBe('10,100 of 20,000  100/s  2 min left');
    expect(at(10_000, 1_000, 10_000)).toBe('10,000 of 20,000');
  });
});
