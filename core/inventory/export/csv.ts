// Comma-separated values (RFC 4180) that a spreadsheet will show and not run.

export type CsvValue = string | number | undefined;

/** What makes a formula of a text, in East Asian settings in the wide forms too; some programs skip white space before it. */
const FORMULA = /^[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/**
 * One field. A spreadsheet may take text for a formula, and devices choose some of the texts here; a leading apostrophe
 * makes it text again. Numbers stay as they are.
 */
function field(value: CsvValue): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One record with its line end (RFC 4180 2.1). */
export const csvRecord = (values: readonly CsvValue[]): string => `${values.map(field).join(',')}\r\n`;

/** A header and one record for each row, as pieces of text to write one after the other. */
export function* csvText<Column extends string>(
  columns: readonly Column[],
  rows: Iterable<Readonly<Record<Column, CsvValue>>>,
): Generator<string, void, undefined> {
  yield csvRecord(columns);
  for (const row of rows) yield csvRecord(columns.map((column) => row[column]));
}
