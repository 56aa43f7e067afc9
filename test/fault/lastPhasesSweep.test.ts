// Ends the station with SIGKILL in what comes after the installation: the check after a restart, and the closing of a work
// order by its last device. (The lock that cannot be undone has a sweep of its own, sealSweep.test.ts.)

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { type CliResult, cli } from '../support/cliProcess.ts';
import { provisionWithCli, type TestStation, worldOfTests } from '../support/cliStation.ts';
import { lookAt } from '../support/records.ts';
import { killPointsOf, recordedKeys, type Sabotage, sabotage } from '../support/sabotage.ts';
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

const LANES = 2;

/** One way to come to the last phases. */
interface Journey {
  readonly title: string;
  /** The first point of the undisturbed run that is swept. */
  readonly from: string;
  /** Before the process that is cut. */
  begin?(station: TestStation, serial: string): Promise<void>;
  run(station: TestStation, portPath: string, serial: string, how: Sabotage): Promise<CliResult>;
  /** What the records say at the end, and what the same device does now. */
  after(station: TestStation, portPath: string, serial: string, passed: boolean): Promise<string>;
}

const world = worldOfTests();

const states = (station: TestStation, serial: string): readonly string[] =>
  lookAt(station, (inventory) =>
    inventory.credentialsOf(parseDeviceSerial(serial)).map(({ state }) => state),
  );

const restarted: Journey = {
  title: 'check after a restart',
  from: 'after recordInstalled #1',
  run: async (station, portPath, serial, how) =>
    keepOutput(
      station,
      await provisionWithCli(station, portPath, serial, {
        ...watched(station, sabotage(how)),
        more: ['--check-reboot'],
      }),
    ),
  async after(station, portPath, serial, passed) {
    if (!passed) {
      expect(states(station, serial)).toEqual(['revoked']);
      const again = await this.run(station, portPath, serial, {});
      expect(again.line('closed')).toMatchObject({ outcome: 'pass' });
    }
    expect(states(station, serial)[0]).toBe('verified');
    const checked = lookAt(station, (inventory) =>
      inventory
        .deviceRecord(parseDeviceSerial(serial))
        ?.runs.flatMap(({ phases }) => phases)
        .find(({ phase, outcome }) => phase === 'verify' && outcome === 'pass'),
    );
    // What stands was met again after the restart: there is no verified credential without that evidence.
    expect(checked?.evidence?.afterReboot).toMatchObject({ restartedBy: 'command' });
    return passed ? 'stands' : 'pass';
  },
};

const orderOf = (serial: string): string => `WO-${serial}`;
const lastOfOrder: Journey = {
  title: 'last device of a work order',
  from: 'between verify and the next #1',
  async begin(station, serial) {
    const made = await cli(['order', 'create', orderOf(serial), '--quantity', '1'], { data: station.data });
    expect(made.code, made.stdout).toBe(0);
  },
  run: async (station, portPath, serial, how) =>
    keepOutput(
      station,
      await cli(['run', orderOf(serial), '--device', `${portPath}=${serial}`], {
        ...watched(station, sabotage(how)),
        data: station.data,
      }),
    ),
  async after(station, portPath, serial, passed) {
    const order = () =>
      lookAt(station, (inventory) => {
        const found = inventory.order(orderOf(serial));
        return found && { closed: found.closedAtMs !== undefined, ...inventory.progress(found.orderId) };
      });
    expect(order()).toMatchObject({ closed: passed, passed: passed ? 1 : 0, remaining: passed ? 0 : 1 });
    if (!passed) {
      const again = await this.run(station, portPath, serial, {});
      expect(again.code, again.stdout).toBe(0);
      expect(order()).toMatchObject({ closed: true, passed: 1, remaining: 0 });
    }
    return passed ? 'order complete' : 'order completed by the next run';
  },
};

describe.skipIf(process.platform === 'win32').each([restarted, lastOfOrder])('$title', (journey) => {
  const rows: SweepRow[] = [];
  let count = 0;

  /** A fresh device. */
  async function begun(station: TestStation) {
    count += 1;
    const serial = `${journey === lastOfOrder ? 'ORDER' : 'AGAIN'}-${count}`;
    await journey.begin?.(station, serial);
    return { serial, device: await world.device(station) };
  }

  async function cutAndRecover(station: TestStation, point: string): Promise<void> {
    const { serial, device } = await begun(station);
    const keysOut = join(station.beside, `keys-${serial}.txt`);
    try {
      const cut = await journey.run(station, device.path, serial, { killAt: point, keysOut });
      expect(cut.signal, `the run ended by itself: ${cut.stdout.slice(-400)}`).toBe('SIGKILL');
      expectAlwaysTrue(station, false);
      expectNoKey(station, recordedKeys(keysOut));

      const next = await cli(['order', 'create', `NEXT-${serial}`, '--quantity', '1'], {
        data: station.data,
      });
      const [recovered] = next.lines().filter((line) => line.event === 'recovered') as unknown as Recovered[];
      if (recovered !== undefined)
        expect(recovered).toMatchObject(
          DECISIONS[recovered.foundState ?? 'none'] ?? { action: 'unheard of' },
        );
      expectAlwaysTrue(station, true);
      const after = await journey.after(
        station,
        device.path,
        serial,
        recovered === undefined || recovered.outcome === 'pass',
      );
      expectAlwaysTrue(station, true);
      expectNoKey(station, recordedKeys(keysOut));
      const found = recovered === undefined ? 'nothing open' : `${recovered.phase}: ${recovered.foundState}`;
      const did =
        recovered === undefined
          ? 'the run had passed'
          : `${recovered.action}, run closed as ${recovered.outcome}`;
      rows.push({ point, found, did, after, held: true });
    } catch (thrown) {
      rows.push({ point, found: 'see the failure', did: '', after: '', held: false });
      throw new Error(`cut at “${point}”: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    } finally {
      await device.stop();
    }
  }

  test('each point is recovered from', async () => {
    const first = await openedStation(world);
    const { serial, device } = await begun(first);
    const pointsOut = join(first.beside, 'points.txt');
    const whole = await journey.run(first, device.path, serial, { pointsOut });
    expect(whole.signal, whole.stdout + whole.stderr).toBeNull();
    await device.stop();
    const all = killPointsOf(pointsOut);
    expect(all).toContain(journey.from);
    const points = all.slice(all.indexOf(journey.from)).filter(isDistinct);
    const waiting = [...points];
    const failures: string[] = [];
    const workLane = async (): Promise<void> => {
      const station = await openedStation(world);
      for (let point = waiting.shift(); point !== undefined; point = waiting.shift())
        await cutAndRecover(station, point).catch((thrown) => failures.push(String(thrown)));
    };
    await Promise.all(Array.from({ length: LANES }, workLane));
    rows.sort((one, other) => points.indexOf(one.point) - points.indexOf(other.point));
    printSweep(journey.title, rows);
    expect(failures).toEqual([]);
    expect(rows.map(({ point }) => point)).toEqual(points);
  }, 1_800_000);
});
