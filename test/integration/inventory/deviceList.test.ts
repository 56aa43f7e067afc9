// Lists, searches and exports on 10,000 devices, checked against the same question asked of a plain array.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUP_DEVICES_SQL } from '../../../core/inventory/database/migrations/170-device-groups.ts';
import { csvText } from '../../../core/inventory/export/csv.ts';
import { EXPORT_COLUMNS } from '../../../core/inventory/export/inventoryExport.ts';
import type { Inventory } from '../../../core/inventory/inventory.ts';
import type { DeviceSummary } from '../../../core/inventory/queries/deviceList.ts';
import type { DeviceFilter } from '../../../core/inventory/queries/deviceSearch.ts';
import { force } from './raw.ts';
import {
  bringTo,
  certificateSerialOf,
  createOrder,
  createWorld,
  orderIdOf,
  provision,
  serial,
  type World,
} from './world.ts';

const DEVICES = 10_000;
const SPECIAL = 40;
let world: World;
let inventory: Inventory;

beforeAll(() => {
  world = createWorld();
  const orderId = createOrder(world.inventory, 'WO-1', { quantity: 100 });
  for (let n = 0; n < SPECIAL; n += 1) {
    provision(world.inventory, `s${n}`, `Lab:${n}_x`, {
      hardwareId: `aa:bb:${n}`,
      ...(n % 2 === 0 ? { orderId } : {}),
      outcome: n % 4 === 0 ? 'fail' : 'pass',
    });
  }
  world.inventory.revoke(
    bringTo(world.inventory, 'edge', { kind: 'edge-server', serverName: 'e' }, 'issued'),
    'unspecified',
    '',
    1,
  );
  world.inventory.close();
  // The many are written by SQL: what is tested is reading.
  force(
    world.path,
    `WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < ${DEVICES - SPECIAL})
     INSERT INTO device (device_serial, hardware_id, target_name, first_seen_at_ms)
     SELECT printf('SN-%05d', n), printf('hw%05d', n), iif(n % 3 = 0, 'zephyr', 'esp32'), n FROM counter;
     DELETE FROM device_group; ${GROUP_DEVICES_SQL}`,
  );
  inventory = world.reopen();
});
afterAll(() => world.remove());

function everyPage(filter: DeviceFilter, limit: number): readonly DeviceSummary[] {
  const found: DeviceSummary[] = [];
  let from: number | undefined;
  do {
    const page = inventory.listDevices(filter, { from, limit });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    from = page.next;
  } while (from !== undefined);
  return found;
}
const serialsOf = (items: Iterable<DeviceSummary>) => [...items].map((item) => item.device.deviceSerial);

describe('the list of devices', () => {
  it('has each device once, newest first, whatever the size of a page', () => {
    const all = serialsOf(inventory.eachDevice());
    expect(all).toHaveLength(DEVICES);
    expect(new Set(all).size).toBe(DEVICES);
    for (const limit of [1_000, 333, 1_000_000]) {
      expect(serialsOf(everyPage({}, Math.min(limit, 1_000)))).toEqual([...all].reverse());
    }
    expect(inventory.listDevices({}, { limit: 1_000_000 }).items).toHaveLength(1_000);
    expect(inventory.listDevices({}, { limit: 0 }).items).toHaveLength(1);
  });

  it('ends exactly at a full page', () => {
    expect(inventory.listDevices({ text: 'Lab:' }, { limit: SPECIAL }).next).toBeUndefined();
    expect(inventory.listDevices({ text: 'Lab:' }, { limit: SPECIAL - 1 }).next).toBeDefined();
  });

  const everything = () => [...inventory.eachDevice()];
  const begins = (text: string | undefined, prefix: string) =>
    text?.toLowerCase().startsWith(prefix.toLowerCase()) === true;
  it.each<[DeviceFilter, (item: DeviceSummary) => boolean]>([
    [{ text: 'lab:1' }, ({ device }) => begins(device.deviceSerial, 'lab:1')],
    [{ text: ' SN-0012 ' }, ({ device }) => begins(device.deviceSerial, 'SN-0012')],
    [{ text: 'HW0001' }, ({ device }) => begins(device.hardwareId, 'hw0001')],
    [{ text: 'AA:BB:3' }, ({ device }) => begins(device.hardwareId, 'aa:bb:3')],
    [{ text: '_' }, () => false],
    [{ text: '%' }, () => false],
    [{ text: 'x' }, () => false],
    [{ text: "' OR 1 --" }, () => false],
    [{ text: 'lab:1\u{10ffff}' }, () => false],
    [{ state: 'verified' }, ({ credential }) => credential?.state === 'verified'],
    [
      { state: 'none', targetName: 'zephyr' },
      ({ credential, device }) => credential === undefined && device.targetName === 'zephyr',
    ],
    [{ orderId: orderIdOf('WO-1') }, ({ lastRun }) => lastRun?.orderName === 'WO-1'],
    [
      { orderId: orderIdOf('WO-1'), state: 'verified', text: 'lab:1' },
      ({ lastRun, credential, device }) =>
        lastRun?.orderName === 'WO-1' &&
        credential?.state === 'verified' &&
        begins(device.deviceSerial, 'lab:1'),
    ],
    [{ orderId: orderIdOf('404') }, () => false],
  ])('%j finds exactly what fits', (filter, fits) => {
    const expected = serialsOf(everything().filter(fits)).reverse();
    expect(serialsOf(everyPage(filter, 7 + expected.length / 3))).toEqual(expected);
  });

  it('finds a device by its certificate serial, with or without colons', () => {
    const certificateSerial = certificateSerialOf('s5');
    for (const text of [
      certificateSerial,
      certificateSerial.slice(0, 8),
      certificateSerial.toUpperCase().replace(/../g, '$&:').slice(0, 11),
    ]) {
      expect(serialsOf(inventory.listDevices({ text }).items)).toContain('Lab:5_x');
    }
  });

  it('shows the live credential and the last run of each', () => {
    const { credentialId } = inventory.liveCredential(serial('Lab:5_x')) ?? {};
    bringTo(inventory, 'later', { kind: 'device', deviceSerial: serial('Lab:5_x') }, 'voided');
    expect(inventory.listDevices({ text: 'Lab:5_x' }).items).toEqual([
      {
        device: inventory.device(serial('Lab:5_x')),
        credential: expect.objectContaining({ credentialId, state: 'verified' }),
        lastRun: { runId: 'run-s5', orderName: undefined, startedAtMs: expect.any(Number), outcome: 'pass' },
      },
    ]);
  });

  it('goes on while runs go on', () => {
    const pages = inventory.eachDevice({ text: 'SN-' });
    expect(pages.next().done).toBe(false);
    provision(inventory, 'meanwhile', 'SN-99999');
    expect(serialsOf(pages).at(-1)).toBe('SN-99999');
  });
});

