// A file system of its own that is small, to fill it up: needs the right to mount.

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** Undefined where this account may not mount one. */
export function mountSmallDisk(
  folder: string,
  size = '3m',
): { readonly folder: string; unmount(): void } | undefined {
  mkdirSync(folder, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]).status === 0;
  return mounted ? { folder, unmount: () => void spawnSync('umount', ['-l', folder]) } : undefined;
}
