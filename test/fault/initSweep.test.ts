// Ends `keyline init` with SIGKILL at every file and every record that it writes. Made again, the station must be whole:
// one authority, one record of its making, no file too many, and no key of either attempt readable anywhere.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openAuthority } from '../../core/authority/authority.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { Secret } from '../../core/domain/secret.ts';
import { dataFolder } from '../../core/host/dataFolder.ts';
import { initStation } from '../../core/host/initStation.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { openInventoryReadOnly } from '../../core/inventory/inventory.ts';
import { cli, PASSPHRASE } from '../support/cliProcess.ts';
import { filesBelow, filesWithKey } from '../support/keyScan.ts';
import { killPointsOf, recordedKeys, sabotage } from '../support/sabotage.ts';
import { printSweep, type SweepRow } from '../support/sweepTable.ts';

const ARGS = ['init', '--site', 'Plant 7', '--name', 'left'];
const root = mkdtempSync(join(tmpdir(), 'keyline-init-sweep-'));
const rows: SweepRow[] = [];
let points: readonly string[];
let wholeFiles: readonly string[];

const filesOf = (data: string): readonly string[] =>
  filesBelow(data)
    .map((path) => relative(data, path))
    .sort();

beforeAll(async () => {
  const data = join(root, 'whole');
  const pointsOut = join(root, 'points.txt');
  const made = await cli(ARGS, { data, ...sabotage({ pointsOut, filesOf: data }) });
  expect(made.code).toBe(0);
  points = killPointsOf(pointsOut);
  wholeFiles = filesOf(data);
});
afterAll(() => {
  printSweep('init', rows);
  rmSync(root, { recursive: true, force: true });
});

/** What an interrupted ceremony left, in words for the table. */
function leftBehind(data: string): string {
  const folder = dataFolder(data);
  const parts = [
    existsSync(folder.inventory) ? 'inventory' : undefined,
    existsSync(folder.stationFile) ? 'station.json' : undefined,
    existsSync(folder.authority) ? 'authority' : undefined,
    existsSync(data) && readdirSync(data).some((name) => name.includes('partial'))
      ? 'half an authority'
      : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** The station as a later start finds it; throws what is wrong with it. */
function expectWhole(data: string): void {
  const folder = dataFolder(data);
  expect(filesOf(data)).toEqual(wholeFiles);
  const inventory = openInventoryReadOnly(folder.inventory);
  try {
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
    const acts = inventory.auditEntries(0, 10).map(({ act }) => act);
    expect(acts).toEqual(['inventory-created', 'authority-created']);
  } finally {
    inventory.close();
  }
  const passphrase = Secret.fromText(PASSPHRASE);
  const authority = openAuthority({ folder: folder.authority, clock: systemClock, random: systemRandom });
  authority.unlock(passphrase);
  authority.lock();
  const again = { folder, site: 'Plant 7', name: 'left', operatorName: 'tester', passphrase };
  expect(() => initStation({ ...again, clock: systemClock, random: systemRandom })).toThrow(
    'authority_exists',
  );
}

async function cutAndRepeat(point: string, index: number): Promise<void> {
  const data = join(root, `station-${index}`);
  mkdirSync(join(root, `keys-${index}`));
  const keysOut = join(root, `keys-${index}`, 'keys.txt');
  const cut = await cli(ARGS, { data, ...sabotage({ killAt: point, keysOut, filesOf: data }) });
  expect(cut.signal).toBe('SIGKILL');
  const found = leftBehind(data);
  const again = await cli(ARGS, { data, ...sabotage({ keysOut }) });
  // Whoever was told nothing may only find that all had been done.
  const wasDone = again.code === 2 && again.line('error').code === 'authority_exists';
  expect(wasDone || again.code === 0, again.stdout).toBe(true);
  expect(wasDone).toBe(point === 'after append #1');
  expectWhole(data);
  const facts = openInventoryReadOnly(dataFolder(data).inventory);
  const { stationId } = facts.station;
  facts.close();
  if (!wasDone)
    expect(again.line('station-made')).toMatchObject({ stationId, site: 'Plant 7', name: 'left' });
  const keys = recordedKeys(keysOut);
  expect(keys.length).toBeGreaterThan(0);
  expect(filesWithKey(data, keys)).toEqual([]);
  rows.push({
    point,
    found,
    did: wasDone ? 'all was done' : 'made or completed it',
    after: 'station whole',
    held: true,
  });
}

describe.skipIf(process.platform === 'win32')('a power cut in the ceremony', () => {
  test('each point is followed by a whole station', async () => {
    expect(points.length).toBeGreaterThan(12);
    const waiting = points.map((point, index) => ({ point, index }));
    const failures: string[] = [];
    const workLane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { point, index } = next;
        await cutAndRepeat(point, index).catch((thrown) => failures.push(`cut at “${point}”: ${thrown}`));
      }
    };
    await Promise.all([workLane(), workLane()]);
    rows.sort((one, other) => points.indexOf(one.point) - points.indexOf(other.point));
    expect(failures).toEqual([]);
  }, 900_000);
});
