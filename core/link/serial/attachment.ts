// Tells one plugging in from the next, without having to look in between: by what the kernel makes anew for a device that
// comes. That is the node under /dev with its time of birth, and the number that the USB bus gives the device.

import { stat } from 'node:fs/promises';

/** Major numbers of the ends of pseudo-terminals (Linux, Documentation/admin-guide/devices.txt). */
const PSEUDO_TERMINALS = { first: 136n, last: 143n };

/** Which node stands at `path` now; undefined where there is none, or where the system has no nodes (Windows). */
export async function nodeAt(path: string): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  if (found === undefined) return undefined;
  const { dev, ino, rdev, birthtimeNs, ctimeNs } = found;
  // A new pseudo-terminal gets its predecessor's inode number and has no time of birth, but nobody changes its rights later,
  // which is what moves the time of change of other nodes.
  const major = (rdev >> 8n) & 0xfffn;
  const isPseudo = major >= PSEUDO_TERMINALS.first && major <= PSEUDO_TERMINALS.last;
  return [dev, ino, rdev, isPseudo ? ctimeNs : birthtimeNs].join(':');
}
