// Plain tables: two spaces between columns, no boxes to break a copy-and-paste. On a narrow terminal the columns that can be
// spared are left out, and that is said.

import Table from 'cli-table3';
import type { Paint } from './style.ts';
import { visibleLength } from './wrap.ts';

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Left out where the terminal is too narrow: 1 before 2; never, if not given. */
  readonly spare?: number;
}

const GAP = 2;

/** Lays rows out under their titles, on lines of at most `width` where columns can be spared; cells may be coloured. */
export function renderTable(
  paint: Paint,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  const shown = fitting(columns, rows, width);
  const table = new Table({
    head: shown.map((index) => paint('dim', columns[index]?.title ?? '')),
    colAligns: shown.map((index) => columns[index]?.align ?? 'left'),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => shown.map((index) => row[index] ?? '')));
  const lines = table.toString().split('\n');
  const left = columns.filter((_, index) => !shown.includes(index)).map(({ title }) => title.trim());
  if (left.length > 0) {
    lines.push(paint('dim', `Too narrow for: ${left.join(', ')}. A wider terminal or --json shows all.`));
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}

/** The columns that fit, by their indexes. */
function fitting(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly number[] {
  const widths = columns.map(({ title }, index) =>
    rows.reduce((most, row) => Math.max(most, visibleLength(row[index] ?? '')), visibleLength(title)),
  );
  let shown = columns.map((_, index) => index);
  const needed = (): number => shown.reduce((sum, index) => sum + (widths[index] ?? 0) + GAP, -GAP);
  const spare = columns
    .flatMap((column, index) => (column.spare === undefined ? [] : [{ index, order: column.spare }]))
    .sort((one, other) => one.order - other.order);
  for (const { index } of spare) {
    if (needed() <= width) break;
    shown = shown.filter((one) => one !== index);
  }
  return shown;
}
