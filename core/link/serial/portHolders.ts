// Which programs have a port open, where the system tells: Linux, and processes that this account may look into.

import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface PortHolder {
  readonly program: string;
  readonly pid: number;
}

/** The other processes that have the port open, as far as they can be seen. */
export async function portHolders(path: string, processFolder = '/proc'): Promise<readonly PortHolder[]> {
  const device = await realpath(path).catch(() => path);
  const processes = (await readdir(processFolder).catch(() => [])).filter(
    (entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid,
  );
  const holders: PortHolder[] = [];
  for (const entry of processes) {
    if (!(await hasOpen(join(processFolder, entry, 'fd'), device))) continue;
    const command = await readFile(join(processFolder, entry, 'cmdline'), 'utf8').catch(() => '');
    holders.push({ program: basename(command.split('\0')[0] ?? '') || 'unknown', pid: Number(entry) });
  }
  return holders;
}

/** A process may end, or close something, while it is looked at. */
async function hasOpen(folder: string, device: string): Promise<boolean> {
  const descriptors = await readdir(folder).catch(() => []);
  const open = await Promise.all(
    descriptors.map((descriptor) => readlink(join(folder, descriptor)).catch(() => undefined)),
  );
  return open.includes(device);
}
