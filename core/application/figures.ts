// The arithmetic of reports: medians, failures by code, a shift cut into stretches.

import type { Shift } from '../contract/schemas/orders.ts';
import { PHASES } from '../domain/run.ts';
import { ERROR_SIDES, type ErrorCode } from '../domain/stationError.ts';
import type { ClosedRun, PhaseTime } from '../inventory/queries/figures.ts';

const BUCKETS_MAX = 400;
const BUCKET_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;

/** The middle value; of an even number the mean of the two in the middle. Undefined for none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return undefined;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

const durationSeconds = (run: ClosedRun): number => Math.max(0, run.closedAtMs - run.startedAtMs) / 1000;

export const medianRunSeconds = (runs: readonly ClosedRun[]): number | undefined =>
  median(runs.filter((run) => run.outcome === 'pass').map(durationSeconds));

/** How often each code ended a run, commonest first. A code that no longer exists counts as `internal`. */
export function failuresOf(runs: readonly ClosedRun[]): { code: ErrorCode; count: number }[] {
  const counts = new Map<ErrorCode, number>();
  for (const { failureCode } of runs) {
    if (failureCode === undefined) continue;
    const code = Object.hasOwn(ERROR_SIDES, failureCode) ? (failureCode as ErrorCode) : 'internal';
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].map(([code, count]) => ({ code, count })).sort((a, b) => b.count - a.count);
}

export function shiftFigures(
  period: { readonly fromMs: number; readonly toMs: number; readonly nowMs: number },
  runs: readonly ClosedRun[],
  phaseTimes: readonly PhaseTime[],
): Shift {
  const { fromMs, toMs } = period;
  const endMs = Math.min(toMs, period.nowMs);
  const passed = runs.filter((run) => run.outcome === 'pass').length;
  const devices = new Set(runs.map((run) => run.deviceSerial));
  const passedDevices = new Set(runs.filter((run) => run.outcome === 'pass').map((run) => run.deviceSerial));
  const firsts = runs.filter((run) => run.first);
  const hours = Math.max(0, endMs - fromMs) / HOUR_MS;
  const bays = new Map<string, { runs: number; failed: number }>();
  for (const run of runs) {
    const bay = bays.get(run.bayName) ?? { runs: 0, failed: 0 };
    bays.set(run.bayName, {
      runs: bay.runs + 1,
      failed: bay.failed + (run.outcome === 'pass' ? 0 : 1),
    });
  }
  return {
    fromMs,
    toMs,
    runs: runs.length,
    passed,
    yield: devices.size === 0 ? undefined : passedDevices.size / devices.size,
    firstPassYield:
      firsts.length === 0 ? undefined : firsts.filter((run) => run.outcome === 'pass').length / firsts.length,
    unitsPerHour: hours === 0 ? undefined : passedDevices.size / hours,
    medianRunSeconds: medianRunSeconds(runs),
    buckets: bucketsOf(fromMs, endMs, runs),
    phases: PHASES.flatMap((phase) => {
      const seconds = phaseTimes
        .filter((time) => time.phase === phase)
        .map((time) => Math.max(0, time.durationMs) / 1000);
      const medianSeconds = median(seconds);
      if (medianSeconds === undefined) return [];
      const slowestSeconds = seconds.reduce((most, one) => Math.max(most, one), 0);
      return [{ phase, medianSeconds, slowestSeconds }];
    }),
    bays: [...bays].map(([bayName, counts]) => ({ bayName, ...counts })).slice(0, 64),
    failures: failuresOf(runs).slice(0, 100),
  };
}

function bucketsOf(fromMs: number, endMs: number, runs: readonly ClosedRun[]): Shift['buckets'] {
  const spanMs = Math.max(0, endMs - fromMs);
  const sizeMs = Math.max(BUCKET_MS, Math.ceil(spanMs / BUCKETS_MAX / BUCKET_MS) * BUCKET_MS);
  const buckets = Array.from({ length: Math.ceil(spanMs / sizeMs) }, (_, index) => ({
    startMs: fromMs + index * sizeMs,
    passed: 0,
    failed: 0,
  }));
  for (const run of runs) {
    const bucket = buckets[Math.floor((run.closedAtMs - fromMs) / sizeMs)];
    if (bucket === undefined) continue;
    if (run.outcome === 'pass') bucket.passed += 1;
    else bucket.failed += 1;
  }
  return buckets;
}
