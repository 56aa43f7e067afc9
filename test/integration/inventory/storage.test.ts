// Storage that refuses, for real: a file system that is full, one that is read-only, a folder without permission, a
// limit on the size of files. What this machine cannot set up is skipped by name.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInventory } from '../../../core/inventory/inventory.ts';
import { provision, refusal, STATION, temporaryFolder } from './world.ts';

const CHILD = join(import.meta.dirname, 'children/untilRefused.ts');

/** The way in which this machine lets us mount file systems that nobody else sees. */
const PRIVATE_MOUNTS = [['--mount'], ['--mount', '--map-root-user']].find(
  (flags) => spawnSync('unshare', [...flags, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0,
);
const AS_ROOT = process.getuid?.() === 0;
const POSIX = process.platform !== 'win32';

interface Told {
  readonly code: string;
  readonly passed: number;
  readonly recorded: number;
  readonly openRuns: number;
  readonly afterwards: string;
  readonly last: boolean;
  readonly violations: readonly unknown[];
}

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** Runs the child after the shell commands of `setup`, in which $1 is the folder. */
function afterSetup(setup: string, mounts: readonly string[] = []): Told {
  const [command = 'sh', ...rest] = mounts.length === 0 ? ['sh'] : ['unshare', ...mounts, 'sh'];
  const script = `set -e; ${setup}; exec "$2" "$3" "$1"`;
  const output = execFileSync(command, [...rest, '-c', script, 'sh', folder.path, process.execPath, CHILD], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as Told;
}

describe('a disk that is full', () => {
  it.skipIf(PRIVATE_MOUNTS === undefined)(
    'is named, loses nothing, and is worked on once there is room',
    () => {
      const setup = 'mount -t tmpfs -o size=4m tmpfs "$1"; head -c 1000000 /dev/zero > "$1/ballast"';
      const told = afterSetup(setup, PRIVATE_MOUNTS);
      expect(told).toMatchObject({
        code: 'disk_full',
        afterwards: 'provisioned',
        last: true,
        violations: [],
      });
      expect(told.passed).toBeGreaterThan(3);
      expect(told.recorded).toBe(told.passed);
    },
  );

  it.skipIf(PRIVATE_MOUNTS === undefined)('is named when there is not even room to begin', () => {
    const told = afterSetup(
      'mount -t tmpfs -o size=8k tmpfs "$1"; head -c 8192 /dev/zero > "$1/x"',
      PRIVATE_MOUNTS,
    );
    expect(told.code).toBe('disk_full');
  });

  it.skipIf(PRIVATE_MOUNTS === undefined)('leaves no half backup behind', () => {
    const setup = `mount -t tmpfs -o size=100k tmpfs "$1"`;
    const script = join(import.meta.dirname, 'children/backupTo.ts');
    const [command, ...rest] = [
      'unshare',
      ...(PRIVATE_MOUNTS ?? []),
      'sh',
      '-c',
      `${setup}; exec "$2" "$3" "$1"`,
      'sh',
    ];
    const output = execFileSync(command ?? '', [...rest, folder.path, process.execPath, script], {
      encoding: 'utf8',
    });
    expect(JSON.parse(output)).toEqual({ code: 'disk_full', files: [] });
  });
});

describe('a limit on the size of files', () => {
  it.skipIf(!POSIX)('is a failure of storage that loses nothing', () => {
    const told = afterSetup('ulimit -f 4000');
    expect(told).toMatchObject({ code: 'storage_failed', violations: [] });
    expect(told.passed).toBeGreaterThan(1);
    expect(told.recorded).toBe(told.passed);
  });
});

describe('storage that is read-only', () => {
  const made = () => {
    const inventory = openInventory({ path: join(folder.path, 'inventory.sqlite'), station: STATION });
    provision(inventory, 'a', 'SN-1');
    inventory.close();
  };

  it.skipIf(PRIVATE_MOUNTS === undefined)(
    'is named on a file system mounted read-only, with and without a file',
    () => {
      const remount = 'mount -t tmpfs tmpfs "$1"; mount -o remount,ro "$1"';
      expect(afterSetup(remount, PRIVATE_MOUNTS).code).toBe('storage_read_only');
      made();
      const bind = 'mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"';
      expect(afterSetup(bind, PRIVATE_MOUNTS).code).toBe('storage_read_only');
    },
  );

  it.skipIf(!POSIX || AS_ROOT)('is named in a folder without permission', () => {
    chmodSync(folder.path, 0o500);
    expect(refusal(() => openInventory({ path: join(folder.path, 'i.sqlite'), station: STATION }))).toBe(
      'storage_read_only',
    );
  });

  it.skipIf(!POSIX || !AS_ROOT)(
    'is named in another user’s folder, as a process without privileges sees it',
    () => {
      made();
      mkdirSync(join(folder.path, 'empty'));
      chmodSync(folder.path, 0o755);
      const asNobody = (path: string) =>
        spawnSync(process.execPath, [CHILD, path], { encoding: 'utf8', uid: 65_534, gid: 65_534 });
      for (const path of [folder.path, join(folder.path, 'empty')]) {
        expect(JSON.parse(asNobody(path).stdout)).toEqual({ code: 'storage_read_only' });
      }
    },
  );

  it('is not mistaken for a file in the folder’s place', () => {
    writeFileSync(join(folder.path, 'file'), '');
    expect(
      refusal(() => openInventory({ path: join(folder.path, 'file', 'i.sqlite'), station: STATION })),
    ).toBe('storage_failed');
  });
});
