// How an inventory of a million devices answers: opening, searching, one device's page, the revocation list, the export.
// KEYLINE_BENCH_DEVICES makes it smaller. The rows are those of a batch; their certificates differ in the serial only.

import { join } from 'node:path';
import { authorityKeyExtension } from '../../core/authority/issuing/issuingCas.ts';
import { writeCrl } from '../../core/authority/revocation/crlWriter.ts';
import { fingerprintLines } from '../../core/authority/trust/fingerprints.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import type { OrderId } from '../../core/domain/ids.ts';
import { type InventoryReader, openInventoryReadOnly } from '../../core/inventory/inventory.ts';
import type { DevicePageQuery } from '../../core/inventory/queries/devicePages.ts';
import { commitModelBatch } from '../support/modelBatch.ts';
import { temporaryFolder } from '../support/openssl.ts';
import { testIssuing, testLeaf, testRoot } from '../support/testAuthority.ts';
import { openBatchInventory } from './authority/batchInventory.ts';
import { median, printRows } from './measure.ts';

export async function benchMillion(): Promise<void> {
  const devices = Number(process.env.KEYLINE_BENCH_DEVICES ?? 1_000_000);
  // Each is a durable transaction of its own; the list of 100,000 is measured beside the other signatures.
  const revoked = Math.min(10_000, devices / 10);
  const files = temporaryFolder();
  try {
    const ca = testIssuing(testRoot());
    const path = join(files.folder, 'inventory.db');
    const orderId = fill(path, ca, devices, revoked);
    const rows: string[][] = [];
    const time = (what: string, limitMs: number, action: () => unknown, times = 5): void => {
      const took = Array.from({ length: times }, () => {
        const startedMs = performance.now();
        const processor = process.cpuUsage();
        action();
        const { user, system } = process.cpuUsage(processor);
        return { wallMs: performance.now() - startedMs, processorMs: (user + system) / 1000 };
      });
      const of = (kind: 'wallMs' | 'processorMs'): string => median(took.map((one) => one[kind])).toFixed(1);
      rows.push([what, of('processorMs'), of('wallMs'), Number.isNaN(limitMs) ? '' : String(limitMs)]);
    };
    time('open', 1000, () => openInventoryReadOnly(path).close());
    const inventory = openInventoryReadOnly(path);
    const middle = `SN-${String(devices / 2).padStart(7, '0')}`;
    time('search one device serial', 50, () => inventory.listDevices({ text: middle }));
    time('search a prefix that all share', 50, () => inventory.listDevices({ text: 'SN-0' }));
    time('search nothing', 50, () => inventory.listDevices({ text: 'zzz' }));
    time('first page', 50, () => inventory.listDevices());
    const page = (changes: Partial<DevicePageQuery>) => () =>
      inventory.devicePage({ sort: 'changed', descending: true, offset: 0, limit: 50, ...changes });
    time('window: newest first', 50, page({}));
    time('window: the last page', 50, page({ offset: devices - 50 }));
    time('window: one state', 50, page({ states: ['issued'] }));
    time('window: one state, by expiry', 50, page({ states: ['issued'], sort: 'expiry' }));
    time('window: revoked', 50, page({ states: ['revoked'] }));
    time('window: one target', 50, page({ targetName: 'zephyr-shell' }));
    time('window: one order', 50, page({ orderId }));
    timeMiddles(time, inventory, { states: ['issued'], targetName: 'zephyr-shell', orderId });
    time('window: part of a name', 50, page({ search: middle.slice(-5) }));
    time('window: part of every name', 50, page({ search: 'SN-' }));
    time('one device’s page', 50, () => inventory.deviceRecord(parseDeviceSerial(middle)));
    const thisUpdateMs = Date.now();
    const list = { crlNumber: 1, thisUpdateMs, nextUpdateMs: thisUpdateMs + 86_400_000 };
    const extension = authorityKeyExtension(ca.certificateDer);
    time(
      `list of ${revoked} revoked`,
      5000,
      () => writeCrl(ca.signer, { ...list, entries: inventory.revokedOf(extension) }),
      3,
    );
    const before = process.memoryUsage().rss;
    let exported = 0;
    time(
      'export, streamed',
      Number.NaN,
      () => {
        for (const line of fingerprintLines(inventory.issuedDevices())) exported += line.length;
      },
      1,
    );
    const grownMb = (process.memoryUsage().rss - before) / 1024 / 1024;
    inventory.close();
    printRows(`${devices} devices`, ['what', 'median ms of processor time', 'ms wall', 'limit ms'], rows);
    console.log(
      `  export: ${(exported / 1024 / 1024).toFixed(0)} MB of text; memory grew by ${grownMb.toFixed(0)} MB`,
    );
  } finally {
    files.remove();
  }
}

type Time = (what: string, limitMs: number, action: () => unknown) => void;

/** In the middle of a list, the most is to be walked over; so it is where all filters stand together. */
function timeMiddles(time: Time, inventory: InventoryReader, filters: Partial<DevicePageQuery>): void {
  const { states } = filters;
  const first = { sort: 'changed', descending: true, offset: 0, limit: 1 } as const;
  const { total } = inventory.devicePage(first);
  const fromMs = inventory.devicePage({ ...first, offset: Math.floor(total / 2) }).rows[0]?.changedAtMs;
  const lists: Readonly<Record<string, Partial<DevicePageQuery>>> = {
    'one state': { states },
    'state, target and order': filters,
    'the newer half': { fromMs },
    'the newer half of state, target and order': { ...filters, fromMs },
    'part of half of the names': { search: '9' },
    'the same of state, target and order': { ...filters, search: '9' },
    'the same of the newer half': { ...filters, search: '9', fromMs },
  };
  for (const [what, list] of Object.entries(lists)) {
    for (const sort of ['changed', 'expiry', 'deviceSerial'] as const) {
      const count = inventory.devicePage({ ...first, ...list, sort }).total;
      const asked = { ...first, ...list, sort, limit: 50, offset: Math.floor(count / 2) };
      time(`middle: ${what}, by ${sort}`, 50, () => inventory.devicePage(asked));
    }
  }
}

function fill(path: string, ca: ReturnType<typeof testIssuing>, devices: number, revoked: number): OrderId {
  const { inventory, sink, orderId, close } = openBatchInventory(path, ca.certificateDer, devices);
  const startedMs = performance.now();
  commitModelBatch(sink, testLeaf(ca, 'SN-0000001').certificateDer);
  const perSecond = devices / ((performance.now() - startedMs) / 1000);
  console.log(`filled: ${perSecond.toFixed(0)} rows per second`);
  const step = Math.floor(devices / revoked);
  for (let index = 1; index <= devices; index += step) {
    const live = inventory.liveCredential(parseDeviceSerial(`SN-${String(index).padStart(7, '0')}`));
    if (live !== undefined) inventory.revoke(live.credentialId, 'superseded', 'bench', Date.now());
  }
  close();
  return orderId;
}
