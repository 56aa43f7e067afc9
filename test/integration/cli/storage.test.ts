// The data folder in trouble: full, read-only, locked; and a clock that runs behind. Each time the station says so, stops, and
// finds everything again once the trouble is over.

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { openInventoryReadOnly } from '../../../core/inventory/inventory.ts';
import { cli, startCli } from '../../support/cliProcess.ts';
import { provisionWithCli, type TestStation, worldOfTests } from '../../support/cliStation.ts';
import { lookAt } from '../../support/records.ts';
import { sabotage } from '../../support/sabotage.ts';
import { mountSmallDisk } from '../../support/smallDisk.ts';

const onPosix = process.platform !== 'win32';
const world = worldOfTests();

const violations = (station: TestStation) => lookAt(station, (inventory) => inventory.checkInvariants());

/** With a port that is not there: opens the station and records one run. */
const openOnce = (station: TestStation, options = {}) =>
  provisionWithCli(station, join(station.beside, 'no-port'), 'SN-1', options);

describe.skipIf(!onPosix)('a full disk', () => {
  test('in the middle of a run: said, nothing lost, and gone on with once there is room', async (context) => {
    const station = world.station();
    const mounted = mountSmallDisk(join(station.beside, 'disk'));
    if (mounted === undefined) return context.skip('needs the right to mount a file system');
    const disk = mounted.folder;
    try {
      const full = { ...station, data: join(disk, 'data') };
      cpSync(station.data, full.data, { recursive: true });
      expect((await openOnce(full)).code).toBe(EXIT.stationTrouble);
      const ballast = join(disk, 'ballast');
      const device = await world.device(station);
      // Each time a little more room, so that the end of it falls into different steps of the run.
      const outcomes: string[] = [];
      for (const roomBytes of [0, 16_384, 49_152, 98_304]) {
        fill(ballast, disk, roomBytes);
        const result = await provisionWithCli(full, device.path, 'SN-2');
        outcomes.push(result.stdout);
        execFileSync('rm', [ballast]);
        if (result.code === EXIT.ok) break;
        expect(result.code, result.stdout + result.stderr).toBe(EXIT.stationTrouble);
        const { code, next } = (result.lines().find(({ event }) => event === 'error') ??
          result.line('closed').failure) as { code: string; next: string };
        expect({ code, next }).toMatchObject({
          code: 'disk_full',
          next: expect.stringContaining('Free some space'),
        });
        expect(violations(full)).toEqual([]);
      }
      expect(outcomes.length).toBeGreaterThan(0);
      const settled = await provisionWithCli(full, device.path, 'SN-2', { more: ['--replace'] });
      expect(settled.line('closed')).toMatchObject({ outcome: 'pass' });
      expect(violations(full)).toEqual([]);
    } finally {
      mounted.unmount();
    }
  });

  test('while devices are exported: the file before stays, and no half of a new one', async (context) => {
    const station = world.station();
    const mounted = mountSmallDisk(join(station.beside, 'stick'), '64k');
    if (mounted === undefined) return context.skip('needs the right to mount a file system');
    try {
      const out = join(mounted.folder, 'devices.csv');
      writeFileSync(out, 'what was there before');
      fill(join(mounted.folder, 'ballast'), mounted.folder, 0);
      const args = ['inventory', 'export', '--out', out];
      const result = await cli(args, { data: station.data });
      expect(result.code, result.stdout).toBe(EXIT.stationTrouble);
      expect(result.line('error')).toMatchObject({
        code: 'disk_full',
        details: { path: out },
        next: expect.stringContaining('Free some space'),
      });
      expect(readdirSync(mounted.folder).sort()).toEqual(['ballast', 'devices.csv']);
      expect(readFileSync(out, 'utf8')).toBe('what was there before');
      execFileSync('rm', [join(mounted.folder, 'ballast')]);
      expect((await cli(args, { data: station.data })).code).toBe(EXIT.ok);
      expect(readFileSync(out, 'utf8')).toMatch(/^deviceSerial,/);
    } finally {
      mounted.unmount();
    }
  });

  test('while a station is made: nothing half-made stands in the way afterwards', async () => {
    const station = world.station();
    const data = join(station.beside, 'limited');
    // RLIMIT_FSIZE in blocks of 512 bytes: no file may grow past 8 kB. Node ignores SIGXFSZ, so that writes fail.
    const wrapper = ['sh', '-c', 'ulimit -f 16; exec "$@"', 'sh'];
    const made = await cli(['init', '--site', 'Plant 7'], {
      data,
      wrapper,
      env: { NODE_COMPILE_CACHE: undefined },
    });
    expect(made.code, made.stdout + made.stderr).toBe(EXIT.stationTrouble);
    expect(made.line('error').code).toMatch(/^(disk_full|storage_failed)$/);
    expect(existsSync(join(data, 'authority'))).toBe(false);
    expect((await cli(['init', '--site', 'Plant 7'], { data })).code).toBe(EXIT.ok);
  });
});

