// The table of a kill sweep: where the cut fell, what the next start found, what it did, and whether all invariants held.

import { appendFileSync } from 'node:fs';
import { renderTable } from '../../cli/output/table.ts';

export interface SweepRow {
  readonly point: string;
  readonly found: string;
  readonly did: string;
  readonly after: string;
  readonly held: boolean;
}

/** Prints the table, and adds it to the file that KEYLINE_SWEEP_TABLE names. */
export function printSweep(title: string, rows: readonly SweepRow[]): void {
  const table = renderTable(
    (_, text) => text,
    [
      { title: 'SIGKILL' },
      { title: 'Recovery found' },
      { title: 'It did' },
      { title: 'Same device again' },
      { title: 'Invariants' },
    ],
    rows.map(({ point, found, did, after, held }) => [point, found, did, after, held ? 'held' : 'BROKEN']),
  );
  const text = `\nKill sweep: ${title} (${rows.length} points)\n${table}\n`;
  process.stdout.write(`${text}\n`);
  const path = process.env.KEYLINE_SWEEP_TABLE;
  if (path !== undefined) appendFileSync(path, `${text}\n`);
}
