// A list of device serials as a spreadsheet saves it. Every row is judged; a list is used whole or not at all.

import { DEVICE_SERIAL_MAX_LENGTH, type DeviceSerial, parseDeviceSerial, quoteForDisplay } from './device.ts';
import { StationError } from './stationError.ts';

export type SerialRowProblem = 'empty' | 'too-long' | 'alphabet' | 'duplicate' | 'case-conflict' | 'columns';

export interface SerialProblem {
  /** Counted from 1 with the heading, as a spreadsheet shows it. */
  readonly row: number;
  readonly value: string;
  readonly problem: SerialRowProblem;
  /** The row it collides with. */
  readonly otherRow: number | undefined;
}

export interface SerialList {
  /** Rows that are meant to hold a serial: without the heading and without empty lines at the end. */
  readonly rows: number;
  readonly deviceSerials: readonly DeviceSerial[];
  readonly problems: readonly SerialProblem[];
}

const HEADING = /^(device[ _-]?)?(serial|sn)([ _-]?(number|no\.?))?$/i;

function decode(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new StationError('file_invalid', { reason: 'encoding' }, { cause });
  }
  if (text.includes('\u0000')) throw new StationError('file_invalid', { reason: 'encoding' });
  return text;
}

/** RFC 4180 within one line; the separator is whichever of `,` `;` tab the line has first. Undefined: an open quote. */
function fieldsOf(line: string): readonly string[] | undefined {
  const separator = /[,;\t]/.exec(line.replace(/"[^"]*"/g, ''))?.[0] ?? ',';
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(rest);
    if (quoted === null && /^\s*"/.test(rest)) return undefined;
    const end = quoted === null ? rest.indexOf(separator) : quoted[0].length;
    if (quoted !== null && end < rest.length && rest[end] !== separator) return undefined;
    const last = end === -1 || end >= rest.length;
    fields.push(quoted?.[1]?.replaceAll('""', '"') ?? (last ? rest : rest.slice(0, end)).trim());
    if (last) return fields;
    rest = rest.slice(end + 1);
  }
}

function problemOf(value: string): SerialRowProblem | undefined {
  if (value === '') return 'empty';
  if (value.length > DEVICE_SERIAL_MAX_LENGTH) return 'too-long';
  try {
    parseDeviceSerial(value);
    return undefined;
  } catch {
    return 'alphabet';
  }
}

/**
 * Reads UTF-8 or UTF-16 text with one serial per row, in the column headed "serial" (or the first). Throws
 * `file_invalid` when it is no text; whatever is wrong with a row is a problem of that row.
 */
export function parseSerialList(bytes: Uint8Array): SerialList {
  const lines = decode(bytes).split(/\r\n|\n|\r/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const heading = fieldsOf(lines[0] ?? '')?.findIndex((field) => HEADING.test(field)) ?? -1;
  const column = Math.max(heading, 0);
  const firstRow = heading === -1 ? 0 : 1;
  const rowOf = new Map<string, { readonly row: number; readonly value: string }>();
  const deviceSerials: DeviceSerial[] = [];
  const problems: SerialProblem[] = [];

  for (const [index, line] of lines.entries()) {
    if (index < firstRow) continue;
    const row = index + 1;
    const fields = fieldsOf(line);
    const value = fields?.[column] ?? '';
    const report = (problem: SerialRowProblem, otherRow?: number): void => {
      problems.push({
        row,
        value: quoteForDisplay(fields === undefined ? line : value, 80),
        problem,
        otherRow,
      });
    };
    const known = rowOf.get(value.toLowerCase());
    const problem = problemOf(value);
    if (fields === undefined) report('columns');
    else if (problem !== undefined) report(problem);
    else if (known !== undefined) report(known.value === value ? 'duplicate' : 'case-conflict', known.row);
    else {
      rowOf.set(value.toLowerCase(), { row, value });
      deviceSerials.push(parseDeviceSerial(value));
    }
  }
  return { rows: lines.length - firstRow, deviceSerials, problems };
}
