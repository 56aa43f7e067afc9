import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failuresOf, median, shiftFigures } from '../../../core/application/figures.ts';
import { waitMs } from '../../../core/application/signIn.ts';
import type { RunId } from '../../../core/domain/ids.ts';
import type { ClosedRun } from '../../../core/inventory/queries/figures.ts';

const run = (values: Partial<ClosedRun>): ClosedRun => ({
  runId: 'run-1' as RunId,
  deviceSerial: 'SN-1',
  bayName: 'A1',
  outcome: 'pass',
  failureCode: undefined,
  startedAtMs: 0,
  closedAtMs: 6_000,
  first: true,
  ...values,
});

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect([median([]), median([3]), median([1, 9]), median([9, 1, 2])]).toEqual([undefined, 3, 5, 2]);
  });

  it('lies between the extremes and does not depend on the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const found = median(values) ?? Number.NaN;
        expect(found).toBeGreaterThanOrEqual(Math.min(...values));
        expect(found).toBeLessThanOrEqual(Math.max(...values));
        expect(median([...values].reverse())).toBe(found);
      }),
    );
  });
});

describe('a shift', () => {
  it('counts a device that passed at the second try for the yield, not for the first-pass yield', () => {
    const figures = shiftFigures(
      { fromMs: 0, toMs: 7_200_000, nowMs: 3_600_000 },
      [
        run({ outcome: 'fail', failureCode: 'device_silent' }),
        run({ first: false, closedAtMs: 9_000 }),
        run({ deviceSerial: 'SN-2', bayName: 'A2', closedAtMs: 1_000_000 }),
      ],
      [{ phase: 'install', durationMs: 3_000 }],
    );
    expect(figures).toMatchObject({ runs: 3, passed: 2, yield: 1, firstPassYield: 0.5, unitsPerHour: 2 });
    expect(figures.buckets).toHaveLength(4);
    expect(figures.buckets.slice(0, 2)).toEqual([
      { startMs: 0, passed: 1, failed: 1 },
      { startMs: 900_000, passed: 1, failed: 0 },
    ]);
    expect(figures.bays).toEqual([
      { bayName: 'A1', runs: 2, failed: 1 },
      { bayName: 'A2', runs: 1, failed: 0 },
    ]);
  });

  it('has at most 400 stretches however long it is', () => {
    const { buckets } = shiftFigures({ fromMs: 0, toMs: 9e12, nowMs: 9e12 }, [], []);
    expect(buckets.length).toBeLessThanOrEqual(400);
  });

  it('keeps counting a code that no longer exists', () => {
    expect(failuresOf([run({ failureCode: 'long_gone' }), run({ failureCode: 'device_silent' })])).toEqual([
      { code: 'internal', count: 1 },
      { code: 'device_silent', count: 1 },
    ]);
  });
});

describe('the wait after wrong PINs', () => {
  it('begins with the third, doubles, and ends at a minute', () => {
    expect([0, 2, 3, 4, 5, 20].map((tries) => waitMs(tries, 1_000, 1_000))).toEqual([
      0, 0, 2_000, 4_000, 8_000, 60_000,
    ]);
    expect(waitMs(3, 1_000, 3_000)).toBe(0);
  });
});
