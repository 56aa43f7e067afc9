// What Keyline needs of this machine: a new enough Node, tools that list ports, permission on them, nobody else on them.

import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { groupName } from '../../core/link/serial/openFailure.ts';
import { portHolders } from '../../core/link/serial/portHolders.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const NODE_MAJOR_MIN = 22;

export function checkNode(version: string): Finding {
  const major = Number(version.split('.')[0]);
  return major >= NODE_MAJOR_MIN
    ? ok('Node', `version ${version}`)
    : problem('Node', `version ${version} is too old`, 'npm ci   (it brings Node 24 into node_modules)');
}

/** Ports are listed from sysfs on Linux; where there is none, the library asks udevadm. */
export function checkPortListing(
  platform: NodeJS.Platform,
  path: string,
  sysfs = '/sys/class/tty',
): Finding | undefined {
  if (platform !== 'linux') return undefined;
  if (existsSync(sysfs)) return ok('Port listing', `from ${sysfs}; udevadm is not needed`);
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  return folders.some((folder) => isExecutable(join(folder, 'udevadm')))
    ? ok('Port listing', 'by udevadm')
    : warning(
        'Port listing',
        `neither ${sysfs} nor udevadm is here, so no port can be listed; name it with --port`,
        'sudo apt-get install udev',
      );
}

/** Ports that exist but that this account may not open, with the group that may, or that another program has open. */
export const checkPorts = (
  portPaths: readonly string[],
  { groupFile = '/etc/group', processFolder = '/proc' } = {},
): Promise<readonly Finding[]> =>
  portPaths.length === 0
    ? Promise.resolve([ok('Ports', 'no serial port is plugged in')])
    : Promise.all(portPaths.map((path) => checkPort(path, groupFile, processFolder)));

async function checkPort(path: string, groupFile: string, processFolder: string): Promise<Finding> {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch {
    const group = await groupOf(path, groupFile);
    return problem(
      'Port',
      `${path} may not be opened by this account`,
      `sudo usermod -aG ${group} "$USER"   (then log in again)`,
    );
  }
  const [holder] = await portHolders(path, processFolder);
  if (holder === undefined) return ok('Port', `${path} may be opened`);
  return warning(
    'Port',
    `${path} is open in ${holder.program}, process ${holder.pid}`,
    holder.program === MODEM_MANAGER ? MODEM_MANAGER_MEND : 'close that program before you provision here',
  );
}

async function groupOf(path: string, groupFile: string): Promise<string> {
  try {
    return await groupName(statSync(path).gid, groupFile);
  } catch {
    return 'dialout';
  }
}

const MODEM_MANAGER = 'ModemManager';
const MODEM_MANAGER_MEND =
  'install build/99-keyline.rules as a udev rule, or: sudo systemctl disable --now ModemManager';

/** ModemManager opens new serial ports and sends AT commands to them. */
export function checkModemManager(platform: NodeJS.Platform, processFolder = '/proc'): Finding | undefined {
  if (platform !== 'linux') return undefined;
  return isRunning(MODEM_MANAGER, processFolder)
    ? warning(MODEM_MANAGER, 'is running and will talk to every serial port that appears', MODEM_MANAGER_MEND)
    : ok(MODEM_MANAGER, 'is not running');
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
