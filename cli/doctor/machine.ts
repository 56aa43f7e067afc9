// What Keyline needs of this machine: a new enough Node, tools that list ports, permission on them, nobody else on them.

import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Finding, ok, problem, warning } from './check.ts';

const NODE_MAJOR_MIN = 22;

export function checkNode(version: string): Finding {
  const major = Number(version.split('.')[0]);
  return major >= NODE_MAJOR_MIN
    ? ok('Node', `version ${version}`)
    : problem('Node', `version ${version} is too old`, 'npm ci   (it brings Node 24 into node_modules)');
}

/** serialport lists ports with udevadm on Linux; without it Keyline reads /sys itself and knows a little less. */
export function checkUdevadm(platform: NodeJS.Platform, path: string): Finding | undefined {
  if (platform !== 'linux') return undefined;
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.some((folder) => isExecutable(join(folder, 'udevadm')))
    ? ok('Port listing', 'udevadm is here')
    : warning(
        'Port listing',
        'udevadm is missing, so ports are listed without all their details',
        'sudo apt-get install udev',
      );
}

/** Ports that exist but that this account may not open: names the group that may. */
export function checkPortPermissions(
  portPaths: readonly string[],
  groupFile = '/etc/group',
): readonly Finding[] {
  if (portPaths.length === 0) return [ok('Ports', 'no serial port is plugged in')];
  return portPaths.map((path) => {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
      return ok('Port', `${path} may be opened`);
    } catch {
      const group = groupNameOf(path, groupFile);
      return problem(
        'Port',
        `${path} may not be opened by this account`,
        `sudo usermod -aG ${group} "$USER"   (then log in again)`,
      );
    }
  });
}

function groupNameOf(path: string, groupFile: string): string {
  try {
    const { gid } = statSync(path);
    const line = readFileSync(groupFile, 'utf8')
      .split('\n')
      .find((entry) => entry.split(':')[2] === String(gid));
    return line?.split(':')[0] ?? 'dialout';
  } catch {
    return 'dialout';
  }
}

/** ModemManager opens new serial ports and sends AT commands to them. */
export function checkModemManager(platform: NodeJS.Platform, processFolder = '/proc'): Finding | undefined {
  if (platform !== 'linux') return undefined;
  return isRunning('ModemManager', processFolder)
    ? warning(
        'ModemManager',
        'is running and will talk to every serial port that appears',
        'install build/99-keyline.rules as a udev rule, or: sudo systemctl disable --now ModemManager',
      )
    : ok('ModemManager', 'is not running');
}

function isRunning(name: string, processFolder: string): boolean {
  try {
    return readdirSync(processFolder)
      .filter((entry) => /^\d+$/.test(entry))
      .some((entry) => commandName(join(processFolder, entry, 'comm')) === name);
  } catch {
    return false;
  }
}

function commandName(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return ''; // the process ended meanwhile
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
