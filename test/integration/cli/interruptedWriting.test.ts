// Ctrl-C in the middle of what a command writes: exit 130, files whole or not there, records consistent, and again possible.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { rendererFolder } from '../../../cli/resources.ts';
import { ok as succeeded } from '../../support/cliExpect.ts';
import { type CliOptions, type CliResult, cli, startCli } from '../../support/cliProcess.ts';
import { provisionWithCli, stationOfTests } from '../../support/cliStation.ts';
import { lookAt } from '../../support/records.ts';
import { killPointsOf, sabotage } from '../../support/sabotage.ts';

const { world, station } = stationOfTests();
const issued = ['batch', 'issue', '--order', 'WO-1', '--prefix', 'B-', '--threads', '0', '--block', '20'];

beforeAll(async () => {
  await ok(['order', 'create', 'WO-1', '--quantity', '200', '--target', 'files']);
});

const run = (args: readonly string[], options: CliOptions = {}): Promise<CliResult> =>
  cli(args, { data: station.data, ...options });

const ok = (args: readonly string[]): Promise<CliResult> => succeeded(args, station);

async function consistent(): Promise<void> {
  lookAt(station, (inventory) => {
    expect(inventory.checkInvariants({ settled: false })).toEqual([]);
  });
  expect((await ok(['audit', 'verify'])).code).toBe(EXIT.ok);
}

/** Every file below, with its content; a file that is being written would be among them. */
function filesBelow(folder: string): Readonly<Record<string, string>> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    names.map((one) => [
      join(one.parentPath, one.name),
      readFileSync(join(one.parentPath, one.name), 'utf8'),
    ]),
  );
}

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  test('in batch issue: the blocks in work are finished; the same command does the rest', async () => {
    const out = join(station.beside, 'batch.jsonl');
    const running = startCli([...issued, '--out', out], { data: station.data });
    await running.seen(/batch-progress/);
    running.child.kill('SIGINT');
    const stopped = await running.done;
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(EXIT.interrupted);
    const count = Number(stopped.line('batch-stopped').issuedCount);
    expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(count);
    await consistent();
    await ok([...issued, '--out', out]);
    const serials = readFileSync(out, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).deviceSerial);
    expect(new Set(serials).size).toBe(200);
    expect(serials).toHaveLength(200);
    await consistent();
  });

  const atEachWrite: readonly (readonly [string, (out: string) => readonly string[]])[] = [
    ['inventory export', (out) => ['inventory', 'export', '--out', join(out, 'devices.csv')]],
    ['trust export, a list', (out) => ['trust', 'export', '--for', 'csv', '--out', out]],
    ['trust export, files', (out) => ['trust', 'export', '--for', 'nginx', '--out', out]],
    ['crl', (out) => ['crl', '--out', out]],
  ];
  test.each(atEachWrite)('in the middle of every write of %s: whole files or none', async (name, args) => {
    const folder = join(station.beside, name.replaceAll(/\W+/g, '-'));
    const pointsOut = join(station.beside, `${name}.points`);
    const first = await run(args(folder), sabotage({ pointsOut, filesOf: folder }));
    expect(first.code, first.stdout).toBe(EXIT.ok);
    const whole = Object.keys(filesBelow(folder)).map((path) => path.slice(folder.length));
    const points = killPointsOf(pointsOut).filter((point) => point.startsWith('half of'));
    expect(points.length).toBeGreaterThan(0);
    for (const [index, killAt] of points.entries()) {
      const again = `${folder}-${index}`;
      mkdirSync(again);
      const how = sabotage({ killAt, signals: ['SIGINT'], filesOf: again });
      const stopped = await run(args(again), how);
      expect([stopped.code, stopped.signal], stopped.stdout + stopped.stderr).toEqual([
        EXIT.interrupted,
        null,
      ]);
      expect(stopped.line('error')).toMatchObject({ code: 'interrupted' });
      const left = Object.keys(filesBelow(again)).map((path) => path.slice(again.length));
      expect(whole).toEqual(expect.arrayContaining(left));
      await consistent();
    }
    await ok(args(folder));
  });

  test('in inventory export: a list that was there before is not touched', async () => {
    const folder = join(station.beside, 'before');
    mkdirSync(folder);
    const path = join(folder, 'devices.csv');
    writeFileSync(path, 'yesterday’s');
    const how = sabotage({ killAt: 'half of devices.csv.partial #1', signals: ['SIGINT'], filesOf: folder });
    const stopped = await run(['inventory', 'export', '--out', path], how);
    expect(stopped.code, stopped.stdout).toBe(EXIT.interrupted);
    expect(filesBelow(folder)).toEqual({ [path]: 'yesterday’s' });
  });

  test('in transcript export: the whole transcript or none', async () => {
    const device = await world.device(station);
    const made = await provisionWithCli(station, device.path, 'TS-1');
    expect(made.code, made.stdout).toBe(EXIT.ok);
    await device.stop();
    const folder = join(station.beside, 'transcripts');
    mkdirSync(folder);
    const path = join(folder, 'ts-1.log');
    const how = sabotage({ killAt: 'half of ts-1.log.partial #1', signals: ['SIGINT'], filesOf: folder });
    const stopped = await run(['transcript', 'export', 'TS-1', '--out', path], how);
    expect(stopped.code, stopped.stdout).toBe(EXIT.interrupted);
    const left = filesBelow(folder);
    await ok(['transcript', 'export', 'TS-1', '--out', path]);
    expect([{}, filesBelow(folder)]).toContainEqual(left);
    expect(Object.keys(filesBelow(folder))).toEqual([path]);
  });

  test('in doctor --self-check: its throw-away station goes', async () => {
    const folder = join(station.beside, 'tmp');
    mkdirSync(folder);
    const running = startCli(['doctor', '--self-check'], { data: station.data, env: { TMPDIR: folder } });
    const made = (): boolean => readdirSync(folder).some((name) => name.startsWith('keyline-self-check-'));
    while (!made()) await new Promise((resolve) => setTimeout(resolve, 10));
    running.child.kill('SIGINT');
    const stopped = await running.done;
    expect(stopped.code, stopped.stdout + stopped.stderr).toBe(EXIT.interrupted);
    expect(made()).toBe(false);
    await consistent();
  });

  // The window has to be built for it.
  test.skipIf(!existsSync(join(rendererFolder, 'index.html')))(
    'ends the window’s server, and its station with it',
    async () => {
      const running = startCli(['serve'], { data: station.data });
      await running.seen(/"serving"/);
      running.child.kill('SIGINT');
      const stopped = await running.done;
      expect([stopped.code, stopped.stderr]).toEqual([EXIT.interrupted, '']);
      await consistent();
    },
  );
});
