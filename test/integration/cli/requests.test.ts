// What the command line says of requests that cannot be met: each in words, with what to do next and the right exit status,
// before anything is touched.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { createProgram } from '../../../cli/program.ts';
import { cli, PASSPHRASE } from '../../support/cliProcess.ts';
import { stationOfTests } from '../../support/cliStation.ts';
import { lookAt } from '../../support/records.ts';
import { changedProfiles } from '../../support/resourceFolders.ts';

const { station } = stationOfTests();

const lists = mkdtempSync(join(tmpdir(), 'keyline-lists-'));
let listCount = 0;
afterAll(() => rmSync(lists, { recursive: true }));

/** A file with this text. */
function listOf(text: string): string {
  listCount += 1;
  const path = join(lists, `${listCount}.csv`);
  writeFileSync(path, text);
  return path;
}

const run = (args: readonly string[], options = {}) => cli(args, { data: station.data, ...options });
const PROVISION = ['provision', '--port', '/dev/null', '--serial'];

/** Nothing was recorded: no device, no run, no order, no entry beyond the station's making. */
function expectUntouched(): void {
  lookAt(station, (inventory) => {
    expect([...inventory.eachDevice({})]).toEqual([]);
    expect(inventory.orders()).toEqual([]);
    const acts = inventory.auditEntries(0, 20).map(({ act }) => act);
    // The edge server's own credential comes with the first opening.
    expect(acts.filter((act) => act !== 'credential-issued')).toEqual([
      'inventory-created',
      'authority-created',
    ]);
  });
}

