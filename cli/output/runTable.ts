// The summary of several runs: who, what was checked, how it ended.

import type { RunResult } from '../../core/station/events.ts';
import { checkWords, custodyWords } from './checkWords.ts';
import { type Paint, paintOutcome, seconds } from './style.ts';
import { renderTable } from './table.ts';

const SHORT_SERIAL = 16;

export function runTable(paint: Paint, runs: readonly RunResult[]): string {
  return renderTable(
    paint,
    [
      { title: 'Device' },
      { title: 'Hardware id' },
      { title: 'Certificate serial' },
      { title: 'Key' },
      { title: 'Check made' },
      { title: 'Handshake', align: 'right' },
      { title: 'Outcome' },
      { title: 'Time', align: 'right' },
    ],
    runs.map((run) => [
      run.deviceSerial,
      run.hardwareId ?? '–',
      run.certificateSerial === undefined ? '–' : `${run.certificateSerial.slice(0, SHORT_SERIAL)}…`,
      custodyWords(run.custody),
      checkWords(run.verification) || '–',
      run.handshake === undefined
        ? '–'
        : `${run.handshake.protocol} ${run.handshake.durationMs.toFixed(0)} ms`,
      paintOutcome(paint, run.outcome),
      seconds(run.durationMs),
    ]),
  );
}
