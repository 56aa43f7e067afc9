// What the window and the command line share: the station's own targets, orders that check again and seal, and backups that one
// makes and the other restores.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { restoreBackup } from '../../../core/host/backup/restore.ts';
import { dataFolder } from '../../../core/host/dataFolder.ts';
import { drivers } from '../../../core/host/drivers.ts';
import { keepTarget } from '../../../core/host/stationTargets.ts';
import { acquireStationLock } from '../../../core/inventory/database/stationLock.ts';
import { withSealTemplate } from '../../../core/link/seal/sealTemplate.ts';
import { type CliResult, cli, type JsonLine } from '../../support/cliProcess.ts';
import { provisionWithCli, type TestStation, worldOfTests } from '../../support/cliStation.ts';

const world = worldOfTests();

const SHIPPED = join(import.meta.dirname, '../../../resources/targets/zephyr-shell.json');
const keylineAt =
  (data: string) =>
  (...args: readonly string[]): Promise<CliResult> =>
    cli(args, { data });
const errorOf = (result: CliResult): JsonLine => result.line('error');

/** As the window imports it. */
function importTarget(station: TestStation, name: string, change = (text: string): string => text): void {
  const text = readFileSync(SHIPPED, 'utf8').replace('"zephyr-shell"', `"${name}"`);
  keepTarget(dataFolder(station.data), change(text), drivers);
}

describe('the station’s own targets', () => {
  let station: TestStation;
  let keyline: ReturnType<typeof keylineAt>;
  beforeAll(() => {
    station = world.station();
    keyline = keylineAt(station.data);
    importTarget(station, 'our-board');
  });

  test('are listed, tried, provisioned with, and ordered by name', async () => {
    const listed = (await keyline('target', 'list')).lines();
    expect(listed.find(({ name }) => name === 'our-board')).toMatchObject({ own: true, driver: 'zephyr' });
    expect(listed.find(({ name }) => name === 'nrf91')).toMatchObject({ own: false });
    const device = await world.device(station);
    const tried = await keyline('target', 'try', '--target', 'our-board', '--port', device.path);
    expect(tried.line('target-tried')).toMatchObject({ target: 'our-board' });
    const run = await provisionWithCli(station, device.path, 'OWN-1', { more: ['--target', 'our-board'] });
    expect(run.line('closed')).toMatchObject({ outcome: 'pass' });

    const made = await keyline('order', 'create', 'WO-OWN', '--quantity', '1', '--target', 'our-board');
    expect(made.line('order-created')).toMatchObject({ targetName: 'our-board' });
    const next = await world.device(station);
    const ran = await keyline('run', 'WO-OWN', '--device', `${next.path}=OWN-2`);
    expect(ran.code).toBe(0);
    expect(ran.line('order-progress')).toMatchObject({ passed: 1, remaining: 0 });
  });

  test('that are damaged are named and stop nothing but themselves', async () => {
    const targets = join(station.data, 'targets');
    writeFileSync(join(targets, 'broken.json'), '{ "name": "broken",\n');
    // The site replaced a shipped one: without its own it must not fall back to what it did not want.
    writeFileSync(join(targets, 'nrf91.json'), '{ "name": "nrf91", "version": 1 }\n');
    const listed = (await keyline('target', 'list')).lines();
    const named = listed.filter(({ event }) => event === 'target-unusable');
    expect(named.map(({ name }) => name)).toEqual(['broken', 'nrf91']);
    expect(named[0]?.reason).toContain('line 2: not JSON');
    const names = listed.filter(({ event }) => event === 'target').map(({ name }) => name);
    expect(names).toContain('our-board');
    expect(names).not.toContain('nrf91');

    const people = await cli(['target', 'list'], { data: station.data, json: false });
    expect(people.stdout).toContain(join(targets, 'broken.json'));
    expect(people.stdout).toContain('(own)');
    const order = ['order', 'create', 'WO-X', '--quantity', '1', '--target'];
    for (const name of ['broken', 'nrf91']) {
      const refused = await keyline(...order, name);
      expect(refused.code).toBe(2);
      expect(errorOf(refused)).toMatchObject({ code: 'target_invalid' });
      expect(errorOf(refused).what).toContain(`${name}.json`);
    }
    const unknown = errorOf(await keyline(...order, 'nothing'));
    expect(unknown).toMatchObject({ code: 'target_unknown' });
    expect(unknown.next).toContain('our-board');
    const device = await world.device(station);
    const run = await provisionWithCli(station, device.path, 'OWN-3', { more: ['--target', 'our-board'] });
    expect(run.line('closed')).toMatchObject({ outcome: 'pass' });
    expect(run.lines().filter(({ event }) => event === 'target-unusable')).toHaveLength(2);
  });
});

