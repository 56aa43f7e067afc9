// Every window of the devices screen over enough devices that both ways of reading are taken: finding then sorting, and
// walking in the list's order. Compared with the same question asked of all rows in memory.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CredentialState } from '../../../core/domain/credential.ts';
import type { OrderId } from '../../../core/domain/ids.ts';
import type { DevicePageQuery } from '../../../core/inventory/queries/devicePages.ts';
import { madeFor, openBatch } from './batchWorld.ts';
import { query } from './raw.ts';
import { createOrder, createWorld, orderIdOf, provision, T0, type World } from './world.ts';

const MANY = 6_000;
const STATES: readonly CredentialState[] = ['issued', 'verified', 'revoked', 'sealed'];

interface Row {
  readonly device_number: number;
  readonly device_serial: string;
  readonly hardware_id: string | null;
  readonly target_name: string;
  readonly credential_state: string | null;
  readonly changed_at_ms: number;
  readonly not_after_ms: number | null;
  readonly serials: string | null;
  readonly orders: string | null;
}

let world: World;
let rows: readonly Row[];
beforeAll(() => {
  world = createWorld();
  const { inventory } = world;
  for (let n = 0; n < 30; n += 1) {
    const orderId = n % 2 === 0 ? createOrder(inventory, `run ${n}`) : undefined;
    provision(inventory, `r${n}`, `R_${n}%x`.replace('%', n % 3 === 0 ? '.' : '-'), {
      hardwareId: `A4CF${n}`,
      outcome: n % 5 === 0 ? 'fail' : 'pass',
      ...(orderId === undefined ? {} : { orderId }),
    });
  }
  const order = createOrder(inventory, 'WO', { quantity: MANY });
  const batch = openBatch(inventory, order, MANY, {
    order: { orderId: order, targetName: 'zephyr-shell', quantity: MANY },
    numbering: { prefix: 'SN-', digits: 5 },
  });
  batch.commit(
    batch.reserve(MANY).map((one, index) => madeFor(one, { notAfterMs: T0 + 1e9 + (index % 7) })),
    1,
  );
  const revoke = (index: number): void => {
    const live = inventory.credentialsOf(`SN-${String(index).padStart(5, '0')}` as never)[0];
    if (live !== undefined) inventory.revoke(live.credentialId, 'superseded', 'test', T0 + 1_000 + index);
  };
  for (const index of [5, 77, 4_000]) revoke(index);
  // Some of the batch come again, under another order and with a hardware id.
  const later = createOrder(inventory, 'LATER', { quantity: 100 });
  for (const index of [10, 300, 4_500]) {
    revoke(index);
    provision(inventory, `later-${index}`, `SN-${String(index).padStart(5, '0')}`, {
      orderId: later,
      hardwareId: `B1CD${index}`,
    });
  }
  rows = query(
    world.path,
    `SELECT device.*, (SELECT group_concat(certificate_serial) FROM credential WHERE credential.device_serial = device.device_serial) AS serials,
       (SELECT group_concat(order_id) FROM (
         SELECT order_id FROM run WHERE run.device_serial = device.device_serial
         UNION SELECT order_id FROM credential JOIN batch_block AS block ON block.block_number = credential.batch_block
           WHERE credential.device_serial = device.device_serial
       )) AS orders
     FROM device`,
  ) as unknown as readonly Row[];
});
afterAll(() => world.remove());

const isOf = (row: Row, orderId: OrderId): boolean => (row.orders ?? '').split(',').includes(orderId);

