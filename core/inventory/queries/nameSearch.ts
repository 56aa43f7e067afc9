// The search for a part of a device's name. No index holds parts; so the names are read whole, from pages that hold nothing
// else (migration 150): a million in about the time that looking each row up would take for fifty thousand.

import { z } from 'zod';
import type { Connection } from '../database/connection.ts';
import { NAMES_PER_PAGE } from '../database/migrations/150-device-list-filters.ts';

const parsePage = z.object({ page: z.int(), names: z.string() });
const parseNewest = z.object({ newest: z.int() });

export interface FoundDevices {
  /** How many devices were found. */
  count: number;
  /** An octet for each device number from 1 on; 1 where the device was found. */
  readonly marks: Uint8Array;
}

/** Notes that a device was found; once, however often. */
export function mark(found: FoundDevices, deviceNumber: number): void {
  if (found.marks[deviceNumber - 1] !== 0) return;
  found.marks[deviceNumber - 1] = 1;
  found.count += 1;
}

/** The devices that have `text` in a name. Upper and lower case are one. */
export function findNames(connection: Connection, text: string): FoundDevices {
  const { newest } = parseNewest.parse(
    connection.get('SELECT coalesce(max(device_number), 0) AS newest FROM device'),
  );
  const found = { count: 0, marks: new Uint8Array(newest) };
  const sought = text.toLowerCase();
  // Neither is part of a name, but both stand in a page.
  if (/[ \n]/.test(sought)) return found;
  for (const row of connection.each('SELECT page, names FROM device_name_page')) {
    const { page, names } = parsePage.parse(row);
    // Devices are numbered from 1, without gaps, and none is ever removed.
    let device = Math.max(1, page * NAMES_PER_PAGE);
    let lineEnd = -1;
    for (let at = names.indexOf(sought); at >= 0; at = names.indexOf(sought, lineEnd)) {
      for (lineEnd = names.indexOf('\n', lineEnd + 1); lineEnd >= 0 && lineEnd < at; device += 1) {
        lineEnd = names.indexOf('\n', lineEnd + 1);
      }
      mark(found, device);
      if (lineEnd < 0) break;
      device += 1;
    }
  }
  return found;
}
