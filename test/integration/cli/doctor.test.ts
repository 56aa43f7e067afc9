// keyline doctor on real trouble: each is named with how to mend it, and what is merely near is a warning.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { type CliOptions, type CliResult, cli, startCli } from '../../support/cliProcess.ts';
import { provisionWithCli, type TestStation, worldOfTests } from '../../support/cliStation.ts';
import { mountSmallDisk } from '../../support/smallDisk.ts';

const world = worldOfTests();

const doctor = (data: string, options: CliOptions = {}): Promise<CliResult> =>
  cli(['doctor'], { data, ...options });
const finding = (result: CliResult, name: string) => result.lines().find((line) => line.name === name);

describe('doctor', () => {
  test('finds nothing wrong with a new station', async () => {
    const result = await doctor(world.station().data);
    const wrong = result.lines().filter(({ state }) => state === 'problem');
    // A port of this computer that this account may not open is no fault of the station.
    expect(wrong.filter(({ name }) => name !== 'Port')).toEqual([]);
    const names = ['Node', 'Disk', 'Station', 'Lock', 'Clock', 'Authority', 'CRL', 'Inventory'];
    for (const name of names) expect(finding(result, name), name).toMatchObject({ state: 'ok' });
    expect(result.code).toBe(wrong.length === 0 ? EXIT.ok : EXIT.stationTrouble);
  });

  test('says that another Keyline has the data folder, and which', async () => {
    const station = world.station();
    const holder = startCli(['edge'], { data: station.data });
    await holder.seen(/edge-listening/);
    const result = await doctor(station.data);
    expect(finding(result, 'Lock')).toMatchObject({
      state: 'problem',
      mend: expect.stringContaining(`process ${holder.child.pid}`),
    });
    expect(result.code).toBe(EXIT.stationTrouble);
    holder.child.kill('SIGINT');
    await holder.done;
    expect(finding(await doctor(station.data), 'Lock')).toMatchObject({ state: 'ok' });
  });

  test('says that the clock is behind what was signed', async () => {
    const station = world.station();
    // Opening the station issues the edge server's certificate.
    await provisionWithCli(station, join(station.beside, 'no-port'), 'SN-1');
    const preload = [new URL('../../support/clockBehind.ts', import.meta.url).href];
    const result = await doctor(station.data, { preload });
    expect(finding(result, 'Clock')).toMatchObject({
      state: 'problem',
      what: expect.stringMatching(/^says \d{4}-\d\d-\d\d .* issued here at \d{4}/),
      mend: expect.stringContaining('date and time'),
    });
    expect(result.code).toBe(EXIT.stationTrouble);
  });

  test('warns of revocation lists that end within a week', async () => {
    const station = world.station();
    const made = await cli(['crl', '--days', '3'], { data: station.data });
    expect(made.code, made.stdout).toBe(EXIT.ok);
    const result = await doctor(station.data);
    expect(finding(result, 'CRL')).toMatchObject({
      state: 'warning',
      what: expect.stringContaining('issuing CA 1'),
      mend: expect.stringContaining('keyline crl'),
    });
    await cli(['crl'], { data: station.data });
    expect(finding(await doctor(station.data), 'CRL')).toMatchObject({ state: 'ok' });
  });

  test.skipIf(process.platform === 'win32')('says that the disk is nearly full', async (context) => {
    const station: TestStation = world.station();
    const disk = mountSmallDisk(join(station.beside, 'disk'));
    if (disk === undefined) return context.skip('needs the right to mount a file system');
    try {
      cpSync(station.data, join(disk.folder, 'data'), { recursive: true });
      const result = await doctor(join(disk.folder, 'data'));
      expect(finding(result, 'Disk')).toMatchObject({
        state: 'problem',
        what: expect.stringMatching(/only \d MB free/),
        mend: expect.stringContaining('free some room'),
      });
      expect(result.code).toBe(EXIT.stationTrouble);
    } finally {
      disk.unmount();
    }
  });
});