function expected(asked: DevicePageQuery): { readonly total: number; readonly serials: readonly string[] } {
  const { search = '', states = [], targetName, fromMs, toMs, orderId } = asked;
  const sought = search.toLowerCase();
  const matching = rows.filter(
    (row) =>
      (row.device_serial.toLowerCase().includes(sought) ||
        (row.hardware_id ?? '').toLowerCase().includes(sought) ||
        (/^[0-9a-f]{4,40}$/.test(sought) &&
          (row.serials ?? '').split(',').some((one) => one.startsWith(sought)))) &&
      (states.length === 0 || states.some((one) => one === row.credential_state)) &&
      (targetName === undefined || row.target_name === targetName) &&
      (fromMs === undefined || row.changed_at_ms >= fromMs) &&
      (toMs === undefined || row.changed_at_ms < toMs) &&
      (orderId === undefined || isOf(row, orderId)),
  );
  const key = (row: Row): number | string =>
    asked.sort === 'changed'
      ? row.changed_at_ms
      : asked.sort === 'expiry'
        ? (row.not_after_ms ?? Number.NEGATIVE_INFINITY)
        : row.device_serial.toLowerCase();
  const sorted = matching.sort((a, b) => {
    const [one, other] = [key(a), key(b)];
    const order = one < other ? -1 : one > other ? 1 : a.device_number - b.device_number;
    return asked.descending ? -order : order;
  });
  return {
    total: matching.length,
    serials: sorted.slice(asked.offset, asked.offset + asked.limit).map((row) => row.device_serial),
  };
}

it('shows exactly the rows that were asked for, in their order, in any window', { timeout: 240_000 }, () => {
  const someSerial = rows[4_321]?.serials ?? '';
  fc.assert(
    fc.property(
      fc.record({
        search: fc.constantFrom(
          undefined,
          '',
          'SN-0',
          '0042',
          'r_1',
          '_',
          '%',
          'a4cf',
          'B1CD',
          someSerial.slice(0, 20),
          'zz',
        ),
        states: fc.option(fc.uniqueArray(fc.constantFrom(...STATES), { maxLength: 3 }), { nil: undefined }),
        targetName: fc.constantFrom(undefined, undefined, 'zephyr-shell', 'esp32', 'other'),
        orderId: fc.constantFrom(undefined, undefined, ...['run 4', 'WO', 'LATER', 'none'].map(orderIdOf)),
        fromMs: fc.constantFrom(undefined, undefined, T0 + 100, T0 + 1_010),
        toMs: fc.constantFrom(undefined, undefined, T0 + 500),
        sort: fc.constantFrom('changed' as const, 'deviceSerial' as const, 'expiry' as const),
        descending: fc.boolean(),
        offset: fc.constantFrom(0, 0, 7, 5_900, 10_000),
        limit: fc.integer({ min: 1, max: 60 }),
      }),
      (asked) => {
        const page = world.inventory.devicePage(asked);
        expect({ total: page.total, serials: page.rows.map((row) => row.device.deviceSerial) }).toEqual(
          expected(asked),
        );
      },
    ),
    { numRuns: 150 },
  );
});

it.each(['run 4', 'WO', 'LATER', 'none'])('lists the devices of order %s, by runs and by a batch', (name) => {
  const listed = [...world.inventory.eachDevice({ orderId: orderIdOf(name) })];
  expect(listed.map((one) => one.device.deviceSerial)).toEqual(
    rows.filter((row) => isOf(row, orderIdOf(name))).map((row) => row.device_serial),
  );
});

it('names the order that a device was last worked on under', () => {
  const orderOf = (text: string) => world.inventory.listDevices({ text }).items.map((one) => one.orderName);
  expect(orderOf('SN-00006')).toEqual(['WO']);
  expect(orderOf('SN-00010')).toEqual(['LATER']);
  expect(orderOf('R_4')).toEqual(['run 4']);
  expect(orderOf('R_5')).toEqual([undefined]);
});

it('keeps what the search reads and the filters count in step with the devices', () => {
  expect(world.inventory.checkInvariants().filter(({ kind }) => /^device-(names|group)/.test(kind))).toEqual(
    [],
  );
});

it.each([
  ['device_by_change', 'changed_at_ms DESC, device_number DESC'],
  ['device_by_expiry', 'not_after_ms ASC, device_number ASC'],
  ['device_by_name', 'device_serial ASC'],
])('reads what lists are filtered by from %s alone, without sorting', (index, order) => {
  const plan = query(
    world.path,
    `EXPLAIN QUERY PLAN SELECT device_number FROM device INDEXED BY ${index}
     WHERE group_number IN (1, 2) ORDER BY ${order} LIMIT 50`,
  );
  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(new RegExp(`^SCAN device USING COVERING INDEX ${index}$`)),
  ]);
});
