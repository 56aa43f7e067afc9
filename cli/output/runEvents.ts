// A run's events as a machine reads them and as lines of plain text.

import type { RunFailure } from '../../core/domain/run.ts';
import type { Refusal, RunEvent, RunResult } from '../../core/station/events.ts';
import { askedAgainWords, checkWords, custodyWords } from './checkWords.ts';
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
  const head = `  ${paintOutcome(paint, result.outcome)}  ${result.bayName}  ${paint('bold', result.deviceSerial)}`;
  const words = askedAgainWords(result.askedAgainCount);
  const noise = words === undefined ? '' : `\n${REASON_INDENT}${paint('yellow', words)}`;
  if (result.failure === undefined) {
    const handshake = result.handshake === undefined ? '' : `, ${result.handshake.protocol} handshake`;
    const checks = `checked by ${checkWords(result.verification)}${handshake}; key: ${custodyWords(result.custody)}`;
    return `${head}  ${seconds(result.durationMs)}  ${paint('dim', checks)}${noise}`;
  }
  return `${head}  ${paint('dim', `in ${result.failedPhase ?? 'close'}`)}\n${reason(paint, result.failure)}${noise}`;
}

export function refusalVerdict(paint: Paint, refusal: Refusal): string {
  const head = `  ${paint('red', '✘ refused')}  ${refusal.bayName}  ${paint('bold', refusal.deviceSerial)}`;
  return `${head}\n${reason(paint, refusal.failure)}`;
}

const REASON_INDENT = '      ';

/** What happened, and below it, quieter, what to do next. */
function reason(paint: Paint, failure: RunFailure): string {
  const { what, next } = failureWords(failure);
  return `${REASON_INDENT}${what}\n${REASON_INDENT}${paint('dim', next)}`;
}
