// Any window of the devices screen, checked against the same question asked of a plain array: few finds and many take
// different ways through the table, and must not show it.

import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMES_PER_PAGE } from '../../../core/inventory/database/migrations/150-device-list-filters.ts';
import {
  GROUP_DEVICES_SQL,
  NAME_LINES_SQL,
} from '../../../core/inventory/database/migrations/170-device-groups.ts';
import type { Inventory } from '../../../core/inventory/inventory.ts';
import type { DevicePageQuery } from '../../../core/inventory/queries/devicePages.ts';
import { force } from './raw.ts';
import { createWorld, type World } from './world.ts';

const DEVICES = 6_000;
let world: World;
let inventory: Inventory;

const serialOf = (n: number): string => `SN-${String(n).padStart(5, '0')}`;
/** Ties in every sort, so that the order among equals is tested too. */
const changedAt = (n: number): number => 1_000 + (n % 700);

beforeAll(() => {
  world = createWorld();
  world.inventory.close();
  force(
    world.path,
    `WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ${DEVICES})
     INSERT INTO device (device_serial, hardware_id, target_name, first_seen_at_ms, changed_at_ms)
     SELECT printf('SN-%05d', n), printf('hw%05x', n), iif(n % 3 = 0, 'zephyr', 'esp32'), n, 1000 + n % 700 FROM counter;
     INSERT INTO device_name_page SELECT device_number / ${NAMES_PER_PAGE}, ${NAME_LINES_SQL} FROM device GROUP BY 1;
     ${GROUP_DEVICES_SQL}`,
  );
  inventory = world.reopen();
});
afterAll(() => world.remove());

function expected({ search = '', targetName, sort, descending, offset, limit }: DevicePageQuery) {
  const sought = search.trim().toLowerCase();
  const found = Array.from({ length: DEVICES }, (_, index) => index + 1).filter(
    (n) =>
      (serialOf(n).toLowerCase().includes(sought) ||
        `hw${n.toString(16).padStart(5, '0')}`.includes(sought)) &&
      (targetName === undefined || targetName === (n % 3 === 0 ? 'zephyr' : 'esp32')),
  );
  const key = (n: number): number => (sort === 'changed' ? changedAt(n) : sort === 'deviceSerial' ? n : 0);
  const sorted = found.sort((a, b) => (descending ? -1 : 1) * (key(a) - key(b) || a - b));
  return { total: found.length, serials: sorted.slice(offset, offset + limit).map(serialOf) };
}

const ask = (query: DevicePageQuery) => {
  const { total, rows } = inventory.devicePage(query);
  return { total, serials: rows.map(({ device }) => String(device.deviceSerial)) };
};

describe('a page of devices', () => {
  it('is the same window of the same list, whatever is sought and however it is sorted', () => {
    fc.assert(
      fc.property(
        fc.record({
          search: fc.constantFrom(
            undefined,
            '',
            'SN',
            'sn-0',
            '012',
            '4321',
            'hw00f',
            'ff',
            'nothing',
            '%',
            '_',
          ),
          targetName: fc.constantFrom(undefined, 'zephyr', 'esp32', 'other'),
          sort: fc.constantFrom('changed' as const, 'deviceSerial' as const, 'expiry' as const),
          descending: fc.boolean(),
          offset: fc.oneof(fc.constant(0), fc.nat(DEVICES + 10)),
          limit: fc.integer({ min: 1, max: 200 }),
        }),
        (query) => {
          expect(ask(query)).toEqual(expected(query));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('goes through the whole list without a gap or a repetition', () => {
    const seen: string[] = [];
    const all = { search: 'SN-0', sort: 'changed', descending: true, limit: 500 } as const;
    for (let offset = 0; offset < DEVICES; offset += 500) seen.push(...ask({ ...all, offset }).serials);
    expect(new Set(seen).size).toBe(DEVICES);
    expect(seen).toEqual(expected({ ...all, offset: 0, limit: DEVICES }).serials);
  });
});