describe('an order’s last checks', () => {
  let station: TestStation;
  let keyline: ReturnType<typeof keylineAt>;
  const create = (name: string, ...more: readonly string[]): Promise<CliResult> =>
    keyline('order', 'create', name, '--quantity', '1', ...more);
  beforeAll(() => {
    station = world.station();
    keyline = keylineAt(station.data);
    importTarget(station, 'lockable', (text) => withSealTemplate(text, 'zephyr'));
  });

  test('a check after a restart is done by a run that is not told to', async () => {
    expect((await create('WO-R', '--check-reboot')).line('order-created')).toMatchObject({
      lastChecks: { checkReboot: true, seal: false },
    });
    const shown = await cli(['order', 'show', 'WO-R'], { data: station.data, json: false });
    expect(shown.stdout).toContain('checked again after a restart');
    expect(shown.stdout).not.toContain('sealed');
    const forgetful = await world.device(station, { backend: 'volatile' });
    const found = await keyline('run', 'WO-R', '--device', `${forgetful.path}=RAM-1`);
    expect(found.code).toBe(1);
    expect(found.line('closed')).toMatchObject({ failure: { code: 'verification_mismatch' } });
  });

  test('a seal is refused without a lock, and without the words that confirm it', async () => {
    const lockless = await create('WO-S', '--seal', '--confirm-seal', 'WO-S');
    expect(lockless.code).toBe(2);
    expect(errorOf(lockless)).toMatchObject({ code: 'value_invalid', details: { reason: 'not-sealable' } });
    for (const more of [[], ['--confirm-seal', 'WO-OTHER']]) {
      const refused = await create('WO-S', '--target', 'lockable', '--seal', ...more);
      expect(refused.code).toBe(2);
      expect(errorOf(refused).what).toContain('--confirm-seal WO-S');
    }
    const files = await create('WO-S', '--target', 'files', '--check-reboot');
    expect(errorOf(files)).toMatchObject({ code: 'usage' });
    expect(errorOf(await keyline('order', 'show', 'WO-S'))).toMatchObject({ code: 'order_unknown' });
  });

  test('a seal that was confirmed for the order is closed by its runs', async () => {
    const asked = ['--target', 'lockable', '--seal', '--confirm-seal', 'WO-S', '--check-reboot'];
    expect((await create('WO-S', ...asked)).code).toBe(0);
    expect((await keyline('order', 'show', 'WO-S')).line('order')).toMatchObject({
      lastChecks: { checkReboot: true, seal: true },
    });
    const device = await world.device(station, { build: 'factory-lock' });
    const ran = await keyline('run', 'WO-S', '--device', `${device.path}=SEAL-1`);
    expect(ran.code).toBe(0);
    expect((await keyline('inventory', 'list', '--state', 'sealed')).lines()).toMatchObject([
      { device: { deviceSerial: 'SEAL-1' }, credential: { state: 'sealed' } },
    ]);
  });
});

