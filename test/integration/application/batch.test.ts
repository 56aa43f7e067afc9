// Batches through the contract: one station, some hundred devices, stopped and continued.

import { X509Certificate } from 'node:crypto';
import { cpSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../../core/contract/schemas/issuing.ts';
import {
  finish,
  NEW_STATION,
  type Opened,
  openApplication,
  openFolder,
  PASSPHRASE,
  SUPERVISOR,
  until,
} from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;
let told: Batch[];

const open = (more: Parameters<typeof openApplication>[2] = {}): void => {
  opened = openApplication(folder.root, undefined, more);
  told = [];
  opened.client.on('batch.changed', (batch) => told.push(batch));
};
beforeEach(async () => {
  folder = openFolder();
  open();
  await opened.client.call('session.createStation', NEW_STATION);
});
afterEach(() => finish(opened, folder));

const numbering = { prefix: 'SN-', digits: 4 };
const order = async (name: string, quantity: number): Promise<string> => {
  const usual = { name, targetName: 'zephyr-shell', profileName: 'tls-client' };
  return (await opened.client.call('orders.create', { ...usual, quantity })).orderId;
};
const batchOf = async (orderId: string) => (await opened.client.call('batch.get', { orderId })).batch;
const rest = (orderId: string): Promise<Batch> =>
  until(async () => {
    const batch = await batchOf(orderId);
    return batch?.state === 'full' || batch?.state === 'stopped' ? batch : undefined;
  });
/** Stops it when its first block is recorded. */
async function startAndStop(orderId: string, count?: number): Promise<Batch> {
  const stop = opened.client.on('batch.changed', ({ issuedCount }) => {
    if (issuedCount === 0) return;
    stop();
    void opened.client.call('batch.stop', {});
  });
  await opened.client.call('batch.start', { orderId, count, numbering });
  return rest(orderId);
}
interface Line {
  readonly deviceSerial: string;
  readonly certificateSerial: string;
  readonly certificate: string;
  readonly privateKey: string;
}
const linesOf = (path: string): readonly Line[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const serialsTo = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `SN-${String(index + 1).padStart(4, '0')}`);

async function openAgain(more: Parameters<typeof openApplication>[2] = {}): Promise<void> {
  await opened.close();
  open(more);
  await opened.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
  await opened.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
}

describe('a batch', () => {
  it('stops, and goes on after a restart, with no device twice and none missing', async () => {
    const orderId = await order('WO-1', 700);
    const stopped = await startAndStop(orderId);
    expect(stopped.state).toBe('stopped');
    expect(stopped.issuedCount).toBeGreaterThan(0);
    expect(stopped.issuedCount).toBeLessThan(700);
    expect(linesOf(stopped.path)).toHaveLength(stopped.issuedCount);

    await openAgain();
    expect(await batchOf(orderId)).toEqual({
      ...{ orderId, orderName: 'WO-1', state: 'stopped', count: 700, numbering, path: stopped.path },
      ...{ issuedCount: stopped.issuedCount, sizeBytes: stopped.sizeBytes },
    });
    const again = await opened.client.call('batch.start', { orderId });
    expect(again).toMatchObject({ state: 'running', issuedCount: stopped.issuedCount });
    const full = await rest(orderId);
    expect(full).toMatchObject({ state: 'full', issuedCount: 700, sizeBytes: statSync(full.path).size });
    expect(statSync(full.path).mode & 0o077).toBe(0);

    const lines = linesOf(full.path);
    expect(lines.map((one) => one.deviceSerial).sort()).toEqual(serialsTo(700));
    expect(new Set(lines.map((one) => one.certificateSerial)).size).toBe(700);
    expect(new Set(lines.map((one) => one.privateKey)).size).toBe(700);
    const [first] = lines;
    const { credentials } = await opened.client.call('inventory.device', { deviceSerial: 'SN-0001' });
    expect(credentials.map(({ state }) => state)).toEqual(['issued']);
    expect(new X509Certificate(first?.certificate ?? '').serialNumber.toLowerCase()).toBe(
      credentials[0]?.certificateSerial,
    );
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
    // A full batch has nothing left to do.
    await opened.client.call('batch.start', { orderId });
    expect(await rest(orderId)).toMatchObject({ state: 'full', issuedCount: 700 });
    expect(linesOf(full.path)).toHaveLength(700);
  });

  it('tells how far it is, never backwards, while the station answers', async () => {
    const orderId = await order('WO-1', 600);
    await opened.client.call('batch.start', { orderId, numbering });
    expect(await opened.client.call('session.ping', {})).toEqual({});
    expect((await batchOf(orderId))?.state).toBe('running');
    await rest(orderId);
    const counts = told.map(({ issuedCount }) => issuedCount);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBeGreaterThan(2);
    expect(told.at(-1)).toMatchObject({ state: 'full', issuedCount: 600 });
    expect(told.at(-1)?.devicesPerSecond).toBeGreaterThan(0);
  });

  it('makes as many as were asked for, later the rest, and never more than the order', async () => {
    const orderId = await order('WO-1', 30);
    await opened.client.call('batch.start', { orderId, count: 20, numbering });
    const some = await rest(orderId);
    expect(some).toMatchObject({ state: 'full', issuedCount: 20, count: 20 });
    await expect(opened.client.call('batch.start', { orderId, count: 31 })).rejects.toMatchObject({
      code: 'value_invalid',
      details: { field: 'count' },
    });
    await opened.client.call('batch.start', { orderId, count: 30 });
    const all = await rest(orderId);
    expect(all).toMatchObject({ state: 'full', issuedCount: 30, count: 30, path: some.path });
    expect(linesOf(all.path).map((one) => one.deviceSerial)).toEqual(serialsTo(30));
  });

  it('takes the order’s own device serials', async () => {
    const file = Buffer.from('serial\nB-7\nA-1\nC-3\n').toString('base64');
    const { orderId } = await opened.client.call('orders.create', {
      ...{ name: 'WO-1', targetName: 'zephyr-shell', profileName: 'tls-client', serialsFile: file },
    });
    await opened.client.call('batch.start', { orderId });
    const { path } = await rest(orderId);
    expect(linesOf(path).map((one) => one.deviceSerial)).toEqual(['B-7', 'A-1', 'C-3']);
  });

  it('stops when the authority is locked, which then is locked, and goes on when it is not', async () => {
    const orderId = await order('WO-1', 1_000);
    await opened.client.call('batch.start', { orderId, numbering });
    await opened.client.call('authority.lock', {});
    const stopped = await rest(orderId);
    expect(stopped.issuedCount).toBeLessThan(1_000);
    expect(stopped.failure).toBeUndefined();
    await expect(opened.client.call('batch.start', { orderId })).rejects.toMatchObject({
      code: 'authority_locked',
    });
    await opened.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
    await opened.client.call('batch.start', { orderId });
    const full = await rest(orderId);
    expect(
      linesOf(full.path)
        .map((one) => one.deviceSerial)
        .sort(),
    ).toEqual(serialsTo(1_000));
  });

  it('is recorded as far as it came when the station is closed under it', async () => {
    const orderId = await order('WO-1', 2_000);
    await opened.client.call('batch.start', { orderId, numbering });
    await openAgain();
    const stopped = await batchOf(orderId);
    expect(stopped?.state).toBe('stopped');
    expect(stopped?.issuedCount).toBeLessThan(2_000);
    expect(statSync(stopped?.path ?? '').size).toBe(stopped?.sizeBytes);
  });
});

describe('beside a batch', () => {
  it('nothing else issues, changes the CAs, or closes its order', async () => {
    const orderId = await order('WO-1', 5_000);
    const other = await order('WO-2', 5);
    await opened.client.call('bays.saveLayout', {
      bays: [{ bayName: 'A1', row: 0, column: 0, binding: { kind: 'location', value: '1-1.1' } }],
    });
    opened.sockets.plug('1-1.1', 'USB-1');
    await until(async () => (await opened.client.call('bays.list', {}))[0]?.port !== undefined);
    await opened.client.call('batch.start', { orderId, numbering });
    const refused = [
      opened.client.call('batch.start', { orderId: other, numbering }),
      opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-4999', replace: false }),
      opened.client.call('issue.renew', { deviceSerial: 'SN-0001' }),
      opened.client.call('orders.close', { orderId }),
      opened.client.call('practice.enter', {}),
      opened.client.call('authority.assign', { label: '1' }),
    ];
    const asked = refused.map((call) =>
      expect(call).rejects.toMatchObject({ code: 'batch_busy', details: { order: 'WO-1' } }),
    );
    await Promise.all(asked);
    await opened.client.call('batch.stop', {});
    expect((await rest(orderId)).state).toBe('stopped');
    await opened.client.call('orders.close', { orderId: other });
  });

  it('waits for the bays at work', async () => {
    const orderId = await order('WO-1', 5);
    await opened.client.call('bays.saveLayout', {
      bays: [{ bayName: 'A1', row: 0, column: 0, binding: { kind: 'location', value: '1-1.1' } }],
    });
    opened.sockets.plug('1-1.1', 'USB-1');
    await until(async () => (await opened.client.call('bays.list', {}))[0]?.port !== undefined);
    await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-0001', replace: false });
    await expect(opened.client.call('batch.start', { orderId, numbering })).rejects.toMatchObject({
      code: 'bay_busy',
    });
    await until(async () => (await opened.client.call('bays.list', {}))[0]?.state === 'done');
    expect(await batchOf(orderId)).toBeUndefined();
    // The device of the bay has its credential: the batch passes it over.
    await opened.client.call('batch.start', { orderId, count: 3, numbering });
    const { path } = await rest(orderId);
    expect(linesOf(path).map((one) => one.deviceSerial)).toEqual(['SN-0002', 'SN-0003', 'SN-0004']);
  });
});

describe('a batch is refused', () => {
  it('without device serials, with other ones than it began with, for nobody’s order, to an operator', async () => {
    const orderId = await order('WO-1', 5);
    const start = (more: object) => opened.client.call('batch.start', { orderId, ...more });
    await expect(start({})).rejects.toMatchObject({ code: 'value_invalid' });
    expect(await batchOf(orderId)).toBeUndefined();
    await start({ count: 2, numbering });
    await rest(orderId);
    await expect(start({ numbering: { prefix: 'XX-', digits: 4 } })).rejects.toMatchObject({
      code: 'batch_changed',
    });
    await expect(start({ orderId: 'order-nobody' })).rejects.toMatchObject({ code: 'order_unknown' });
    const pin = '2468';
    await opened.client.call('operators.create', { operatorName: 'Bo', role: 'operator', pin });
    await opened.client.call('session.signIn', { kind: 'pin', operatorName: 'Bo', pin });
    const asked = [
      start({}),
      opened.client.call('batch.get', { orderId }),
      opened.client.call('batch.stop', {}),
    ].map((call) => expect(call).rejects.toMatchObject({ code: 'role_missing' }));
    await Promise.all(asked);
  });

  it('where the profile demands keys that never leave the device', async () => {
    const profilesFolder = join(folder.root, 'profiles');
    cpSync('resources/profiles', profilesFolder, { recursive: true });
    const path = join(profilesFolder, 'tls-client.json');
    const usual = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...usual, keyCustody: 'on-device' }));
    await openAgain({ profilesFolder });
    const { orderId } = await opened.client.call('orders.create', {
      ...{ name: 'WO-1', targetName: 'nrf91', profileName: 'tls-client', quantity: 5 },
    });
    await expect(opened.client.call('batch.start', { orderId, numbering })).rejects.toMatchObject({
      code: 'custody_not_offered',
    });
    expect(await batchOf(orderId)).toBeUndefined();
  });

  it('and says so, when keys that it made are missing from the file', async () => {
    const orderId = await order('WO-1', 10);
    await opened.client.call('batch.start', { orderId, count: 5, numbering });
    const { path, sizeBytes } = await rest(orderId);
    truncateSync(path, sizeBytes - 1);
    await opened.client.call('batch.start', { orderId });
    expect(await rest(orderId)).toMatchObject({
      ...{ state: 'stopped', issuedCount: 5 },
      failure: { code: 'storage_failed', details: { reason: 'batch-output-cut' } },
    });
    expect(existsSync(path)).toBe(true);
  });
});
