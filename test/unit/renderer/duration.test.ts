import { describe, expect, it } from 'vitest';
import { durationIn } from '../../../renderer/words/duration.ts';

describe('a length of time', () => {
  const DAY_MS = 86_400_000;
  it.each([
    [0, '0 seconds', '0 Sekunden'],
    [1, '1 second', '1 Sekunde'],
    [41_200, '42 seconds', '42 Sekunden'],
    [60_000, '1 minute', '1 Minute'],
    [3_599_999, '59 minutes', '59 Minuten'],
    [3_600_000, '1 hr 0 mins', '1 Std. 0 Min.'],
    [47 * 3_600_000, '47 hours', '47 Stunden'],
    [729 * DAY_MS, '729 days', '729 Tage'],
    [730 * DAY_MS, '2 years', '2 Jahre'],
  ])('of %i ms is in words as long as it needs', (ms, english, german) => {
    expect(durationIn('en-GB')(ms).replaceAll('\u00a0', ' ')).toBe(english);
    expect(durationIn('de')(ms).replaceAll('\u00a0', ' ')).toBe(german);
  });
});
