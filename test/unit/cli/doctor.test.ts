// What doctor says of a machine, by made-up machines in folders.

import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  checkModemManager,
  checkNode,
  checkPortPermissions,
  checkUdevadm,
} from '../../../cli/doctor/machine.ts';
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

  test('looks for udevadm where Linux needs it', () => {
    writeFileSync(join(folder, 'udevadm'), '');
    chmodSync(join(folder, 'udevadm'), 0o755);
    expect(checkUdevadm('linux', folder)?.state).toBe('ok');
    expect(checkUdevadm('darwin', '')).toBeUndefined();
    const elsewhere = checkUdevadm('linux', '');
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

  test('names the group that may open a port', () => {
    const groups = join(folder, 'group');
    const port = join(folder, 'port');
    writeFileSync(port, '');
    writeFileSync(groups, `root:x:0x:\nserial:x:${statSync(port).gid}:\n`);
    expect(checkPortPermissions([], groups)).toMatchObject([{ state: 'ok' }]);
    expect(checkPortPermissions([port], groups)).toMatchObject([{ state: 'ok' }]);
    chmodSync(port, 0);
    // Root may open everything; a port that is gone is refused to everyone.
    const refused = checkPortPermissions([process.getuid?.() === 0 ? join(folder, 'gone') : port], groups)[0];
    expect(refused).toMatchObject({
      state: 'problem',
      mend: expect.stringMatching(/usermod -aG (serial|dialout)/),
    });
  });

  test('says of a folder without a station how to make one', () => {
    const findings = checkStation(dataFolder(join(folder, 'not', 'there')));
    expect(findings.map(({ name }) => name)).toEqual(['Disk', 'Station']);
    expect(findings[1]).toMatchObject({ state: 'problem', mend: expect.stringContaining('keyline init') });
  });
});
