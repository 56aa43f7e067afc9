// Records that cannot be trusted: too new, too old, gone, another station's, damaged, altered. Each time the station says so and
// touches nothing.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { APPLICATION_ID } from '../../../core/inventory/database/migrate.ts';
import { MIGRATIONS } from '../../../core/inventory/database/migrations/index.ts';
import { cli } from '../../support/cliProcess.ts';
import { type TestStation, worldOfTests } from '../../support/cliStation.ts';

const world = worldOfTests();

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
