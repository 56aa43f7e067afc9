// The summary of several runs: who, what was checked, how it ended.

import type { RunResult } from '../../core/station/events.ts';
import { checkWords, custodyWords } from './checkWords.ts';
import { type Paint, paintOutcome, seconds } from './style.ts';
import { renderTable } from './table.ts';

const SHORT_SERIAL = 16;

export function runTable(paint: Paint, runs: readonly RunResult[], width?: number): string {
  return renderTable(
    paint,
    [
      { title: 'Device' },
      { title: 'Hardware id', spare: 2 },
      { title: 'Certificate serial', spare: 4 },
      { title: 'Key', spare: 1 },
      { title: 'Check made' },
      { title: 'Handshake', align: 'right', spare: 3 },
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
    width,
  );
}
