// Laws that hold for any history, checked against a plain model that knows nothing of SQL: what a work order counts, what a
// search finds, what a backup holds.

import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Outcome } from '../../../core/domain/run.ts';
import {
  type Inventory,
  type InventoryReader,
  openInventoryReadOnly,
} from '../../../core/inventory/inventory.ts';
import {
  bringTo,
  createOrder,
  createWorld,
  identify,
  openRun,
  refusal,
  serial,
  T0,
  type World,
} from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.remove());

const OUTCOMES: readonly Outcome[] = ['pass', 'fail', 'error', 'timeout', 'aborted'];
interface Attempt {
  readonly device: number;
  readonly outcome: Outcome;
}
const attempt = (devices: number): fc.Arbitrary<Attempt> =>
  fc.record({ device: fc.nat(devices - 1), outcome: fc.constantFrom(...OUTCOMES) });

let count = 0;
/** One run to its end; what was refused at its opening is named. */
function attemptRun(
  inventory: Inventory,
  orderId: ReturnType<typeof createOrder>,
  deviceSerial: string,
  outcome: Outcome,
) {
  count += 1;
  const name = `law-${count}`;
  const opened = refusal(() => openRun(inventory, name, deviceSerial, { orderId }));
  if (opened !== 'was not refused') return opened;
  const runId = identify(inventory, `run-${name}` as never).deviceSerial && (`run-${name}` as never);
  if (outcome === 'pass') {
    const supersedes = inventory.liveCredential(serial(deviceSerial))?.credentialId;
    const holder = { kind: 'device', deviceSerial: serial(deviceSerial) } as const;
    bringTo(inventory, name, holder, 'verified', {
      runId,
      ...(supersedes === undefined ? {} : { supersedes }),
    });
  }
  const failure = outcome === 'pass' ? {} : { failure: { code: 'device_silent', details: {} } as const };
  inventory.closeRun(runId, { outcome, ...failure, atMs: T0 + count });
  return undefined;
}

it('a work order counts what its runs came to, in any order of outcomes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.array(attempt(5), { maxLength: 14 }),
      (quantity, attempts) => {
        count += 1;
        const prefix = `L${count}x`;
        const orderId = createOrder(world.inventory, `WO-${prefix}`, { quantity });
        const first = new Map<number, Outcome>();
        const last = new Map<number, Outcome>();
        const passed = new Set<number>();
        let runs = 0;
        for (const { device, outcome } of attempts) {
          const refused = attemptRun(world.inventory, orderId, `${prefix}-${device}`, outcome);
          expect(refused).toBe(passed.size >= quantity ? 'order_complete' : undefined);
          if (refused !== undefined) continue;
          runs += 1;
          if (!first.has(device)) first.set(device, outcome);
          last.set(device, outcome);
          if (outcome === 'pass') passed.add(device);
        }
        const passedFirst = [...first.values()].filter((outcome) => outcome === 'pass').length;
        const { inventory } = world;
        expect(inventory.progress(orderId)).toEqual({
          passed: passed.size,
          remaining: quantity - passed.size,
          runs,
          firstPassYield: first.size === 0 ? undefined : passedFirst / first.size,
        });
        expect(inventory.orderSummary(orderId)).toMatchObject({
          quantity,
          passedDevices: passed.size,
          runs,
          tried: first.size,
          passedFirst,
          failed: [...last.values()].filter((outcome) => outcome !== 'pass').length,
        });
        expect(inventory.order(orderId)?.closedAtMs !== undefined).toBe(passed.size >= quantity);
      },
    ),
    { numRuns: 40 },
  );
  expect(world.inventory.checkInvariants({ settled: true })).toEqual([]);
}, 120_000);

const listed = (inventory: Inventory, text = '') =>
  inventory.listDevices({ text }, { limit: 100 }).items.map(({ device, credential }) => ({
    deviceSerial: device.deviceSerial,
    certificateSerial: credential?.certificateSerial ?? '',
  }));

it('a search finds exactly the devices whose names begin so, whatever is typed', () => {
  const orderId = createOrder(world.inventory, 'WO-SEARCH', { quantity: 1_000 });
  const names = [
    'A1',
    'a2',
    'A.1',
    'A_1',
    'A:1',
    'A+B',
    'A/B',
    'B-00',
    'B-01',
    'b-1',
    'SN-0001',
    'SN-00010',
    '0cafe',
    '4',
  ];
  for (const name of names) attemptRun(world.inventory, orderId, name, 'pass');
  const known = listed(world.inventory);
  expect(known).toHaveLength(names.length);
  const serials = known.map(({ certificateSerial }) => certificateSerial);
  const typed = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom(...names).chain((name) => fc.nat(name.length).map((length) => name.slice(0, length))),
    fc.constantFrom(...names).map((name) => name.toLowerCase()),
    fc
      .constantFrom(...serials)
      .chain((text) => fc.nat(40).map((length) => text.slice(0, length).toUpperCase())),
    fc.constantFrom('%', '_', "'", "' OR 1=1 --", '*', '\0', 'A%', 'A_', '[', 'ab:cd', '\u{10ffff}'),
  );
  fc.assert(
    fc.property(typed, (text) => {
      const sought = text.trim().toLowerCase();
      const hex = sought.replaceAll(':', '');
      const isHex = /^[0-9a-f]{4,40}$/.test(hex);
      const expected = known.filter(
        ({ deviceSerial, certificateSerial }) =>
          deviceSerial.toLowerCase().startsWith(sought) || (isHex && certificateSerial.startsWith(hex)),
      );
      const found = listed(world.inventory, text);
      expect(found.map(({ deviceSerial }) => deviceSerial).sort()).toEqual(
        expected.map(({ deviceSerial }) => deviceSerial).sort(),
      );
    }),
    { numRuns: 300 },
  );
});

/** All that an inventory tells. */
const everything = (inventory: InventoryReader) => ({
  station: inventory.station,
  devices: [...inventory.eachDevice({})],
  rows: [...inventory.exportRows()],
  orders: inventory.orders(),
  records: [...inventory.eachDevice({})].map(({ device }) => inventory.deviceRecord(device.deviceSerial)),
  audit: inventory.auditEntries(0, 10_000),
  head: inventory.auditHead(),
  counts: inventory.counts(),
});

it('a backup tells all that the inventory told, and nothing that came after it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(attempt(4), { minLength: 1, maxLength: 8 }),
      fc.array(attempt(4), { maxLength: 4 }),
      async (before, after) => {
        count += 1;
        const prefix = `B${count}x`;
        const { inventory } = world;
        const orderId = createOrder(inventory, `WO-${prefix}`, { quantity: 1_000 });
        for (const { device, outcome } of before)
          attemptRun(inventory, orderId, `${prefix}-${device}`, outcome);
        const told = everything(inventory);
        const path = join(world.folder, `${prefix}.sqlite`);
        await inventory.backupTo(path);
        for (const { device, outcome } of after)
          attemptRun(inventory, orderId, `${prefix}-${device}`, outcome);
        const copy = openInventoryReadOnly(path);
        try {
          expect(everything(copy)).toEqual(told);
          expect(copy.checkInvariants({ settled: true })).toEqual([]);
        } finally {
          copy.close();
        }
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);
