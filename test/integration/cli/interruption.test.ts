// Ctrl-C: once ends the run cleanly in whatever phase it is, twice ends at once and leaves the rest to recovery.

import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { portHolders } from '../../../core/link/serial/portHolders.ts';
import { cli, startCli } from '../../support/cliProcess.ts';
import { provisionWithCli, stationOfTests } from '../../support/cliStation.ts';
import { lookAt } from '../../support/records.ts';
import { sabotage } from '../../support/sabotage.ts';

const { world, station } = stationOfTests();

const violations = (settled: boolean) =>
  lookAt(station, (inventory) => inventory.checkInvariants({ settled }));

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  test.each([
    'in open',
    'in identify',
    'after reserve',
    'after recordIssued',
    'bytes on the line',
    'in verify',
  ])('%s: the run is closed as aborted, and the device can be run again', async (point) => {
    const serial = `STOP-${point.replaceAll(' ', '-')}`;
    const device = await world.device(station);
    const result = await provisionWithCli(
      station,
      device.path,
      serial,
      sabotage({ killAt: `${point} #1`, signals: ['SIGINT'] }),
    );
    expect(result.signal).toBe(null);
    expect(result.code, result.stdout + result.stderr).toBe(EXIT.interrupted);
    expect(result.line('closed')).toMatchObject({ outcome: 'aborted', failure: { code: 'interrupted' } });
    expect(violations(true)).toEqual([]);
    const again = await provisionWithCli(station, device.path, serial);
    expect(again.line('closed'), again.stdout).toMatchObject({ outcome: 'pass' });
    expect(again.lines().filter(({ event }) => event === 'recovered')).toEqual([]);
    await device.stop();
  });

  test('after the credential was verified: too late, it stands', async () => {
    const device = await world.device(station);
    const how = sabotage({ killAt: 'before recordVerified #1', signals: ['SIGINT'] });
    const result = await provisionWithCli(station, device.path, 'STOP-LATE', how);
    expect(result.code).toBe(EXIT.ok);
    expect(result.line('closed')).toMatchObject({ outcome: 'pass' });
    expect(violations(true)).toEqual([]);
    await device.stop();
  });

  test('twice: ends at once; the next start recovers and says so', async () => {
    const device = await world.device(station);
    const how = sabotage({ killAt: 'bytes on the line #2', signals: ['SIGINT', 'SIGTERM'] });
    const result = await provisionWithCli(station, device.path, 'STOP-TWICE', how);
    expect(result.code).toBe(EXIT.interrupted);
    expect(violations(false)).toEqual([]);
    const again = await provisionWithCli(station, device.path, 'STOP-TWICE');
    expect(again.code, again.stdout).toBe(EXIT.ok);
    expect(violations(true)).toEqual([]);
    await device.stop();
  });

  test('while a work order waits for a scan: ends with what was done', async () => {
    await cli(['order', 'create', 'WO-STOP', '--quantity', '3'], { data: station.data });
    const args = ['run', 'WO-STOP', '--bay', 'left=/dev/null'];
    const running = startCli(args, { data: station.data, json: false, input: null });
    await running.seen(/Scan the device serial for left/);
    running.child.kill('SIGINT');
    const result = await running.done;
    expect(result.code).toBe(EXIT.interrupted);
    expect(result.stdout).toContain('Stopping');
    expect(result.stdout).toContain('0 passed, 3 to go');
    expect(violations(true)).toEqual([]);
  });

  test('ends an edge server without a trace', async () => {
    const running = startCli(['edge'], { data: station.data });
    await running.seen(/edge-listening/);
    running.child.kill('SIGINT');
    const result = await running.done;
    expect([result.code, result.stderr]).toEqual([EXIT.interrupted, '']);
  });

  test.skipIf(process.platform !== 'linux')('ends the wait for a silent device in target try', async () => {
    const device = await world.device(station, { faults: { silent: true } });
    const running = startCli(['target', 'try', '--target', 'zephyr-shell', '--port', device.path]);
    const hasPort = async (): Promise<boolean> =>
      (await portHolders(device.path)).some(({ pid }) => pid === running.child.pid);
    while (!(await hasPort())) await setTimeout(50);
    running.child.kill('SIGINT');
    const result = await running.done;
    expect(result.code, result.stdout + result.stderr).toBe(EXIT.interrupted);
    expect(result.line('error')).toMatchObject({ code: 'interrupted' });
    await device.stop();
  });

  test('ends the demo and everything that it started', async () => {
    const demo = fileURLToPath(new URL('../../../cli/demo/main.ts', import.meta.url));
    const env = { ...process.env, TMPDIR: station.beside };
    const child = spawn(process.execPath, [demo, '--json'], { stdio: ['ignore', 'pipe', 'inherit'], env });
    let text = '';
    child.stdout.setEncoding('utf8');
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (piece: string) => {
        text += piece;
        if (text.includes('"phase":"install"')) resolve();
      });
    });
    child.kill('SIGINT');
    // Its devices share its output: it is closed once the last of them has ended.
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code, text).toBe(EXIT.interrupted);
    expect(text).toContain('"outcome":"aborted"');
    expect(text).toContain('"code":"interrupted","side"');
    expect(text).not.toContain('"event":"check"');
  });
});
