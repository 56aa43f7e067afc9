// The search for a part of a device's name. No index holds parts; so the names are read whole, from pages that hold nothing
// else (migration 150): a million in about the time that looking each row up would take for fifty thousand.

import { z } from 'zod';
import type { Connection } from '../database/connection.ts';

const parsePage = z.object({ names: z.string() });

export interface FoundNames {
  /** How many devices have the text in a name. */
  readonly count: number;
  /** Their device serials in lower case; undefined when there are more than `limit`. */
  readonly deviceSerials: readonly string[] | undefined;
}

/** Upper and lower case are one. */
export function findNames(connection: Connection, text: string, limit: number): FoundNames {
  const sought = text.toLowerCase();
  const deviceSerials: string[] = [];
  let count = 0;
  // Neither is part of a name, but both stand in a page.
  if (/[ \n]/.test(sought)) return { count, deviceSerials };
  for (const row of connection.each('SELECT names FROM device_name_page')) {
    const { names } = parsePage.parse(row);
    for (let at = names.indexOf(sought); at >= 0; ) {
      const end = names.indexOf('\n', at);
      count += 1;
      if (count <= limit) deviceSerials.push(serialAt(names, at));
      at = end < 0 ? -1 : names.indexOf(sought, end);
    }
  }
  return { count, deviceSerials: count <= limit ? deviceSerials : undefined };
}

/** The first word of the line that `at` lies in. */
function serialAt(names: string, at: number): string {
  const start = names.lastIndexOf('\n', at) + 1;
  const line = names.indexOf('\n', at);
  const [serial = ''] = names.slice(start, line < 0 ? undefined : line).split(' ', 1);
  return serial;
}