describe('one device', () => {
  it('comes with all its credentials and runs, newest first', () => {
    const record = inventory.deviceRecord(serial('Lab:7_x'));
    expect(record?.runs.map((run) => run.runId)).toEqual(['run-s7']);
    expect(record?.credentials.map((credential) => credential.credentialId)).toEqual(['credential-s7']);
    expect(inventory.deviceRecord(serial('SN-404'))).toBeUndefined();
  });
});

describe('runs and figures', () => {
  it('pages the runs of an order, newest first', () => {
    const orderId = orderIdOf('WO-1');
    const first = inventory.listRuns({ orderId }, { limit: 12 });
    const second = inventory.listRuns({ orderId }, { limit: 12, from: first.next });
    expect([...first.items, ...second.items].map((run) => run.runId)).toEqual(
      Array.from({ length: SPECIAL / 2 }, (_, n) => `run-s${SPECIAL - 2 - 2 * n}`),
    );
    expect(second.next).toBeUndefined();
    expect(inventory.listRuns({ orderId, outcome: 'fail' }).items).toHaveLength(SPECIAL / 4);
    expect(inventory.listRuns({ deviceSerial: serial('Lab:1_x') }).items).toHaveLength(1);
  });

  it('counts what there is', () => {
    const all = [...inventory.eachDevice()];
    const counts = inventory.counts();
    expect(counts.devices).toBe(all.length);
    expect(counts.devicesByState.verified).toBe(
      all.filter((item) => item.credential?.state === 'verified').length,
    );
    expect(counts.devicesByState.none).toBe(all.filter((item) => item.credential === undefined).length);
    expect(counts.credentialsByState.revoked).toBe(1);
    expect(counts.runsByOutcome.fail).toBe(SPECIAL / 4);
    expect(counts.ordersByState).toEqual({ open: 1 });
  });
});

describe('the export', () => {
  it('has one flat row per device, as CSV with as many fields as columns', () => {
    const rows = [...inventory.exportRows({ text: 'Lab:' })];
    expect(rows).toHaveLength(SPECIAL);
    expect(Object.keys(rows[0] ?? {})).toEqual([...EXPORT_COLUMNS]);
    expect(rows[1]).toMatchObject({
      deviceSerial: 'Lab:1_x',
      state: 'verified',
      certificateSerial: certificateSerialOf('s1'),
      notBefore: '2027-01-15T08:00:00.000Z',
      keyCustody: 'station-memory',
    });
    const lines = [...csvText(EXPORT_COLUMNS, rows)];
    expect(lines).toHaveLength(SPECIAL + 1);
    for (const line of lines) expect(line.split(',')).toHaveLength(EXPORT_COLUMNS.length);
  });
});