describe('a backup', () => {
  let station: TestStation;
  let keyline: ReturnType<typeof keylineAt>;
  let file: string;
  beforeAll(async () => {
    station = world.station();
    keyline = keylineAt(station.data);
    importTarget(station, 'our-board');
    file = join(station.beside, 'plant.tar');
    expect((await keyline('order', 'create', 'BEFORE', '--quantity', '1')).code).toBe(0);
    const made = await keyline('backup', 'create', '--out', file);
    expect(made.line('backup-created')).toMatchObject({ backupId: 'plant.tar', path: file, devices: 0 });
    expect((await keyline('order', 'create', 'AFTER', '--quantity', '1')).code).toBe(0);
  });
  const ordersAt = async (data: string) =>
    (await keylineAt(data)('order', 'list')).lines().map(({ name }) => name);

  test('is checked by tar and sha256sum, is not overwritten, and is listed where it is the station’s', async () => {
    const opened = join(station.beside, 'opened');
    mkdirSync(opened);
    execFileSync('tar', ['xf', file, '-C', opened]);
    const said = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: opened, encoding: 'utf8' });
    expect(said).toContain('inventory.db: OK');
    expect(said).toContain('targets/our-board.json: OK');
    expect((await keyline('backup', 'create', '--out', file)).code).toBe(2);

    expect((await keyline('backup', 'list')).lines()).toEqual([]);
    const own = (await keyline('backup', 'create')).line('backup-created');
    expect((await keyline('backup', 'list')).lines()).toMatchObject([
      { backupId: own.backupId, sizeBytes: own.sizeBytes },
    ]);
    const empty = await keylineAt(join(station.beside, 'nobody'))('backup', 'list');
    expect(errorOf(empty)).toMatchObject({ code: 'station_missing' });
  });

  test('makes a station in a fresh folder without a question, and it works on', async () => {
    const data = join(station.beside, 'fresh', 'data');
    const restored = await keylineAt(data)('backup', 'restore', file);
    expect(restored.code).toBe(0);
    expect(restored.line('backup-restored').kept).toBeUndefined();
    expect(await ordersAt(data)).toEqual(['BEFORE']);
    expect((await keylineAt(data)('audit', 'verify')).line('audit')).toMatchObject({ intact: true });
    const device = await world.device(station);
    const at = { data, beside: station.beside };
    const run = await provisionWithCli(at, device.path, 'BACK-1', { more: ['--target', 'our-board'] });
    expect(run.line('closed')).toMatchObject({ outcome: 'pass' });
  });

  test('goes over its own station only after a confirmation, and keeps what it replaces', async () => {
    const data = join(station.beside, 'same');
    cpSync(station.data, data, { recursive: true });
    const restore = (...more: readonly string[]) => keylineAt(data)('backup', 'restore', ...more);
    const unasked = await restore(file);
    expect(unasked.code).toBe(2);
    expect(errorOf(unasked).what).toContain('--yes');
    const lock = acquireStationLock(data, 0);
    try {
      const busy = await restore(file, '--yes');
      expect([busy.code, errorOf(busy).code]).toEqual([3, 'station_locked']);
    } finally {
      lock.release();
    }
    expect((await ordersAt(data)).toSorted()).toEqual(['AFTER', 'BEFORE']);

    const { kept } = (await restore(file, '--yes')).line('backup-restored');
    expect(await ordersAt(data)).toEqual(['BEFORE']);
    // What was set aside is a whole station.
    expect((await ordersAt(String(kept))).toSorted()).toEqual(['AFTER', 'BEFORE']);
    expect(existsSync(join(data, 'restore'))).toBe(false);
  });

  test('that was cut off by the disk in its moment is ended by the next command', async () => {
    const data = join(station.beside, 'cut');
    cpSync(station.data, data, { recursive: true });
    const clock = { nowMs: () => Date.UTC(2026, 0, 1) };
    const inTheWay = join(data, 'replaced-2026-01-01T00-00-00-000Z');
    writeFileSync(inTheWay, '');
    await expect(restoreBackup(dataFolder(data), file, clock)).rejects.toBeInstanceOf(StationError);
    rmSync(inTheWay);
    expect(await ordersAt(data)).toEqual(['BEFORE']);
    expect((await ordersAt(inTheWay)).toSorted()).toEqual(['AFTER', 'BEFORE']);
  });

  test('repairs a station whose inventory and name are gone', async () => {
    const data = join(station.beside, 'lost');
    cpSync(station.data, data, { recursive: true });
    for (const name of readdirSync(data).filter((one) => one.startsWith('inventory.db'))) {
      rmSync(join(data, name));
    }
    writeFileSync(join(data, 'station.json'), 'not JSON');
    expect((await keylineAt(data)('backup', 'restore', file)).code).toBe(2);
    expect((await keylineAt(data)('backup', 'restore', file, '--yes')).code).toBe(0);
    expect(await ordersAt(data)).toEqual(['BEFORE']);
  });

  test('of another station, damaged or unknown changes nothing', async () => {
    const data = join(station.beside, 'other');
    expect((await keylineAt(data)('init', '--site', 'Elsewhere')).code).toBe(0);
    const before = readdirSync(data).toSorted();
    const damaged = join(station.beside, 'damaged.tar');
    const bytes = readFileSync(file);
    bytes.writeUInt8((bytes[bytes.length >> 1] ?? 0) ^ 1, bytes.length >> 1);
    writeFileSync(damaged, bytes);
    for (const [at, backup, code] of [
      [data, file, 'backup_foreign'],
      [station.data, damaged, 'backup_damaged'],
      [data, 'keyline-backup-2026-01-01T00-00-00-000Z.tar', 'backup_unknown'],
      [data, join(data, 'station.json'), 'backup_damaged'],
    ] as const) {
      const refused = await keylineAt(at)('backup', 'restore', backup, '--yes');
      expect([refused.code, errorOf(refused).code]).toEqual([2, code]);
    }
    expect(
      readdirSync(data)
        .toSorted()
        .filter((name) => !name.startsWith('station.lock')),
    ).toEqual(before.filter((name) => !name.startsWith('station.lock')));
    expect((await ordersAt(station.data)).toSorted()).toEqual(['AFTER', 'BEFORE']);
    expect(existsSync(join(station.data, 'restore'))).toBe(false);
  });
});
