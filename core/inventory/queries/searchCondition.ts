// What the devices screen's search finds, as a condition on `device`: few as a list of their numbers, many as marks.

import { z } from 'zod';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { isMarked } from './marks.ts';
import { findNames, mark } from './nameSearch.ts';

export interface SearchCondition {
  /** Undefined when all devices meet it. */
  readonly clause: string | undefined;
  readonly parameters: SqlParameters;
  readonly total: number;
  /** Its devices are looked up one by one. */
  readonly isFew: boolean;
}

const CERTIFICATE_TEXT = /^[0-9a-f]{4,40}$/;
const FEW = 5_000;
const parseNumber = z.object({ device_number: z.int() });

function find(connection: Connection, search: string) {
  const found = findNames(connection, search);
  const hex = search.toLowerCase().replaceAll(':', '');
  if (CERTIFICATE_TEXT.test(hex)) {
    const rows = connection.all(
      `SELECT device_number FROM credential JOIN device USING (device_serial)
       WHERE certificate_serial >= @hex AND certificate_serial < @hexEnd`,
      { hex, hexEnd: `${hex}\u{10ffff}` },
    );
    for (const row of rows) mark(found, parseNumber.parse(row).device_number);
  }
  return found;
}

function numbersOf(marks: Uint8Array): readonly number[] {
  const numbers: number[] = [];
  for (let at = marks.indexOf(1); at >= 0; at = marks.indexOf(1, at + 1)) numbers.push(at + 1);
  return numbers;
}

/** Of `all` devices, those that `search` finds; all where it is empty. */
export function searchCondition(connection: Connection, search: string, all: number): SearchCondition {
  if (search === '') return { clause: undefined, parameters: {}, total: all, isFew: false };
  const { count: total, marks } = find(connection, search);
  if (total === all) return { clause: undefined, parameters: {}, total, isFew: false };
  return total <= FEW
    ? {
        clause: 'device.device_number IN (SELECT value FROM json_each(@numbers))',
        parameters: { numbers: JSON.stringify(numbersOf(marks)) },
        ...{ total, isFew: true },
      }
    : {
        clause: isMarked('found', 'device.device_number'),
        parameters: { found: marks },
        ...{ total, isFew: false },
      };
}
