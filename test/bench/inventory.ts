// How fast the inventory answers with 100,000 devices in it. Prints figures; judges nothing. `node test/bench/inventory.ts [devices]`

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openInventory } from '../../core/inventory/inventory.ts';
import {
  createOrder,
  orderIdOf,
  provision,
  STATION,
  serial,
  temporaryFolder,
} from '../integration/inventory/world.ts';

const devices = Number(process.argv[2] ?? 100_000);
const folder = temporaryFolder();
const path = join(folder.path, 'inventory.sqlite');

function time(what: string, action: () => unknown, times = 5): void {
  const elapsed = Array.from({ length: times }, () => {
    const start = performance.now();
    action();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  const median = elapsed[Math.floor(times / 2)] ?? 0;
  process.stdout.write(`${what.padEnd(58)} ${median.toFixed(2).padStart(10)} ms\n`);
}

const nameOf = (index: number): string => `SN-${String(index).padStart(7, '0')}`;

try {
  const inventory = openInventory({ path, station: STATION });
  createOrder(inventory, 'large', { quantity: devices });
  const start = performance.now();
  for (let index = 0; index < devices; index += 1) {
    provision(inventory, String(index), nameOf(index), {
      orderId: orderIdOf('large'),
      hardwareId: `a4cf12${String((index * 7919) % devices).padStart(10, '0')}`,
      outcome: index % 50 === 0 ? 'fail' : 'pass',
    });
    if (index % 10_000 === 9_999) process.stdout.write(`  ${index + 1} devices\n`);
  }
  const perRun = (performance.now() - start) / devices;
  process.stdout.write(`a whole run (10 durable writes, order of ${devices}): ${perRun.toFixed(2)} ms\n`);

  time('first page, newest first', () => inventory.listDevices());
  time('search: one device serial', () => inventory.listDevices({ text: nameOf(devices >> 1) }));
  time('search: prefix that nearly all device serials share', () => inventory.listDevices({ text: 'SN-0' }));
  time('search: prefix that 10 share', () =>
    inventory.listDevices({ text: nameOf(devices >> 1).slice(0, -1) }),
  );
  time('search: hardware-id prefix that all share', () => inventory.listDevices({ text: 'A4CF12' }));
  time('search: one hardware id', () => inventory.listDevices({ text: `a4cf12${'0'.repeat(9)}7` }));
  time('search: certificate serial, 6 digits', () => inventory.listDevices({ text: '4a3f21' }));
  time('search: nothing found', () => inventory.listDevices({ text: 'zzz' }));
  time('filter: state that 2 % have', () => inventory.listDevices({ state: 'none' }));
  time('filter: state that nobody has', () => inventory.listDevices({ state: 'sealed' }));
  time('filter: target that nobody has', () => inventory.listDevices({ targetName: 'other' }));
  time('filter: order and state', () =>
    inventory.listDevices({ orderId: orderIdOf('large'), state: 'verified' }),
  );
  time('search and state together', () => inventory.listDevices({ text: 'SN-0', state: 'none' }));
  time('one device with credentials and runs', () => inventory.deviceRecord(serial(nameOf(77))));
  time('counts', () => inventory.counts());
  time('progress of the order', () => inventory.progress(orderIdOf('large')));
  time('runs of the order, first page', () => inventory.listRuns({ orderId: orderIdOf('large') }));
  time('export of all rows', () => [...inventory.exportRows()].length, 1);
  time('verify the audit log', () => inventory.verifyAudit(), 1);
  time('check all invariants', () => inventory.checkInvariants({ settled: true }), 1);
  const backup = performance.now();
  await inventory.backupTo(join(folder.path, 'backup.sqlite'));
  process.stdout.write(`backup, proven: ${(performance.now() - backup).toFixed(0)} ms\n`);
  inventory.close();
} finally {
  rmSync(folder.path, { recursive: true, force: true });
}
