// Says why a port could not be opened. The native layer gives only a sentence, so the facts are asked of the file
// system first; the sentence decides only what nothing else can tell.

import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { StationError } from '../../domain/stationError.ts';
import { portHolders } from './portHolders.ts';

/** What a file, a folder or a device of another kind answers when it is asked for a baud rate. */
const NOT_A_PORT = /inappropriate ioctl|is a directory/i;

/** `port_missing`, `port_not_permitted` (with the group that owns the device), `port_busy` (with who has it) or `port_failed`. */
export async function openFailure(path: string, cause: unknown): Promise<StationError> {
  const message = cause instanceof Error ? cause.message : String(cause);
  const missing = (): StationError => new StationError('port_missing', { path }, { cause });
  const failed = (): StationError => new StationError('port_failed', { path, reason: message }, { cause });
  const busy = async (): Promise<StationError> =>
    new StationError('port_busy', { path, ...(await portHolders(path))[0] }, { cause });

  if (process.platform === 'win32') {
    // CreateFile: "File not found" and "Access denied", the latter while another program holds the port.
    if (/file not found/i.test(message)) return missing();
    return /access denied/i.test(message) ? busy() : failed();
  }
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) return missing();
  const permitted = await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (!permitted) {
    return new StationError('port_not_permitted', { path, group: await groupName(status.gid) }, { cause });
  }
  if (NOT_A_PORT.test(message)) {
    return new StationError('port_missing', { path, reason: 'not-a-port' }, { cause });
  }
  // flock and TIOCEXCL: EAGAIN and EBUSY.
  return /cannot lock|temporarily unavailable|busy/i.test(message) ? busy() : failed();
}

/** The name of a group from /etc/group, or its number. */
export async function groupName(groupId: number, groupFile = '/etc/group'): Promise<string> {
  const text = await readFile(groupFile, 'utf8').catch(() => '');
  const fields = text.split('\n').map((row) => row.split(':'));
  return fields.find(([, , id]) => id === String(groupId))?.[0] ?? String(groupId);
}
