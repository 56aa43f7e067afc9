// Ends a station's first opening with SIGKILL at every step of issuing its edge server's credential. The next opening must
// come to an edge server whose certificate is live and on record, with the key that belongs to it, and nothing else beside.

import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '../../core/domain/secret.ts';
import { dataFolder } from '../../core/host/dataFolder.ts';
import { edgeFiles } from '../../core/host/edgeFiles.ts';
import { systemRandom } from '../../core/host/systemRandom.ts';
import { openInventoryReadOnly } from '../../core/inventory/inventory.ts';
import { PASSPHRASE } from '../support/cliProcess.ts';
import { provisionWithCli, type TestStation, worldOfTests } from '../support/cliStation.ts';
import { filesWithKey } from '../support/keyScan.ts';
import { killPointsOf, recordedKeys, sabotage } from '../support/sabotage.ts';
import { printSweep, type SweepRow } from '../support/sweepTable.ts';

const world = worldOfTests();
let points: readonly string[];
const rows: SweepRow[] = [];

/** Opens the station; the device that it then looks for is not there. */
const open = (station: TestStation, how = {}) =>
  provisionWithCli(station, join(station.beside, 'no-port'), 'EDGE-NOBODY', how);

beforeAll(async () => {
  const station = world.station();
  const pointsOut = join(station.beside, 'points.txt');
  await open(station, sabotage({ pointsOut, filesOf: station.data }));
  const all = killPointsOf(pointsOut);
  points = all.slice(0, all.indexOf('before openRun #1'));
});
afterAll(async () => {
  printSweep('credential of the edge server', rows);
});

function expectWholeEdge(station: TestStation): string {
  const { edge, inventory: path } = dataFolder(station.data);
  expect(readdirSync(edge).sort()).toEqual(['server.key.pem', 'server.pem']);
  const certificate = new X509Certificate(readFileSync(join(edge, 'server.pem')));
  const files = edgeFiles(edge, Secret.fromText(PASSPHRASE), systemRandom);
  expect(files.keyOfCertificate()).toBeDefined();
  const inventory = openInventoryReadOnly(path);
  try {
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
    const live = inventory.liveEdgeCredential('localhost');
    expect(live).toMatchObject({ state: 'verified' });
    expect(Buffer.from(live?.certificateDer ?? []).equals(certificate.raw)).toBe(true);
    return inventory
      .auditEntries(0, 100)
      .map(({ act }) => act)
      .filter((act) => /^credential-(voided|revoked)$/.test(act))
      .join(', ');
  } finally {
    inventory.close();
  }
}

async function cutAndReopen(point: string): Promise<void> {
  const station = world.station();
  const keysOut = join(station.beside, 'keys.txt');
  const cut = await open(station, sabotage({ killAt: point, keysOut, filesOf: station.data }));
  expect(cut.signal).toBe('SIGKILL');
  const between = openInventoryReadOnly(dataFolder(station.data).inventory);
  const found = between.unfinishedCredentials()[0]?.state ?? between.liveEdgeCredential('localhost')?.state;
  expect(between.checkInvariants()).toEqual([]);
  between.close();
  const next = await open(station, sabotage({ keysOut }));
  expect(next.line('closed')).toMatchObject({ outcome: 'error', failure: { code: 'port_missing' } });
  const decided = expectWholeEdge(station);
  const expected = {
    reserved: 'credential-voided',
    prepared: 'credential-voided',
    issued: 'credential-revoked',
    installed: 'credential-revoked',
  };
  expect(decided).toBe(expected[found as keyof typeof expected] ?? '');
  expect(filesWithKey(station.data, recordedKeys(keysOut))).toEqual([]);
  const did =
    decided === ''
      ? found === undefined
        ? 'nothing to do'
        : 'it stands'
      : decided.replace('credential-', '');
  rows.push({ point, found: found ?? 'no credential', did, after: 'edge server opens', held: true });
}

describe.skipIf(process.platform === 'win32')('a power cut while the edge server gets its credential', () => {
  test('each point is followed by a whole edge server', async () => {
    expect(points).toContain('before recordIssued #1');
    expect(points).toContain('before edge/server.pem is in place #1');
    const waiting = [...points];
    const failures: string[] = [];
    const workLane = async (): Promise<void> => {
      for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
        const at = point;
        await cutAndReopen(at).catch((thrown) => failures.push(`cut at “${at}”: ${thrown}`));
      }
    };
    await Promise.all([workLane(), workLane()]);
    rows.sort((one, other) => points.indexOf(one.point) - points.indexOf(other.point));
    expect(failures).toEqual([]);
  }, 900_000);
});