describe('a request that cannot be met', () => {
  const long = 'S'.repeat(10_000);
  test.each<[string, readonly string[], string, RegExp, RegExp]>([
    [
      'a serial with a control character',
      [...PROVISION, 'SN\u00011'],
      'device_serial_invalid',
      /SN\\u\{1\}1/,
      /Scan the label again/,
    ],
    [
      'a request without an end',
      ['issue', 'csr', '/dev/zero', '--serial', 'SN-1', '--out', 'nowhere'],
      'usage',
      /\/dev\/zero is too long/,
      /Check/,
    ],
    [
      'a CA for a profile that is unknown',
      ['authority', 'roll-over', '--profile', 'nope'],
      'profile_unknown',
      /“nope”/,
      /Choose one of/,
    ],
    [
      'a batch without an end',
      ['batch', 'split', '/dev/zero', '--out', 'nowhere'],
      'usage',
      /line 1 of \/dev\/zero is not from a batch/,
      /Check/,
    ],
    [
      'a serial with an escape sequence',
      [...PROVISION, 'SN\u001b[2J'],
      'device_serial_invalid',
      /SN\\u\{1b\}\[2J/,
      /Scan/,
    ],
    ['a serial of 10 kB', [...PROVISION, long], 'device_serial_invalid', /10000 characters/, /at most 64/],
    ['an empty serial', [...PROVISION, ''], 'device_serial_invalid', /No device serial was given/, /Scan/],
    [
      'an unknown target',
      [...PROVISION, 'SN-1', '--target', 'esp'],
      'target_unknown',
      /“esp”/,
      /zephyr-shell/,
    ],
    [
      'an unknown profile',
      [...PROVISION, 'SN-1', '--profile', 'web'],
      'profile_unknown',
      /“web”/,
      /tls-client/,
    ],
    [
      'an unknown order',
      ['run', 'WO-9', '--device', '/dev/null=SN-1'],
      'order_unknown',
      /“WO-9”/,
      /keyline order list/,
    ],
    ['an order without a number', ['order', 'create', 'WO-1'], 'usage', /--quantity or --serials/, /Check/],
    [
      'an order with a name of control characters',
      ['order', 'create', 'W\u0007O', '--quantity', '1'],
      'value_invalid',
      /order name/,
      /Correct/,
    ],
    [
      'serials that cannot be read',
      ['order', 'create', 'WO-1', '--serials', '/nowhere.csv'],
      'usage',
      /nowhere\.csv/,
      /Check/,
    ],
    [
      'a list of serials with one of them twice',
      ['order', 'create', 'WO-1', '--serials', listOf('A-1\nA-2\nA-1\n')],
      'file_invalid',
      /row 3, “A-1”, the same as row 1/,
      /Correct the file/,
    ],
    [
      'a list of serials that differ in case, or that a terminal would obey',
      ['order', 'create', 'WO-1', '--serials', listOf('A-1\na-1\nB\u001b[2J\n')],
      'file_invalid',
      /row 2, “a-1”, differs from row 1 only.*row 3, “B\\u\{1b\}\[2J”, a character/,
      /Correct the file/,
    ],
    [
      'a list of serials that is empty',
      ['order', 'create', 'WO-1', '--serials', listOf('')],
      'file_invalid',
      /holds no device serial/,
      /Correct the file/,
    ],
    ['a device that is unknown', ['inventory', 'show', 'SN-404'], 'device_unknown', /SN-404/, /Check/],
    ['to revoke what is unknown', ['revoke', 'SN-404', '--yes'], 'device_unknown', /SN-404/, /Check/],
    ['to revoke without being asked', ['revoke', 'SN-404'], 'usage', /--yes/, /Check/],
    [
      'a descriptor that is no number',
      ['--passphrase-fd', 'x', ...PROVISION, 'SN-1'],
      'usage',
      /--passphrase-fd/,
      /Check/,
    ],
    [
      'a state file that is none',
      ['simulate', 'export', '/dev/null'],
      'value_invalid',
      /state file/,
      /Correct/,
    ],
  ])('%s', async (_, args, code, what, next) => {
    const result = await run(args);
    expect(result.line('error')).toMatchObject({
      code,
      side: 'operator',
      what: expect.stringMatching(what),
      next: expect.stringMatching(next),
    });
    expect(result.code).toBe(EXIT.refused);
    expect(result.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(result.stdout.length).toBeLessThan(1_000);
    expectUntouched();
  });

  test('a file with the same serial twice, also in another case', async () => {
    const path = join(station.beside, 'serials.csv');
    writeFileSync(path, 'serial\r\nSN-1\r\n"SN-2";x\r\nsn-1\r\n');
    const result = await run(['order', 'create', 'WO-TWICE', '--serials', path]);
    expect(result.code).toBe(EXIT.refused);
    expect(result.line('error')).toMatchObject({
      code: 'file_invalid',
      what: expect.stringContaining('row 4, “sn-1”, differs from row 2 only in upper and lower case'),
    });
    expectUntouched();
  });

  test('a profile with an unknown field', async () => {
    const profiles = changedProfiles(join(station.beside, 'profiles'), 'tls-client.json', {
      keyUsages: ['all'],
    });
    const result = await run(['--profiles', profiles, ...PROVISION, 'SN-1']);
    expect(result.code).toBe(EXIT.refused);
    expect(result.line('error')).toMatchObject({
      code: 'profile_invalid',
      what: expect.stringMatching(/tls-client\.json.*keyUsages/),
      next: expect.stringContaining('Correct the profile file'),
    });
    expectUntouched();
  });

  test('folders of profiles and targets that are not there', async () => {
    const noProfiles = await run(['--profiles', '/nowhere', ...PROVISION, 'SN-1']);
    expect(noProfiles.line('error')).toMatchObject({
      code: 'profile_invalid',
      what: expect.stringContaining('/nowhere'),
    });
    const noTargets = await run(['--targets', '/nowhere', ...PROVISION, 'SN-1']);
    expect(noTargets.line('error')).toMatchObject({
      code: 'target_invalid',
      what: expect.stringContaining('/nowhere'),
    });
    expect([noProfiles.code, noTargets.code]).toEqual([EXIT.refused, EXIT.refused]);
  });

  test('the wrong passphrase, or none where nobody can be asked', async () => {
    const wrong = await run([...PROVISION, 'SN-1'], { passphrase: 'not the right one at all' });
    expect(wrong.code).toBe(EXIT.refused);
    expect(wrong.line('error')).toMatchObject({
      code: 'passphrase_wrong',
      next: expect.stringContaining('Caps Lock'),
    });
    const none = await run([...PROVISION, 'SN-1'], { passphrase: null });
    expect(none.code).toBe(EXIT.refused);
    expect(none.line('error')).toMatchObject({
      code: 'passphrase_missing',
      next: expect.stringContaining('KEYLINE_PASSPHRASE'),
    });
    const empty = await run(['--passphrase-fd', '0', ...PROVISION, 'SN-1'], {
      passphrase: null,
      input: '\n',
    });
    expect(empty.line('error')).toMatchObject({ code: 'passphrase_missing' });
    expectUntouched();
  });

  test('a passphrase that is too easy, or a site that cannot stand in a certificate', async () => {
    const data = join(station.beside, 'weak');
    const weak = await cli(['init', '--site', 'X'], { data, passphrase: 'short' });
    expect(weak.line('error')).toMatchObject({
      code: 'passphrase_weak',
      next: expect.stringContaining('12 characters'),
    });
    const site = await cli(['init', '--site', 'Plant\u00017'], { data });
    expect(site.line('error')).toMatchObject({
      code: 'value_invalid',
      what: expect.stringContaining('site'),
    });
    const long = await cli(['init', '--site', 'P'.repeat(300)], { data });
    expect(long.line('error')).toMatchObject({
      code: 'value_invalid',
      what: expect.stringContaining('at most 40'),
    });
    expect([weak.code, site.code, long.code]).toEqual([2, 2, 2]);
    // None of them stands in the way of a right one.
    expect((await cli(['init', '--site', 'Plant 7'], { data })).code).toBe(EXIT.ok);
  });

  test('a data folder without a station, and one with a station for init', async () => {
    const nowhere = await cli(['inventory', 'list'], { data: join(station.beside, 'nowhere') });
    expect(nowhere.code).toBe(EXIT.stationTrouble);
    expect(nowhere.line('error')).toMatchObject({
      code: 'station_missing',
      next: expect.stringContaining('keyline init'),
    });
    const again = await run(['init', '--site', 'Test site']);
    expect(again.code).toBe(EXIT.refused);
    expect(again.line('error')).toMatchObject({
      code: 'authority_exists',
      next: expect.stringContaining('--data'),
    });
    expectUntouched();
  });

  test.each([
    ['no command that is known', ['fly']],
    ['an option that is unknown', ['provision', '--fly']],
    ['an option that is missing', ['provision', '--serial', 'SN-1']],
    ['a quantity that is none', ['order', 'create', 'WO-1', '--quantity', '-3']],
    ['a TCP port that is none', ['edge', '--port', 'abc']],
    ['a TCP port that is too high', ['edge', '--port', '70000']],
    ['a reason that is none', ['revoke', 'SN-1', '--reason', 'boredom']],
  ])('%s: status 2 and where to read on', async (_, args) => {
    const result = await run(args);
    expect(result.code).toBe(EXIT.refused);
    expect(result.stderr).toMatch(/^error: /);
    expect(result.stderr).toMatch(/--help/);
  });
});

describe('the passphrase', () => {
  test('comes from a descriptor, with or without a line end, and never from an argument', async () => {
    for (const input of [PASSPHRASE, `${PASSPHRASE}\r\n`]) {
      const result = await run(['--passphrase-fd', '0', ...PROVISION, 'SN-FD'], { passphrase: null, input });
      expect(result.line('closed')).toMatchObject({ failure: { code: 'port_missing' } });
      expect(result.code).toBe(EXIT.stationTrouble);
    }
    const options = (await createProgram()).commands.flatMap((command) => command.options);
    expect(options.filter(({ long }) => long?.startsWith('--passphrase'))).toEqual([]);
  });
});
