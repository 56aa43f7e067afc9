// Ends the real command line with SIGKILL at every point of a run: before and after every durable write, in and between all
// phases, and in the middle of the bytes to the device. Then a new process recovers, the same device is provisioned again,
// and everything that must always be true is checked. The points are not listed here: a whole run names them.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLive } from '../../core/domain/credential.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { openInventoryReadOnly } from '../../core/inventory/inventory.ts';
import { cli } from '../support/cliProcess.ts';
import { type CliWorld, createCliWorld, provisionWithCli, type TestStation } from '../support/cliStation.ts';
import { filesWithKey } from '../support/keyScan.ts';
import { killPointsOf, recordedKeys, sabotage } from '../support/sabotage.ts';
import {
  DECISIONS,
  expectAlwaysTrue,
  expectNoKey,
  isDistinct,
  keepOutput,
  openedStation,
  type Recovered,
  watched,
} from '../support/sweepChecks.ts';
import { printSweep, type SweepRow } from '../support/sweepTable.ts';

const LANES = 3;
const MIDDLE_OF_INSTALL = [1, 3, 6];

let world: CliWorld;
let allPoints: readonly string[];
let points: readonly string[];
const rows: SweepRow[] = [];

function isSwept(point: string): boolean {
  const chunk = /^bytes on the line #(\d+)$/.exec(point)?.[1];
  if (chunk === undefined || process.env.KEYLINE_SWEEP === 'all') return isDistinct(point);
  return MIDDLE_OF_INSTALL.includes(Number(chunk));
}

/** A whole run that is not disturbed, for the names of its points. */
async function pointsOfARun(station: TestStation): Promise<readonly string[]> {
  const device = await world.device(station);
  const pointsOut = join(station.beside, 'points.txt');
  const ran = await provisionWithCli(station, device.path, 'SWEEP-WHOLE', sabotage({ pointsOut }));
  await device.stop();
  if (ran.code !== 0) throw new Error(ran.stdout + ran.stderr);
  return killPointsOf(pointsOut);
}

beforeAll(async () => {
  world = await createCliWorld();
  allPoints = await pointsOfARun(await openedStation(world));
  points = allPoints.filter(isSwept);
});

afterAll(async () => {
  printSweep('provision', rows);
  await world.close();
});

function expectOneLive(station: TestStation, serialText: string, serialsSeen: Set<string>): void {
  const inventory = openInventoryReadOnly(join(station.data, 'inventory.db'));
  try {
    const credentials = inventory.credentialsOf(parseDeviceSerial(serialText));
    expect(credentials.filter(({ state }) => isLive(state))).toHaveLength(1);
    for (const { certificateSerial } of credentials) {
      expect(serialsSeen).not.toContain(certificateSerial);
      serialsSeen.add(certificateSerial);
    }
    // A run that was cut, and the one after it; the first is missing where the cut came before it was recorded.
    const runs = inventory.deviceRecord(parseDeviceSerial(serialText))?.runs ?? [];
    expect(runs.every((run) => run.outcome !== undefined)).toBe(true);
  } finally {
    inventory.close();
  }
}

