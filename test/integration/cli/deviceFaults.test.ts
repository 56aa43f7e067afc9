// What the command line says of devices that do not do as they should, and what it leaves behind: nothing half-done.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isLive } from '../../../core/domain/credential.ts';
import { parseDeviceSerial } from '../../../core/domain/device.ts';
import { portHolders } from '../../../core/link/serial/portHolders.ts';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';
import type { CliResult } from '../../support/cliProcess.ts';
import { cli } from '../../support/cliProcess.ts';
import { provisionWithCli, stationOfTests } from '../../support/cliStation.ts';
import { lookAt } from '../../support/records.ts';
import { changedTargets } from '../../support/resourceFolders.ts';

const { world, station } = stationOfTests();
/** Less patience than the shipped target has, so that a silent device does not cost the test half a minute. */
let impatient: readonly string[];

beforeAll(async () => {
  const timeouts = { answerMs: 400, phaseMs: 5_000 };
  impatient = ['--targets', changedTargets(join(world.root, 'targets'), 'zephyr-shell.json', { timeouts })];
});

/** Every command here, however it ended, has closed what it opened. */
const expectNothingHalfDone = (serial: string): void =>
  lookAt(station, (inventory) => {
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
    const live = inventory
      .credentialsOf(parseDeviceSerial(serial))
      .filter(({ state }) => isLive(state))
      .map(({ certificateSerial }) => certificateSerial);
    expect(live).toEqual([]);
  });

const failure = (result: CliResult) => result.line('closed').failure as Record<string, string>;

describe.skipIf(process.platform === 'win32')('a device that', () => {
  test.each<[string, DeviceOptionsInput, string, number, RegExp, RegExp]>([
    ['is silent', { faults: { silent: true } }, 'device_silent', 1, /does not answer/, /power and cable/],
    [
      'babbles for ever',
      { lineRate: 921_600, faults: { babble: true } },
      'device_babbles',
      1,
      /without stopping/,
      /Restart the device/,
    ],
    [
      'speaks another protocol',
      { faults: { otherProtocol: true } },
      'device_protocol_unknown',
      1,
      /not in the way/,
      /right target/,
    ],
    [
      'wants a login',
      { loginPassword: 'zephyr' },
      'device_login_required',
      1,
      /login/,
      /firmware without a login/,
    ],
    [
      'restarts in the middle',
      { faults: { rebootAfterBytes: 700 } },
      'device_rebooted',
      1,
      /restarted/,
      /run again/,
    ],
    ['disappears', { faults: { vanishAfterBytes: 900 } }, 'device_gone', 1, /unplugged/, /Plug it in again/],
    [
      'is another one in the end',
      { faults: { secondHardwareId: 'abad1deaabad1dea' } },
      'device_changed',
      1,
      /different device/,
      /first device back/,
    ],
    [
      'stores something else',
      { faults: { corruptDigest: true } },
      'verification_mismatch',
      1,
      /other than what was sent/,
      /Run again/,
    ],
  ])('%s', async (name, options, code, exit, what, next) => {
    const serial = `FAULT-${name.replaceAll(' ', '-')}`;
    const device = await world.device(station, options);
    // On a loaded computer a babbling device falls silent at times: only the shipped patience tells the two apart.
    const targets = name.startsWith('babbles') ? [] : impatient;
    const result = await cli([...targets, 'provision', '--port', device.path, '--serial', serial], {
      data: station.data,
    });
    expect(failure(result)).toMatchObject({
      code,
      what: expect.stringMatching(what),
      next: expect.stringMatching(next),
    });
    expect(result.code).toBe(exit);
    expect(result.line('closed').outcome).toBe('fail');
    expectNothingHalfDone(serial);
    await device.stop();
  });

  test('recovers from a restart or a pulled cable is provisioned by simply running again', async () => {
    const device = await world.device(station, { faults: { rebootAfterBytes: 1_500 } });
    const first = await provisionWithCli(station, device.path, 'AGAIN-1');
    expect(first.code, first.stdout).toBe(1);
    const second = await provisionWithCli(station, device.path, 'AGAIN-1');
    expect(second.line('closed')).toMatchObject({ outcome: 'pass' });
    expect(second.code).toBe(0);
    await device.stop();
  });
});

