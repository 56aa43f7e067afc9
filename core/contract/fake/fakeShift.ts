// The fake's figures of a shift.

import { PHASES } from '../../domain/run.ts';
import type { StationMethods } from '../rpc/host.ts';
import { mix, type World } from './world.ts';

export function fakeShift(world: World): Pick<StationMethods, 'shift.get'> {
  const now = world.options.nowMs;
  return {
    'shift.get': ({ fromMs, toMs }) => {
      const size = 900_000;
      const buckets = world.options.orders
        ? Array.from(
            { length: Math.max(0, Math.min(400, Math.ceil((Math.min(toMs, now()) - fromMs) / size))) },
            (_, i) => {
              const startMs = fromMs + i * size;
              const pause = i % 16 === 7;
              return { startMs, passed: pause ? 2 : 17 + (mix(i, 51) % 9), failed: mix(i, 52) % 3 };
            },
          )
        : [];
      const passed = buckets.reduce((sum, one) => sum + one.passed, 0);
      const runs = passed + buckets.reduce((sum, one) => sum + one.failed, 0);
      if (runs === 0)
        return { fromMs, toMs, runs: 0, passed: 0, buckets: [], phases: [], bays: [], failures: [] };
      const hours = Math.max(0.25, (Math.min(toMs, now()) - fromMs) / 3_600_000);
      return {
        fromMs,
        toMs,
        runs,
        passed,
        yield: passed / runs,
        firstPassYield: passed / runs - 0.018,
        unitsPerHour: passed / hours,
        medianRunSeconds: 6.8,
        buckets,
        phases: PHASES.map((phase, i) => ({
          phase,
          medianSeconds: [0.15, 0.6, 0.08, 0.45, 0.09, 0.16, 3.2, 1.7, 0.25, 0.12][i] ?? 0.1,
          slowestSeconds: [0.3, 3, 0.2, 1.2, 0.2, 0.4, 5.1, 4.2, 0.6, 0.3][i] ?? 0.2,
        })),
        bays: ['A1', 'A2', 'A3', 'A4'].map((bayName, i) => ({
          bayName,
          runs: Math.round(runs / 4) + i,
          failed: [3, 2, 14, 1][i] ?? 0,
        })),
        failures: [
          { code: 'device_silent', count: 11 },
          { code: 'verification_mismatch', count: 5 },
          { code: 'handshake_failed', count: 3 },
          { code: 'device_gone', count: 1 },
        ],
      };
    },
  };
}
