// A restore that is cut off at every step: afterwards the data folder holds the old station or the new one, whole.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settleRestore } from '../../core/host/backup/restore.ts';
import { namesOf } from '../../core/host/backup/stationBackup.ts';
import { dataFolder } from '../../core/host/dataFolder.ts';
import { openRecords } from '../../core/host/openRecords.ts';
import { NEW_STATION, openApplication, openFolder } from '../integration/application/house.ts';

const root = join(import.meta.dirname, '..', '..');
const killPoint = join(root, 'test', 'support', 'killPoint.ts');
const entry = join(root, 'test', 'support', 'restoreProcess.ts');

let folder: ReturnType<typeof openFolder>;
let backup: string;
let count = 0;

/** Every file of the station with its content; the database without what SQLite adds at each opening. */
function stateOf(data: string): string {
  const hash = createHash('sha256');
  const add = (name: string): void => {
    const path = join(data, name);
    if (statSync(path).isDirectory()) for (const child of readdirSync(path).sort()) add(`${name}/${child}`);
    else hash.update(`${name}\n`).update(readFileSync(path));
  };
  for (const name of [...namesOf(data)].sort()) if (!/-(wal|shm)$/.test(name)) add(name);
  return hash.digest('hex');
}

const run = (data: string, withBackup: boolean, env: Record<string, string> = {}) =>
  spawnSync(process.execPath, ['--import', killPoint, entry, data, ...(withBackup ? [backup] : [])], {
    env: { ...process.env, KEYLINE_FILES_OF: data, ...env },
    encoding: 'utf8',
  });

/** A copy of the station as it is before the restore. */
function fresh(): string {
  count += 1;
  const data = join(folder.root, `data-${count}`);
  cpSync(join(folder.root, 'before'), data, { recursive: true });
  return data;
}

beforeAll(async () => {
  folder = openFolder();
  const opened = openApplication(folder.root);
  await opened.client.call('session.createStation', NEW_STATION);
  const made = await opened.client.call('backup.create', {});
  await opened.client.call('operators.create', { operatorName: 'Eve', role: 'operator', pin: '2468' });
  await opened.client.call('bays.saveLayout', { bays: [{ bayName: 'B7', row: 0, column: 0 }] });
  await opened.close();
  backup = made.path;
  const data = join(folder.root, 'data');
  // What the backup does not hold has to go with the old station, and what is new has to come.
  mkdirSync(join(data, 'targets'));
  writeFileSync(join(data, 'targets', 'later.json'), '{}');
  cpSync(data, join(folder.root, 'before'), { recursive: true });
});
afterAll(() => folder.remove());

describe('a restore', () => {
  it('that is cut off at any step leaves the old station or the new one, and is ended by whoever comes next', () => {
    const whole = fresh();
    const points = join(folder.root, 'points');
    const ended = run(whole, true, { KEYLINE_POINTS_OUT: points });
    expect(ended.status, ended.stderr).toBe(0);
    const [before, after] = [stateOf(join(folder.root, 'before')), stateOf(whole)];
    expect(after).not.toBe(before);
    expect(existsSync(join(whole, 'targets'))).toBe(false);
    const kept = readdirSync(whole).filter((name) => name.startsWith('replaced-'));
    expect(kept).toHaveLength(1);
    expect(existsSync(join(whole, kept[0] ?? '', 'targets', 'later.json'))).toBe(true);

    const steps = readFileSync(points, 'utf8').trim().split('\n');
    // The steps around the moment of the restore and every move after it.
    expect(steps.filter((step) => step.includes('replaced-')).length).toBeGreaterThan(10);
    const seen = new Set<string>();
    // Before a move stands what stood after the one before it: one of the two is enough.
    const cuts = steps.filter((step) => !step.startsWith('before ') || step.includes('restore.json'));
    for (const step of cuts) {
      const data = fresh();
      const cut = run(data, true, { KEYLINE_KILL_AT: step });
      expect(cut.signal, step).toBe('SIGKILL');
      settleRestore(dataFolder(data));
      const state = stateOf(data);
      expect([before, after], step).toContain(state);
      seen.add(state);
      expect(existsSync(join(data, 'restore.json')), step).toBe(false);
      // It opens, and nothing of it has to be put in order.
      const records = openRecords(dataFolder(data));
      expect(records.inventory.verifyAudit(), step).toMatchObject({ intact: true });
      records.close();
    }
    expect(seen.size).toBe(2);
  }, 600_000);

  it('is ended also where the ending is cut off, again and again', () => {
    const data = fresh();
    const points = join(folder.root, 'points-of-ending');
    run(data, true, { KEYLINE_KILL_AT: 'after restore.json is in place #1' });
    expect(existsSync(join(data, 'restore.json'))).toBe(true);
    const after = (() => {
      const copy = join(folder.root, 'ended');
      cpSync(data, copy, { recursive: true });
      expect(run(copy, false, { KEYLINE_POINTS_OUT: points }).status).toBe(0);
      return stateOf(copy);
    })();
    const steps = readFileSync(points, 'utf8').trim().split('\n');
    // Each ending gets one step further than the one before.
    for (const step of steps.filter((one) => one.startsWith('after '))) {
      run(data, false, { KEYLINE_KILL_AT: step.replace(/#\d+$/, '#1') });
    }
    settleRestore(dataFolder(data));
    expect(stateOf(data)).toBe(after);
  }, 600_000);
});
