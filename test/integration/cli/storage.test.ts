// The data folder in trouble: full, read-only, locked, too new, damaged; and a clock that runs behind. Each time the station
// says so, stops, and finds everything again once the trouble is over.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { APPLICATION_ID } from '../../../core/inventory/database/migrate.ts';
import { MIGRATIONS } from '../../../core/inventory/database/migrations/index.ts';
import { openInventoryReadOnly } from '../../../core/inventory/inventory.ts';
import { cli, startCli } from '../../support/cliProcess.ts';
import {
  type CliWorld,
  createCliWorld,
  provisionWithCli,
  type TestStation,
} from '../../support/cliStation.ts';
import { sabotage } from '../../support/sabotage.ts';
import { mountSmallDisk } from '../../support/smallDisk.ts';

const onPosix = process.platform !== 'win32';
let world: CliWorld;
beforeAll(async () => {
  world = await createCliWorld();
});
afterAll(() => world.close());

const violations = (station: TestStation) => {
  const inventory = openInventoryReadOnly(join(station.data, 'inventory.db'));
  try {
    return inventory.checkInvariants();
  } finally {
    inventory.close();
  }
};

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

describe('records that cannot be trusted', () => {
  const change = (station: TestStation, sql: string): void => {
    const database = new DatabaseSync(join(station.data, 'inventory.db'));
    database.exec(sql);
    database.close();
  };

  const rowOf = (path: string, sql: string): Record<string, SQLOutputValue> => {
    const database = new DatabaseSync(path);
    try {
      return database.prepare(sql).get() ?? {};
    } finally {
      database.close();
    }
  };
  const literal = (value: SQLOutputValue | undefined): string =>
    typeof value === 'number' ? String(value) : `'${String(value)}'`;

  test('an inventory of a newer Keyline is refused and left alone', async () => {
    const station = world.station();
    change(station, 'PRAGMA user_version = 9000');
    const before = readFileSync(join(station.data, 'inventory.db'));
    for (const args of [
      ['order', 'list'],
      ['order', 'create', 'WO-1', '--quantity', '1'],
    ]) {
      const result = await cli(args, { data: station.data });
      expect(result.code).toBe(EXIT.stationTrouble);
      expect(result.line('error')).toMatchObject({
        code: 'inventory_newer',
        next: expect.stringContaining('newest Keyline'),
      });
    }
    expect(readFileSync(join(station.data, 'inventory.db')).equals(before)).toBe(true);
  });

  test('an inventory of an older Keyline says which command brings it up to date, and that command does', async () => {
    // The first form and the one before this; openDatabase.test.ts goes through all of them.
    for (const { version } of [MIGRATIONS.slice(0, 1), MIGRATIONS.slice(-2, -1)].flat()) {
      const station = world.station();
      const path = join(station.data, 'inventory.db');
      const { station_id, created_at_ms } = rowOf(path, 'SELECT station_id, created_at_ms FROM station');
      const genesis = rowOf(path, 'SELECT * FROM audit WHERE sequence = 1');
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
      change(
        station,
        `PRAGMA journal_mode = WAL; PRAGMA application_id = ${APPLICATION_ID};
        ${MIGRATIONS.filter((migration) => migration.version <= version)
          .map((migration) => migration.sql)
          .join('\n')}
        INSERT INTO station VALUES (1, ${literal(station_id)}, ${literal(created_at_ms)});
        INSERT INTO audit VALUES (${Object.values(genesis).map(literal).join(', ')});
        PRAGMA user_version = ${version};`,
      );
      const before = readFileSync(path);
      const refused = await cli(['inventory', 'list'], { data: station.data });
      expect(refused.code).toBe(EXIT.stationTrouble);
      expect(refused.line('error')).toMatchObject({
        code: 'inventory_older',
        what: expect.stringContaining('not damaged'),
        next: expect.stringContaining('keyline inventory upgrade'),
      });
      expect(readFileSync(path).equals(before)).toBe(true);

      const upgraded = await cli(['inventory', 'upgrade'], { data: station.data });
      expect(upgraded.line('upgraded')).toMatchObject({ upgraded: true, before: version });
      expect(upgraded.code).toBe(EXIT.ok);
      expect((await cli(['inventory', 'list'], { data: station.data })).code).toBe(EXIT.ok);
      expect((await cli(['audit', 'verify'], { data: station.data })).line('audit')).toMatchObject({
        intact: true,
        entries: 1,
      });
    }
    const again = await cli(['inventory', 'upgrade'], { data: world.station().data });
    expect(again.line('upgraded')).toMatchObject({ upgraded: false });
  });

  test('an inventory that is gone, empty or another station’s is damage, never a station to make anew', async () => {
    const station = world.station();
    const path = join(station.data, 'inventory.db');
    const kept = readFileSync(path);
    const refuses = async (reason: string) => {
      for (const args of [
        ['order', 'list'],
        ['order', 'create', 'WO-1', '--quantity', '1'],
      ]) {
        const result = await cli(args, { data: station.data });
        expect(result.code).toBe(EXIT.stationTrouble);
        expect(result.line('error')).toMatchObject({
          code: 'inventory_invalid',
          what: expect.stringContaining(reason),
          next: expect.stringMatching(/backup/),
        });
      }
    };
    rmSync(path);
    await refuses('it is missing');
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, kept);
    const facts = JSON.parse(readFileSync(join(station.data, 'station.json'), 'utf8'));
    const other = { ...facts, stationId: 'station-00000000000000ff' };
    writeFileSync(join(station.data, 'station.json'), JSON.stringify(other));
    await refuses('its parts are of two stations');
    writeFileSync(join(station.data, 'station.json'), JSON.stringify(facts));
    expect((await cli(['order', 'list'], { data: station.data })).code).toBe(EXIT.ok);
    writeFileSync(path, '');
    await refuses('');
  });

  test('a file that is no database, and a station.json that is none', async () => {
    const station = world.station();
    writeFileSync(
      join(station.data, 'inventory.db'),
      'not a database at all, but long enough to look at. '.repeat(50),
    );
    const result = await cli(['order', 'list'], { data: station.data });
    expect(result.code).toBe(EXIT.stationTrouble);
    expect(result.line('error')).toMatchObject({ code: 'inventory_invalid' });
    writeFileSync(join(station.data, 'station.json'), '{');
    expect((await cli(['order', 'list'], { data: station.data })).line('error')).toMatchObject({
      code: 'station_missing',
    });
    const noFolder = await cli(['order', 'list'], { data: join(station.data, 'station.json') });
    expect(noFolder.line('error')).toMatchObject({ code: 'station_missing' });
  });

  test('an audit log that was altered: audit verify and doctor say where', async () => {
    const station = world.station();
    expect((await cli(['order', 'create', 'WO-1', '--quantity', '1'], { data: station.data })).code).toBe(
      EXIT.ok,
    );
    const triggers = new DatabaseSync(join(station.data, 'inventory.db'));
    const names = triggers
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
      .all();
    for (const { name } of names) triggers.exec(`DROP TRIGGER "${String(name)}"`);
    triggers.exec("UPDATE audit SET actor = 'nobody' WHERE sequence = 3");
    triggers.close();
    const verdict = await cli(['audit', 'verify'], { data: station.data });
    expect(verdict.code).toBe(EXIT.stationTrouble);
    expect(verdict.line('audit')).toMatchObject({ intact: false, firstBrokenSequence: 3 });
    const doctor = await cli(['doctor'], { data: station.data });
    expect(doctor.code).toBe(EXIT.stationTrouble);
    expect(doctor.lines()).toContainEqual(expect.objectContaining({ name: 'Inventory', state: 'problem' }));
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
