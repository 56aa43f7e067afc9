// What doctor says of a machine, by made-up machines in folders.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkModemManager, checkNode, checkPortListing, checkPorts } from '../../../cli/doctor/machine.ts';
import { checkStation } from '../../../cli/doctor/station.ts';
import { dataFolder } from '../../../core/host/dataFolder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('doctor', () => {
  test('knows a Node that is too old, and how to get another', () => {
    expect(checkNode('20.20.2')).toMatchObject({ state: 'problem', mend: expect.stringContaining('npm ci') });
    expect(checkNode('22.0.0').state).toBe('ok');
    expect(checkNode('24.21.0').state).toBe('ok');
  });

  test('needs udevadm only where there is no sysfs', () => {
    const nowhere = join(folder, 'no-sysfs');
    expect(checkPortListing('linux', '', folder)).toMatchObject({
      state: 'ok',
      what: expect.stringContaining('not needed'),
    });
    writeFileSync(join(folder, 'udevadm'), '');
    chmodSync(join(folder, 'udevadm'), 0o755);
    expect(checkPortListing('linux', folder, nowhere)?.state).toBe('ok');
    expect(checkPortListing('darwin', '', nowhere)).toBeUndefined();
    const elsewhere = checkPortListing('linux', '', nowhere);
    if (elsewhere?.state === 'warning') expect(elsewhere.mend).toContain('apt-get install udev');
  });

  test('sees ModemManager among the processes', () => {
    for (const [pid, name] of [
      ['1', 'init'],
      ['77', 'ModemManager'],
      ['self', 'x'],
    ] as const) {
      mkdirSync(join(folder, pid));
      writeFileSync(join(folder, pid, 'comm'), `${name}\n`);
    }
    expect(checkModemManager('linux', folder)).toMatchObject({
      state: 'warning',
      mend: expect.stringContaining('udev rule'),
    });
    rmSync(join(folder, '77'), { recursive: true });
    mkdirSync(join(folder, '78')); // ended meanwhile
    expect(checkModemManager('linux', folder)?.state).toBe('ok');
    expect(checkModemManager('linux', join(folder, 'nowhere'))?.state).toBe('ok');
    expect(checkModemManager('win32', folder)).toBeUndefined();
  });

  test('names the group that may open a port', async () => {
    const groupFile = join(folder, 'group');
    const port = join(folder, 'port');
    writeFileSync(port, '');
    writeFileSync(groupFile, `root:x:0x:\nserial:x:${statSync(port).gid}:\n`);
    const check = async (...paths: readonly string[]) => (await checkPorts(paths, { groupFile }))[0];
    expect(await check()).toMatchObject({ state: 'ok' });
    expect(await check(port)).toMatchObject({ state: 'ok' });
    chmodSync(port, 0);
    // Root may open everything; a port that is gone is refused to everyone.
    expect(await check(process.getuid?.() === 0 ? join(folder, 'gone') : port)).toMatchObject({
      state: 'problem',
      mend: expect.stringMatching(/usermod -aG (serial|dialout)/),
    });
  });

  test.skipIf(process.platform === 'win32')('names the program that has a port open', async () => {
    const port = join(folder, 'port');
    writeFileSync(port, '');
    symlinkSync(port, join(folder, 'by-id'));
    const processFolder = join(folder, 'processes');
    for (const [pid, name, open] of [
      ['1', 'init', '/dev/null'],
      ['77', 'ModemManager', port],
    ] as const) {
      mkdirSync(join(processFolder, pid, 'fd'), { recursive: true });
      writeFileSync(join(processFolder, pid, 'cmdline'), `/usr/sbin/${name}\0--debug\0`);
      symlinkSync(open, join(processFolder, pid, 'fd', '3'));
    }
    mkdirSync(join(processFolder, '78')); // ended meanwhile
    for (const path of [port, join(folder, 'by-id')]) {
      expect(await checkPorts([path], { processFolder })).toMatchObject([
        {
          state: 'warning',
          what: expect.stringContaining('ModemManager, process 77'),
          mend: expect.stringContaining('udev rule'),
        },
      ]);
    }
    writeFileSync(join(processFolder, '77', 'cmdline'), 'minicom\0');
    expect((await checkPorts([port], { processFolder }))[0]?.mend).toContain('close that program');
    expect((await checkPorts([port], { processFolder: join(folder, 'none') }))[0]?.state).toBe('ok');
  });

  test('says of a folder without a station how to make one', () => {
    const findings = checkStation(dataFolder(join(folder, 'not', 'there')));
    expect(findings.map(({ name }) => name)).toEqual(['Disk', 'Station']);
    expect(findings[1]).toMatchObject({ state: 'problem', mend: expect.stringContaining('keyline init') });
  });
});
