// Opening: our files in every earlier form, files that are not ours, files that are damaged.

import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { APPLICATION_ID, newestVersion } from '../../../core/inventory/database/migrate.ts';
import { MIGRATIONS } from '../../../core/inventory/database/migrations/index.ts';
import { openDatabase } from '../../../core/inventory/database/openDatabase.ts';
import { openInventory, openInventoryReadOnly } from '../../../core/inventory/inventory.ts';
import { force, query } from './raw.ts';
import {
  createWorld,
  openRun,
  provision,
  refusal,
  STATION,
  serial,
  sha256,
  T0,
  temporaryFolder,
} from './world.ts';

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'inventory.sqlite');
});
afterEach(() => folder.remove());

function made(sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe('opening', () => {
  it('makes a durable database of ours', () => {
    const connection = openDatabase(path);
    const setting = (name: string) => Object.values(connection.get(`PRAGMA ${name}`) as object)[0];
    expect({
      journal: setting('journal_mode'),
      synchronous: setting('synchronous'),
      foreignKeys: setting('foreign_keys'),
      trustedSchema: setting('trusted_schema'),
      recursiveTriggers: setting('recursive_triggers'),
      fullfsync: setting('fullfsync'),
      busyTimeoutMs: setting('busy_timeout'),
      application: setting('application_id'),
      version: setting('user_version'),
    }).toEqual({
      journal: 'wal',
      synchronous: 2,
      foreignKeys: 1,
      trustedSchema: 0,
      recursiveTriggers: 1,
      fullfsync: 1,
      busyTimeoutMs: 5_000,
      application: APPLICATION_ID,
      version: newestVersion(),
    });
    const tables = connection.all(
      "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'",
    );
    expect(tables.length).toBeGreaterThan(9);
    for (const table of tables) expect(table).toMatchObject({ strict: 1 });
    connection.close();
  });

  it('needs a station to make one, and takes no other station afterwards', () => {
    expect(refusal(() => openInventory({ path }))).toBe('station_missing');
    expect(existsSync(path)).toBe(false);
    openDatabase(path).close(); // as if power failed between making the file and naming its station
    expect(refusal(() => openInventory({ path }))).toBe('station_missing');
    openInventory({ path, station: STATION }).close();
    const again = openInventory({ path, station: { ...STATION, createdAtMs: 7 } });
    expect(again.station).toEqual(STATION);
    expect(again.verifyAudit()).toMatchObject({ intact: true, entries: 1 });
    again.close();
  });

  it.each(MIGRATIONS.map((migration, index) => [migration.name, index] as const))(
    'brings a database of the form "%s" up to date and keeps what is in it',
    (_, index) => {
      const old = MIGRATIONS.slice(0, index + 1);
      const has = (name: string) => old.some((migration) => migration.name === name);
      made(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA journal_mode = WAL;
        ${old.map((migration) => migration.sql).join('\n')}
        PRAGMA user_version = ${old.at(-1)?.version};
        ${has('work-order') ? "INSERT INTO work_order (order_id, name, target_name, profile_name, quantity, created_at_ms) VALUES ('order-1', 'WO', 't', 'p', 3, 1);" : ''}
        ${has('device') ? "INSERT INTO device (device_serial, target_name, first_seen_at_ms) VALUES ('SN-1', 't', 1);" : ''}
        ${has('run') ? "INSERT INTO run (run_id, device_serial, bay_name, port_path, operator_name, target_name, profile_name, profile_version, started_at_ms) VALUES ('run-1', 'SN-1', 'b', 'p', 'o', 't', 'p', 1, 1);" : ''}`);
      const inventory = openInventory({ path, station: STATION });
      expect(inventory.orders().map((order) => order.name)).toEqual(has('work-order') ? ['WO'] : []);
      expect(inventory.device(serial('SN-1'))?.targetName).toBe(has('device') ? 't' : undefined);
      expect(inventory.openRuns()).toHaveLength(has('run') ? 1 : 0);
      // An order made by hand has no audit entry; nothing else is wrong.
      expect(inventory.checkInvariants().map((violation) => violation.id)).toEqual(
        has('work-order') ? ['order-1'] : [],
      );
      provision(inventory, 'new', 'SN-2');
      inventory.close();
      expect(query(path, 'PRAGMA user_version')).toEqual([{ user_version: newestVersion() }]);
    },
  );

  it('refuses a newer database and says both versions', () => {
    made(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 990;`);
    const before = sha256(readFileSync(path));
    for (const open of [() => openInventory({ path }), () => openInventoryReadOnly(path)]) {
      try {
        open();
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(StationError);
        expect(error).toMatchObject({
          code: 'inventory_newer',
          details: { path, found: 990, known: newestVersion() },
        });
      }
    }
    expect(sha256(readFileSync(path))).toBe(before);
  });

  it.each([
    ['another program’s database', () => made('PRAGMA application_id = 1; CREATE TABLE t (a);')],
    ['a database of nobody', () => made('CREATE TABLE t (a);')],
    [
      'a version that never was',
      () => made(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 15;`),
    ],
    ['a text', () => writeFileSync(path, 'not a database, but long enough to have a header\n'.repeat(40))],
  ])('refuses %s and leaves it as it is', (_, make) => {
    make();
    const before = sha256(readFileSync(path));
    expect(refusal(() => openInventory({ path, station: STATION }))).toBe('inventory_invalid');
    expect(refusal(() => openInventoryReadOnly(path))).toBe('inventory_invalid');
    expect(sha256(readFileSync(path))).toBe(before);
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it('refuses a folder in the file’s place, a file in the folder’s place, and a folder that is not there', () => {
    mkdirSync(path);
    expect(refusal(() => openInventory({ path, station: STATION }))).toBe('storage_failed');
    const under = join(folder.path, 'file', 'inventory.sqlite');
    writeFileSync(join(folder.path, 'file'), '');
    expect(refusal(() => openInventory({ path: under, station: STATION }))).toBe('storage_failed');
    const missing = join(folder.path, 'missing', 'inventory.sqlite');
    expect(refusal(() => openInventory({ path: missing, station: STATION }))).toBe('storage_failed');
  });

  it('names damage: a file cut short, a page overwritten', () => {
    const inventory = openInventory({ path, station: STATION });
    for (let n = 0; n < 50; n += 1) provision(inventory, String(n), `SN-${n}`);
    inventory.close();
    const whole = readFileSync(path);
    truncateSync(path, Math.trunc(whole.length / 2));
    expect(refusal(() => openInventory({ path }).checkInvariants())).toBe('inventory_invalid');
    writeFileSync(path, whole.fill(0xff, 4096 * 3, 4096 * 40));
    expect(refusal(() => openInventory({ path }).checkInvariants())).toBe('inventory_invalid');
  });
});

describe('a row that was damaged', () => {
  it.each([
    ['device', "UPDATE device SET device_serial = 'bad serial'", 'bad serial', () => openAndList()],
    ['device', "UPDATE device SET hardware_id = '!'", 'SN-1', () => openAndList()],
    [
      'credential',
      "UPDATE credential SET state = 'lost'",
      'credential-a',
      () => open().credentialsOf(serial('SN-1')),
    ],
    [
      'credential',
      "UPDATE credential SET certificate_serial = 'zz'",
      'credential-a',
      () => open().credentialsOf(serial('SN-1')),
    ],
    [
      'credential',
      "UPDATE credential SET stored_digests = '{'",
      'credential-a',
      () => open().credentialsOf(serial('SN-1')),
    ],
    [
      'credential',
      'UPDATE credential SET stored_digests = \'{"ca":"1"}\'',
      'credential-a',
      () => open().credentialsOf(serial('SN-1')),
    ],
    [
      'credential',
      'UPDATE credential SET device_serial = NULL',
      'credential-a',
      () => open().unfinishedOrAll(),
    ],
    ['run', "UPDATE run SET outcome = 'maybe'", 'run-a', () => open().listRuns()],
    ['run', "UPDATE run SET failure = '[]'", 'run-a', () => open().listRuns()],
    ['run_phase', "UPDATE run_phase SET phase = 'lunch'", 'run-a', () => open().listRuns()],
    [
      'work_order',
      'UPDATE work_order SET quantity = 1e300 WHERE 0; UPDATE work_order SET quantity = 9007199254740993',
      'order-1',
      () => open().orders(),
    ],
  ])('in %s is named (%s)', (table, sql, id, read) => {
    const world = createWorld();
    path = world.path;
    world.inventory.createOrder({
      ...{ orderId: 'order-1' as never, name: 'WO', targetName: 't', profileName: 'p', quantity: 1 },
      ...{ deviceSerials: [], createdAtMs: T0, closedAtMs: undefined },
    });
    openRun(world.inventory, 'z', 'SN-0');
    world.inventory.beginPhase('run-z' as never, 'identify', T0);
    world.inventory.closeRun('run-z' as never, { outcome: 'aborted', atMs: T0 });
    provision(world.inventory, 'a', 'SN-1');
    world.inventory.close();
    force(path, sql);
    try {
      read();
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'inventory_invalid', details: { table } });
      if (table !== 'run_phase') expect(error).toHaveProperty('details.id', id);
    } finally {
      world.remove();
    }
  });

  const open = () => {
    const inventory = openInventory({ path });
    return { ...inventory, unfinishedOrAll: () => inventory.credential('credential-a' as never) };
  };
  const openAndList = () => openInventory({ path }).listDevices();

  it('is not a failure code that this version no longer knows', () => {
    const inventory = openInventory({ path, station: STATION });
    provision(inventory, 'a', 'SN-1', { outcome: 'fail' });
    inventory.close();
    force(path, `UPDATE run SET failure = '{"code":"device_on_fire","details":{"at":900}}'`);
    const again = openInventory({ path });
    expect(again.listRuns().items[0]?.failure).toEqual({
      code: 'internal',
      details: { at: 900, recordedCode: 'device_on_fire' },
    });
    again.close();
  });
});

describe('reading beside a station at work', () => {
  it('sees each commit, writes nothing, and takes part in no lock', () => {
    const inventory = openInventory({ path, station: STATION });
    const reader = openInventoryReadOnly(path);
    expect(reader.listDevices().items).toEqual([]);
    provision(inventory, 'a', 'SN-1');
    expect(reader.listDevices().items).toHaveLength(1);
    expect(reader.verifyAudit()).toMatchObject({ intact: true });
    expect(reader.checkInvariants()).toEqual([]);
    expect(reader).not.toHaveProperty('openRun');
    reader.close();
    inventory.close();
    const alone = openInventoryReadOnly(path);
    expect(alone.counts().devices).toBe(1);
    alone.close();
  });

  it('needs an inventory that is there', () => {
    expect(refusal(() => openInventoryReadOnly(path))).toBe('station_missing');
  });

  it.each(MIGRATIONS.slice(0, -1).map((migration, index) => [migration.version, index] as const))(
    'of form %i says that it is older, changes nothing, and reads it once a host has opened it',
    (version, index) => {
      made(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA journal_mode = WAL;
        ${MIGRATIONS.slice(0, index + 1)
          .map((migration) => migration.sql)
          .join('\n')}
        PRAGMA user_version = ${version};`);
      const before = sha256(readFileSync(path));
      try {
        openInventoryReadOnly(path);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({
          code: 'inventory_older',
          details: { path, found: version, known: newestVersion() },
        });
      }
      expect(sha256(readFileSync(path))).toBe(before);
      openInventory({ path, station: STATION }).close();
      const reader = openInventoryReadOnly(path);
      expect(reader.checkInvariants()).toEqual([]);
      expect(reader.verifyAudit()).toMatchObject({ intact: true });
      reader.close();
    },
  );
});