describe.skipIf(process.platform === 'win32')('a device that is known already', () => {
  test('is refused unless it is to be replaced, and its hardware under another serial always', async () => {
    const device = await world.device(station);
    expect((await provisionWithCli(station, device.path, 'KNOWN-1')).code).toBe(0);
    const before = lookAt(station, (inventory) => inventory.liveCredential(parseDeviceSerial('KNOWN-1')));

    const again = await provisionWithCli(station, device.path, 'KNOWN-1');
    expect(again.code).toBe(1);
    expect(failure(again)).toMatchObject({
      code: 'already_provisioned',
      next: expect.stringContaining('--replace'),
    });

    const relabelled = await provisionWithCli(station, device.path, 'KNOWN-2');
    expect(relabelled.code).toBe(1);
    expect(failure(relabelled)).toMatchObject({
      code: 'hardware_id_taken',
      what: expect.stringContaining('KNOWN-1'),
    });
    expect((await provisionWithCli(station, device.path, 'KNOWN-2', { more: ['--replace'] })).code).toBe(1);

    const other = await world.device(station);
    for (const more of [[], ['--replace']]) {
      const twice = await provisionWithCli(station, other.path, 'KNOWN-1', { more });
      expect(twice.code, twice.stdout).toBe(1);
      expect(failure(twice)).toMatchObject({
        code: expect.stringMatching(/^(device_serial_taken|hardware_id_changed)$/),
        next: expect.stringMatching(/label/),
      });
      expect(lookAt(station, (inventory) => inventory.liveCredential(parseDeviceSerial('KNOWN-1')))).toEqual(
        before,
      );
    }
    await other.stop();

    const otherCase = await provisionWithCli(station, device.path, 'known-1');
    expect(otherCase.code).toBe(2);
    expect(otherCase.line('error')).toMatchObject({ code: 'device_serial_case_conflict' });

    const replaced = await provisionWithCli(station, device.path, 'KNOWN-1', { more: ['--replace'] });
    expect(replaced.code).toBe(0);
    lookAt(station, (inventory) => {
      const credentials = inventory.credentialsOf(parseDeviceSerial('KNOWN-1'));
      expect(credentials.map(({ state }) => state).sort()).toEqual(['revoked', 'verified']);
      expect(credentials.find(({ state }) => state === 'revoked')).toMatchObject({
        certificateSerial: before?.certificateSerial,
      });
      expect(inventory.checkInvariants({ settled: true })).toEqual([]);
    });
    await device.stop();
  });

  test('holds something foreign: refused, and replaced when that is asked for', async () => {
    const device = await world.device(station);
    const elsewhere = world.station();
    expect((await provisionWithCli(elsewhere, device.path, 'ELSEWHERE-1')).code).toBe(0);
    const refused = await provisionWithCli(station, device.path, 'FOREIGN-1');
    expect(refused.code).toBe(1);
    expect(failure(refused)).toMatchObject({
      code: 'slot_taken',
      what: expect.stringContaining('certificate'),
      next: expect.stringContaining('--replace'),
    });
    const replaced = await provisionWithCli(station, device.path, 'FOREIGN-1', { more: ['--replace'] });
    expect(replaced.line('closed')).toMatchObject({ outcome: 'pass' });
    await device.stop();
  });
});

describe.skipIf(process.platform === 'win32')('a port that', () => {
  const noDevice = async (path: string, options = {}) => {
    const result = await provisionWithCli(station, path, 'PORT-1', options);
    expectNothingHalfDone('PORT-1');
    return result;
  };

  test('is not there', async () => {
    const path = join(station.beside, 'ttyNothing');
    const result = await noDevice(path);
    expect(result.code).toBe(3);
    expect(failure(result)).toMatchObject({
      code: 'port_missing',
      what: expect.stringContaining(path),
      next: expect.stringContaining('keyline ports'),
    });
  });

  test('has no name', async () => {
    const result = await noDevice('');
    expect(result.code).toBe(2);
    expect(result.line('error')).toMatchObject({ code: 'usage', what: expect.stringContaining('--port') });
  });

  test('is no port', async () => {
    const result = await noDevice(join(station.data, 'station.json'));
    expect(result.code).toBe(3);
    expect(failure(result)).toMatchObject({
      code: 'port_missing',
      what: expect.stringContaining('that is something else'),
      next: expect.stringContaining('keyline ports'),
    });
  });

  test('another process has open exclusively', async () => {
    const device = await world.device(station);
    const holder = await holdPort(device.path);
    try {
      const result = await noDevice(device.path);
      expect(result.code).toBe(3);
      expect(failure(result)).toMatchObject({
        code: 'port_busy',
        what: expect.stringContaining(device.path),
        next: expect.stringContaining('Close the other program'),
      });
      // Linux tells which program that is; a simulated device keeps its own end open as well.
      if (process.platform === 'linux') {
        expect(failure(result).what).toMatch(/another program: node\S*, process \d+\.$/);
        expect((await portHolders(device.path)).map(({ pid }) => pid)).toContain(holder.pid);
      }
    } finally {
      holder.kill();
      await device.stop();
    }
  });

  test.skipIf(process.getuid?.() !== 0)(
    'this account may not open (needs root to become another one)',
    async () => {
      const device = await world.device(station);
      const own = world.station();
      execFileSync('chmod', ['755', world.root, join(own.data, '..')]);
      execFileSync('chown', ['-R', '65534:65534', own.data]);
      const result = await provisionWithCli(own, device.path, 'PORT-2', {
        userId: 65_534,
        env: { NODE_COMPILE_CACHE: undefined },
      });
      expect(result.code, result.stdout + result.stderr).toBe(3);
      expect(failure(result)).toMatchObject({
        code: 'port_not_permitted',
        what: expect.stringContaining(device.path),
        next: expect.stringContaining('group'),
      });
      await device.stop();
    },
  );
});

/** Another process that opens the port as serialport does, with its lock. */
async function holdPort(path: string) {
  const { spawn } = await import('node:child_process');
  const script = `const { SerialPort } = require('serialport');
    new SerialPort({ path: process.argv[1], baudRate: 115200, lock: true }, () => console.log('open')).resume();`;
  const child = spawn(process.execPath, ['--input-type=commonjs', '-e', script, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

describe.skipIf(process.platform === 'win32')('a scan', () => {
  test('that is no device serial goes to nobody: the bay is asked for again', async () => {
    const own = world.station();
    const device = await world.device(own);
    await cli(['order', 'create', 'WO-SCAN', '--quantity', '1'], { data: own.data });
    const input = ['SN\u00011', '\u001b[2JSN-2', 'S'.repeat(10_000), 'ÄÖ', 'SN-SCAN', ''].join('\n');
    const result = await cli(['run', 'WO-SCAN', '--port', device.path], { data: own.data, input });
    expect(result.code, result.stdout).toBe(0);
    const errors = result.lines().filter(({ event }) => event === 'error');
    expect(errors.map(({ code }) => code)).toEqual(Array(4).fill('device_serial_invalid'));
    expect(result.line('closed')).toMatchObject({ outcome: 'pass', deviceSerial: 'SN-SCAN' });
    expect(result.line('order-progress')).toMatchObject({ passed: 1, remaining: 0, runs: 1 });
    expect(result.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    await device.stop();
  });
});
