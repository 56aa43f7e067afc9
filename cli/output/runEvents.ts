// A run's events as a machine reads them and as lines of plain text.

import type { Refusal, RunEvent, RunResult } from '../../core/station/events.ts';
import { failureWords } from './failureWords.ts';
import { type Paint, paintOutcome, seconds } from './style.ts';

/** The facts of an event without its kind, which stands in `event`. */
export function runEventAsJson(event: RunEvent): object {
  const { kind: _, ...facts } = event;
  if (event.kind !== 'closed') return facts;
  const { failure, ...result } = event.result;
  return {
    ...result,
    ...(failure === undefined ? {} : { failure: { ...failure, ...failureWords(failure) } }),
  };
}

/** One line for what is worth a line in a log: phases begun and verdicts. */
export function runEventAsLine(paint: Paint, event: RunEvent): string | undefined {
  switch (event.kind) {
    case 'phase-begun':
      return paint('dim', `${event.bayName}  ${event.deviceSerial}  ${event.phase}`);
    case 'phase-ended':
    case 'install-progress':
      return undefined;
    case 'closed':
      return verdict(paint, event.result);
    case 'refused':
      return refusalVerdict(paint, event.refusal);
  }
}

/** The verdict on one device, and under it why and what to do next. */
export function verdict(paint: Paint, result: RunResult): string {
  const head = `${paintOutcome(paint, result.outcome)}  ${result.bayName}  ${paint('bold', result.deviceSerial)}`;
  if (result.failure === undefined) {
    const checks = [...new Set(result.verification.map((item) => item.check))].join(', ');
    const handshake = result.handshake === undefined ? '' : `, ${result.handshake.protocol} handshake`;
    return `${head}  ${seconds(result.durationMs)}  ${paint('dim', `checked by ${checks}${handshake}`)}`;
  }
  const { what, next } = failureWords(result.failure);
  return `${head}  ${paint('dim', `in ${result.failedPhase ?? 'close'}`)}\n    ${what}\n    ${paint('dim', next)}`;
}

export function refusalVerdict(paint: Paint, refusal: Refusal): string {
  const { what, next } = failureWords(refusal.failure);
  const head = `${paint('red', '✘ refused')}  ${refusal.bayName}  ${paint('bold', refusal.deviceSerial)}`;
  return `${head}\n    ${what}\n    ${paint('dim', next)}`;
}