async function cutAndRecover(station: TestStation, point: string, number: number, seen: Set<string>) {
  const serial = `SWEEP-${number}`;
  const device = await world.device(station);
  const keysOut = join(station.beside, `keys-${number}.txt`);
  const keys = (): readonly Uint8Array[] => recordedKeys(keysOut);
  try {
    const provisioned = async (how: Parameters<typeof sabotage>[0]) =>
      keepOutput(
        station,
        await provisionWithCli(station, device.path, serial, watched(station, sabotage({ keysOut, ...how }))),
      );
    const cut = await provisioned({ killAt: point });
    expect(cut.signal, `the run ended by itself: ${cut.stdout.slice(-400)}`).toBe('SIGKILL');
    expectAlwaysTrue(station, false);
    expectNoKey(station, keys());

    const next = await cli(['order', 'create', `ORDER-${number}`, '--quantity', '1'], { data: station.data });
    expect(next.code, next.stdout).toBe(0);
    const found = next.lines().filter((line) => line.event === 'recovered') as unknown as Recovered[];
    expect(found.length).toBeLessThanOrEqual(1);
    const recovered = found[0];
    if (recovered !== undefined) {
      expect(recovered).toMatchObject(DECISIONS[recovered.foundState ?? 'none'] ?? { action: 'unheard of' });
    }
    expectAlwaysTrue(station, true);

    // A device whose run had come through needs no other one; the cycle is repeated after the operator revoked it.
    const stands = recovered?.outcome === 'pass' || (recovered === undefined && point !== points[0]);
    if (stands) {
      const again = await provisionWithCli(station, device.path, serial);
      expect(again.line('closed')).toMatchObject({
        outcome: 'fail',
        failure: { code: 'already_provisioned' },
      });
      expect((await cli(['revoke', serial, '--yes'], { data: station.data })).code).toBe(0);
    }
    const last = await provisioned({});
    expect(last.line('closed')).toMatchObject({ outcome: 'pass', deviceSerial: serial });
    expect(last.code).toBe(0);
    expectAlwaysTrue(station, true);
    expectOneLive(station, serial, seen);
    expectNoKey(station, keys());
    // The scan does find these keys where they are: in the device.
    const [live] = keys().slice(-1);
    expect(
      live && filesWithKey(station.beside, [live]).filter((path) => path.endsWith('.json')),
    ).toHaveLength(1);
    rows.push({
      point,
      found:
        recovered === undefined
          ? 'nothing open'
          : `${recovered.phase ?? 'openRun'}: ${recovered.foundState ?? 'no credential'}`,
      did:
        recovered === undefined
          ? stands
            ? 'the run had passed'
            : 'nothing to do'
          : `${recovered.action}, run closed as ${recovered.outcome}`,
      after: stands ? 'stands; revoked, then pass' : 'pass',
      held: true,
    });
  } catch (thrown) {
    rows.push({ point, found: 'see the failure', did: '', after: '', held: false });
    throw new Error(`cut at “${point}”: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  } finally {
    await device.stop();
  }
}

describe.skipIf(process.platform === 'win32')('a power cut at every point of a run', () => {
  test('the points are all there', () => {
    for (const what of [
      'openRun',
      'recordIdentity',
      'reserve',
      'recordKey',
      'recordPrepared',
      'recordIssued',
      'recordInstallIntent',
      'recordInstalled',
      'recordVerified',
      'closeRun',
    ])
      for (const when of ['before', 'after']) expect(allPoints).toContain(`${when} ${what} #1`);
    for (const phase of ['open', 'identify', 'reserve', 'key', 'prepare', 'issue', 'install', 'verify'])
      for (const kind of [
        `in ${phase}`,
        `between ${phase} and the next`,
        `before beginPhase ${phase}`,
        `after endPhase ${phase}`,
      ])
        expect(allPoints).toContain(`${kind} #1`);
    expect(points.filter((point) => point.startsWith('bytes on the line'))).toHaveLength(
      MIDDLE_OF_INSTALL.length,
    );
  });

  test('each is recovered from, and no key is left on disk', async () => {
    const waiting = points.map((point, index) => ({ point, number: index + 1 }));
    const failures: unknown[] = [];
    const workLane = async (): Promise<void> => {
      // The stations see one cut after the other, so that what one leaves behind meets the next.
      const station = await openedStation(world);
      const seen = new Set<string>();
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await cutAndRecover(station, next.point, next.number, seen).catch((thrown) => failures.push(thrown));
      }
      const inventory = openInventoryReadOnly(join(station.data, 'inventory.db'));
      const audited = inventory.auditEntries(0, 1000).map((entry) => entry.act);
      inventory.close();
      expect(audited).toContain('credential-voided');
    };
    await Promise.all(Array.from({ length: LANES }, workLane));
    rows.sort((one, other) => points.indexOf(one.point) - points.indexOf(other.point));
    expect(failures.map(String)).toEqual([]);
    expect(rows.map((row) => row.point)).toEqual(points);
  }, 1_800_000);
});
