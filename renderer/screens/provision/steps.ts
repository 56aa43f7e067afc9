// A run's phases as steps of a stepper. Pure.

import type { RunView } from '../../../core/contract/schemas/bays.ts';
import type { Phase } from '../../../core/domain/run.ts';

export const PHASE_ORDER: readonly Phase[] = [
  'open',
  'identify',
  'reserve',
  'key',
  'prepare',
  'issue',
  'install',
  'verify',
  'seal',
  'close',
];

export interface Step {
  readonly phase: Phase;
  readonly step: 'done' | 'now' | 'failed' | 'waiting';
  readonly seconds: number | undefined;
}

export function stepsOf(run: RunView): readonly Step[] {
  return PHASE_ORDER.map((phase) => {
    const record = run.phases.find((one) => one.phase === phase);
    // A run that passed has nothing left to do, also where the target cannot seal.
    if (record === undefined)
      return { phase, step: run.outcome === 'pass' ? 'done' : 'waiting', seconds: undefined };
    if (record.endedAtMs === undefined) return { phase, step: 'now', seconds: undefined };
    return {
      phase,
      step: record.outcome === 'pass' ? 'done' : 'failed',
      seconds: (record.endedAtMs - record.startedAtMs) / 1_000,
    };
  });
}
