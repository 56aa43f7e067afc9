// Power cuts around the one step that nothing takes back. Whatever the record says, the device is asked: after the next run
// with it, lock and record agree, and no second credential was made.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDeviceSerial } from '../../core/domain/device.ts';
import { cli } from '../support/cliProcess.ts';
import { provisionWithCli, stationOfTests } from '../support/cliStation.ts';
import { lookAt } from '../support/records.ts';
import { killPointsOf, sabotage } from '../support/sabotage.ts';
import { printSweep, type SweepRow } from '../support/sweepTable.ts';

/** As a run of a device names its points; the third column: what the cut leaves of the lock. */
const CUTS: readonly (readonly [string, 'open' | 'closed'])[] = [
  ['before recordVerified #1', 'open'],
  ['before beginPhase seal #1', 'open'],
  ['in seal #1', 'open'],
  ['before endPhase seal #1', 'closed'],
  ['between seal and the next #1', 'closed'],
  ['before recordSealed #1', 'closed'],
  ['after recordSealed #1', 'closed'],
  ['before closeRun #1', 'closed'],
];

const { world, station } = stationOfTests();
let targetFile: string;
const rows: SweepRow[] = [];
beforeAll(async () => {
  targetFile = join(station.beside, 'locked-board.json');
  const made = await cli(
    ['target', 'new', 'locked-board', '--from', 'zephyr-shell', '--seal', '--out', targetFile],
    {
      data: station.data,
    },
  );
  if (made.code !== 0) throw new Error(made.stdout + made.stderr);
});
afterAll(async () => {
  printSweep('seal', rows);
});

const more = (serial: string): readonly string[] => [
  '--target',
  targetFile,
  '--seal',
  '--confirm-seal',
  serial,
];

/** The device and its state file, which outlives its process as flash does. */
async function lockable() {
  const device = await world.device(station, { build: 'factory-lock' });
  const isLocked = (): boolean => {
    const { locked } = JSON.parse(readFileSync(device.statePath, 'utf8')) as { locked?: boolean };
    return locked === true;
  };
  return { device, isLocked };
}

function recordOf(serial: string) {
  return lookAt(station, (inventory) => {
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
    expect(inventory.verifyAudit()).toMatchObject({ intact: true });
    return inventory.credentialsOf(parseDeviceSerial(serial)).map(({ state }) => state);
  });
}

describe('a device whose firmware has a lock', () => {
  test('is sealed behind its confirmation, and the run after that is refused in words', async () => {
    const { device, isLocked } = await lockable();
    const pointsOut = join(station.beside, 'points.txt');
    const unconfirmed = await provisionWithCli(station, device.path, 'SEALED-1', {
      more: ['--target', targetFile, '--seal'],
    });
    expect(unconfirmed.code).toBe(2);
    // The target's own words.
    expect(unconfirmed.stdout).toContain('this device can never get another credential');
    expect(isLocked()).toBe(false);

    const sealed = await provisionWithCli(station, device.path, 'SEALED-1', {
      ...sabotage({ pointsOut }),
      more: more('SEALED-1'),
    });
    expect(sealed.line('closed'), sealed.stdout).toMatchObject({ outcome: 'pass' });
    expect(isLocked()).toBe(true);
    expect(recordOf('SEALED-1')).toEqual(['sealed']);
    const points = killPointsOf(pointsOut);
    for (const [cut] of CUTS) expect(points).toContain(cut);

    for (const asked of [more('SEALED-1'), ['--target', targetFile, '--replace'], ['--target', targetFile]]) {
      const again = await provisionWithCli(station, device.path, 'SEALED-1', { more: asked });
      expect(again.line('closed')).toMatchObject({
        outcome: 'fail',
        failedPhase: 'identify',
        failure: { code: 'device_sealed' },
      });
    }
    const stranger = await provisionWithCli(station, device.path, 'SEALED-1', { more: ['--replace'] });
    expect(stranger.line('closed'), 'a target that does not know of the lock').toMatchObject({
      outcome: 'fail',
    });
    expect(recordOf('SEALED-1')).toEqual(['sealed', ...recordOf('SEALED-1').slice(1)]);
    await device.stop();
  });

  test.each(CUTS)('cut %s, lock %s, agrees with its record after the next run', async (point, lock) => {
    const serial = `CUT-${CUTS.findIndex(([cut]) => cut === point)}`;
    const { device, isLocked } = await lockable();
    const cut = await provisionWithCli(station, device.path, serial, {
      ...sabotage({ killAt: point }),
      more: more(serial),
    });
    expect(cut.signal, cut.stdout.slice(-400)).toBe('SIGKILL');
    expect(isLocked()).toBe(lock === 'closed');

    const next = await provisionWithCli(station, device.path, serial, { more: more(serial) });
    const recovered = next.lines().find((line) => line.event === 'recovered');
    const found = recordOf(serial);
    expect(isLocked()).toBe(true);
    // One that was not verified yet was revoked, and made anew; every other one is the one that was sealed.
    const verifiedBefore = point !== 'before recordVerified #1';
    expect(found.filter((state) => state === 'sealed')).toHaveLength(1);
    expect(found).toHaveLength(verifiedBefore ? 1 : 2);
    const sealedBefore = point === 'after recordSealed #1' || point === 'before closeRun #1';
    expect(next.line('closed'), next.stdout).toMatchObject(
      sealedBefore ? { failure: { code: 'device_sealed' } } : { outcome: 'pass' },
    );
    rows.push({
      point,
      found: `lock ${lock}, ${String(recovered?.foundState)}`,
      did: String(recovered?.outcome),
      after: sealedBefore ? 'refused: sealed' : 'sealed',
      held: true,
    });
    await device.stop();
  });

  test('that was locked with our credential by a run that nobody sealed is recorded as it is', async () => {
    const { device, isLocked } = await lockable();
    const cut = await provisionWithCli(station, device.path, 'FOUND-1', {
      ...sabotage({ killAt: 'before recordSealed #1' }),
      more: more('FOUND-1'),
    });
    expect(cut.signal).toBe('SIGKILL');
    expect(isLocked()).toBe(true);
    // Without --seal nothing is asked for that the device could give; the record learns the truth all the same.
    const next = await provisionWithCli(station, device.path, 'FOUND-1', { more: ['--target', targetFile] });
    expect(next.line('closed')).toMatchObject({ failure: { code: 'device_sealed' } });
    expect(recordOf('FOUND-1')).toEqual(['sealed']);
    await device.stop();
  });
});