/** Fills the disk but for `roomBytes`. */
function fill(ballast: string, disk: string, roomBytes: number): void {
  execFileSync('rm', ['-f', ballast]);
  const [, , , free = '0'] =
    execFileSync('df', ['-B1', disk], { encoding: 'utf8' }).split('\n')[1]?.split(/\s+/) ?? [];
  const sizeBytes = Math.max(0, Number(free) - roomBytes);
  writeFileSync(ballast, Buffer.alloc(sizeBytes));
}

describe.skipIf(!onPosix || process.getuid?.() !== 0)(
  'a data folder that this account may not write to',
  () => {
    test('is said with what to do (another account, so root is needed)', async () => {
      const station = world.station();
      execFileSync('chmod', ['755', world.root, join(station.data, '..')]);
      execFileSync('chmod', ['-R', 'a+rX', station.data, station.beside]);
      const other = { userId: 65_534, env: { NODE_COMPILE_CACHE: undefined } };
      const result = await openOnce(station, other);
      expect(result.code, result.stdout + result.stderr).toBe(EXIT.stationTrouble);
      expect(result.line('error')).toMatchObject({
        code: 'storage_read_only',
        what: expect.stringContaining(station.data),
        next: expect.stringContaining('right to write'),
      });
      const init = await cli(['init', '--site', 'X'], {
        data: join(station.beside, 'new', 'deep'),
        ...other,
      });
      expect(init.line('error')).toMatchObject({ code: 'storage_read_only' });
      chmodSync(station.data, 0o700);
      const hidden = await cli(['order', 'list'], { data: station.data, ...other });
      expect(hidden.line('error')).toMatchObject({ code: 'storage_read_only' });
      expect([init.code, hidden.code]).toEqual([3, 3]);
    });
  },
);

describe('a data folder that another Keyline has', () => {
  test('is refused with the process’s number, may be looked at, and is free afterwards', async () => {
    const station = world.station();
    const holder = startCli(['edge'], { data: station.data });
    await holder.seen(/edge-listening/);
    const second = await openOnce(station);
    expect(second.code).toBe(EXIT.stationTrouble);
    expect(second.line('error')).toMatchObject({
      code: 'station_locked',
      what: expect.stringContaining(station.data),
      next: expect.stringContaining(`process ${holder.child.pid}`),
    });
    expect((await cli(['inventory', 'list'], { data: station.data })).code).toBe(EXIT.ok);
    holder.child.kill('SIGKILL');
    await holder.done;
    // No stale lock: the operating system let go of it.
    expect((await openOnce(station)).line('closed')).toMatchObject({ failure: { code: 'port_missing' } });
  });
});

describe('a clock that runs behind', () => {
  test('signs nothing and says so', async () => {
    const station = world.station();
    await openOnce(station);
    const preload = [new URL('../../support/clockBehind.ts', import.meta.url).href];
    const device = onPosix ? await world.device(station) : undefined;
    const result = await provisionWithCli(station, device?.path ?? 'COM99', 'SN-CLOCK', { preload });
    expect(result.code, result.stdout).toBe(EXIT.stationTrouble);
    expect(result.line('closed')).toMatchObject({ outcome: 'error', failure: { code: 'clock_behind' } });
    const inventory = openInventoryReadOnly(join(station.data, 'inventory.db'));
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
    inventory.close();
  });
});

describe.skipIf(!onPosix)('what Keyline writes', () => {
  test('is readable by its owner only where it matters', async () => {
    const station = world.station();
    await openOnce(station, sabotage({}));
    const modeOf = (...path: string[]) => (statSync(join(station.data, ...path)).mode & 0o077).toString(8);
    for (const path of [
      'authority/root.key.pem',
      'authority/issuing.key.pem',
      'edge/server.key.pem',
      'transcripts',
    ])
      expect(`${path} ${modeOf(path)}`).toBe(`${path} 0`);
    for (const name of readdirSync(join(station.data, 'transcripts')))
      expect(modeOf('transcripts', name)).toBe('0');
  });
});
