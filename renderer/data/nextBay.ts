// Which bay the next scan starts. Pure, because a wrong bay is a wrong device.

import type { Bay } from '../../core/contract/schemas/bays.ts';

export const inBenchOrder = (bays: readonly Bay[]): readonly Bay[] =>
  [...bays].sort((a, b) => a.row - b.row || a.column - b.column);

const canStart = (bay: Bay): boolean =>
  bay.port !== undefined && (bay.state === 'ready' || bay.state === 'done');

/**
 * The bay that was chosen, if it can start; else the first that is ready; else, where every device has its verdict, the
 * one whose verdict is oldest. Undefined: no bay can start.
 */
export function nextBay(bays: readonly Bay[], chosen: string | undefined): Bay | undefined {
  const able = inBenchOrder(bays).filter(canStart);
  return (
    able.find((bay) => bay.bayName === chosen) ??
    able.find((bay) => bay.state === 'ready' && !bay.handsFree) ??
    able.filter((bay) => !bay.handsFree).sort((a, b) => (a.run?.endedAtMs ?? 0) - (b.run?.endedAtMs ?? 0))[0]
  );
}

/** A bay's own barcode: `bay:A1`. Undefined: it is something else. */
export const bayInScan = (text: string): string | undefined => /^bay:(.{1,24})$/i.exec(text)?.[1];

export type Strength = 'strong' | 'partial' | 'weak';

/** How strongly what stands on the device was checked, as one word. */
export function strengthOf(checks: readonly string[]): Strength {
  if (checks.length === 0 || checks.includes('impossible')) return 'weak';
  return checks.includes('length-only') ? 'partial' : 'strong';
}
