// Ends the real command line with SIGKILL at every point of a run: before and after every durable write, in and between all
// phases, and in the middle of the bytes to the device. Then a new process recovers, the same device is provisioned again,
// and everything that must always be true is checked. The points are not listed here: a whole run names them. Of a run that gives a
// password, too, only those are swept that it could matter at.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLive } from '../../core/domain/credential.ts';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { openInventoryReadOnly } from '../../core/inventory/inventory.ts';
import { cli } from '../support/cliProcess.ts';
import {
  provisionWithCli,
  type StoredDevice,
  type TestStation,
  worldOfTests,
} from '../support/cliStation.ts';
import { filesWithKey } from '../support/keyScan.ts';
import { lookAt } from '../support/records.ts';
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

const world = worldOfTests();

interface Subject {
  readonly title: string;
  readonly more: readonly string[];
  device(station: TestStation): Promise<StoredDevice>;
  isSwept(point: string): boolean;
  /** Whether what it gave may be used just when the credential stands. */
  check(station: TestStation, serial: string, stands: boolean): Promise<void>;
}

const certificate: Subject = {
  title: 'provision',
  more: [],
  device: (station) => world.device(station),
  isSwept(point) {
    const chunk = /^bytes on the line #(\d+)$/.exec(point)?.[1];
    if (chunk === undefined || process.env.KEYLINE_SWEEP === 'all') return isDistinct(point);
    return MIDDLE_OF_INSTALL.includes(Number(chunk));
  },
  check: async () => {},
};

/** In the middle of the CA's file, and of the certificate's. */
const MIDDLE_OF_FILES = [2, 5];
/** Where the password is recorded, in the device, and good for something; and where a file is left that was cut off. */
const PASSWORD_POINTS = new RegExp(
  `^((before|after) (recordInstallIntent|recordInstalled|recordVerified)|in verify|before closeRun) #1$|^bytes on the line #(${MIDDLE_OF_FILES.join('|')})$`,
);

const withPassword: Subject = {
  title: 'provision with password',
  more: ['--target', 'mcumgr', '--credential', 'certificate-and-password'],
  device: (station) => world.familyDevice(station, 'mcumgr'),
  isSwept: (point) => PASSWORD_POINTS.test(point),
  async check(station, serial, stands) {
    const out = join(station.beside, `emqx-${serial}.csv`);
    const done = await cli(['password', 'export', '--format', 'emqx', '--out', out], { data: station.data });
    expect(done.code, done.stdout).toBe(0);
    const users = readFileSync(out, 'utf8').split('\n');
    expect(users.filter((line) => line.startsWith(`${serial},`))).toHaveLength(stands ? 1 : 0);
  },
};

/** A whole run that is not disturbed, for the names of its points. */
async function pointsOfARun(subject: Subject): Promise<readonly string[]> {
  const station = await openedStation(world);
  const device = await subject.device(station);
  const pointsOut = join(station.beside, 'points.txt');
  const options = { ...sabotage({ pointsOut }), more: subject.more };
  const ran = await provisionWithCli(station, device.path, 'SWEEP-WHOLE', options);
  await device.stop();
  if (ran.code !== 0) throw new Error(ran.stdout + ran.stderr);
  return killPointsOf(pointsOut);
}

function expectOneLive(station: TestStation, serialText: string, serialsSeen: Set<string>): void {
  lookAt(station, (inventory) => {
    const credentials = inventory.credentialsOf(parseDeviceSerial(serialText));
    expect(credentials.filter(({ state }) => isLive(state))).toHaveLength(1);
    for (const { certificateSerial } of credentials) {
      expect(serialsSeen).not.toContain(certificateSerial);
      serialsSeen.add(certificateSerial);
    }
    // A run that was cut, and the one after it; the first is missing where the cut came before it was recorded.
    const runs = inventory.deviceRecord(parseDeviceSerial(serialText))?.runs ?? [];
    expect(runs.every((run) => run.outcome !== undefined)).toBe(true);
  });
}

interface Cut {
  readonly subject: Subject;
  readonly station: TestStation;
  readonly point: string;
  readonly isFirst: boolean;
  readonly number: number;
  readonly rows: SweepRow[];
}

async function cutAndRecover(
  { subject, station, point, isFirst, number, rows }: Cut,
  seen: Set<string>,
): Promise<void> {
  const serial = `SWEEP-${number}`;
  const { more } = subject;
  const device = await subject.device(station);
  const keysOut = join(station.beside, `keys-${number}.txt`);
  const keys = (): readonly Uint8Array[] => recordedKeys(keysOut);
  try {
    const provisioned = async (how: Parameters<typeof sabotage>[0]) =>
      keepOutput(
        station,
        await provisionWithCli(station, device.path, serial, {
          ...watched(station, sabotage({ keysOut, ...how })),
          more,
        }),
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
    const stands = recovered?.outcome === 'pass' || (recovered === undefined && !isFirst);
    await subject.check(station, serial, stands);
    if (stands) {
      const again = await provisionWithCli(station, device.path, serial, { more });
      expect(again.line('closed')).toMatchObject({
        outcome: 'fail',
        failure: { code: 'already_provisioned' },
      });
      expect((await cli(['revoke', serial, '--yes'], { data: station.data })).code).toBe(0);
      await subject.check(station, serial, false);
    }
    const last = await provisioned({});
    expect(last.line('closed')).toMatchObject({ outcome: 'pass', deviceSerial: serial });
    expect(last.code).toBe(0);
    expectAlwaysTrue(station, true);
    expectOneLive(station, serial, seen);
    await subject.check(station, serial, true);
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

for (const subject of [certificate, withPassword]) {
  describe.skipIf(process.platform === 'win32')(`a power cut at every point of “${subject.title}”`, () => {
    let allPoints: readonly string[];
    let points: readonly string[];
    const rows: SweepRow[] = [];
    beforeAll(async () => {
      allPoints = await pointsOfARun(subject);
      points = allPoints.filter(subject.isSwept);
    });
    afterAll(() => printSweep(subject.title, rows));

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
        (subject === certificate ? MIDDLE_OF_INSTALL : MIDDLE_OF_FILES).length,
      );
      if (subject === withPassword) expect(points).toHaveLength(10);
    });

    test('each is recovered from, and no secret is left on disk', async () => {
      const waiting = points.map((point, index) => ({ point, number: index + 1 }));
      const failures: unknown[] = [];
      const audited = new Set<string>();
      const workLane = async (): Promise<void> => {
        // The stations see one cut after the other, so that what one leaves behind meets the next.
        const station = await openedStation(world);
        const seen = new Set<string>();
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const isFirst = next.point === allPoints[0];
          const cut = { subject, station, ...next, isFirst, rows };
          await cutAndRecover(cut, seen).catch((thrown) => failures.push(thrown));
        }
        const inventory = openInventoryReadOnly(join(station.data, 'inventory.db'));
        for (const { act } of inventory.auditEntries(0, 1000)) audited.add(act);
        inventory.close();
        if (subject === certificate) expect(audited).toContain('credential-voided');
      };
      await Promise.all(Array.from({ length: LANES }, workLane));
      rows.sort((one, other) => points.indexOf(one.point) - points.indexOf(other.point));
      expect(failures.map(String)).toEqual([]);
      expect(rows.map((row) => row.point)).toEqual(points);
      if (subject === withPassword) expect(audited).toContain('password-made');
    }, 1_800_000);
  });
}
