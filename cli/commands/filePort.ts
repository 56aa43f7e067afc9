// Where a target writes files, its “port” is a folder, and each device has one of its own in it.

import { join, resolve } from 'node:path';
import type { DeviceSerial } from '../../core/domain/device.ts';
import { Secret } from '../../core/domain/secret.ts';
import type { Target } from '../../core/domain/target.ts';
import { deviceFolderName } from '../../core/link/files/folderTransport.ts';

const VARIABLE = 'KEYLINE_FILE_PASSPHRASE';

export const portFor = (target: Target, port: string, deviceSerial: DeviceSerial): string =>
  target.driver === 'files' ? join(resolve(port), deviceFolderName(deviceSerial)) : port;

export const hasFilePassphrase = (): boolean => (process.env[VARIABLE] ?? '') !== '';

/** What PKCS#12 files are protected with; never an argument, which every process on the machine can read. */
export function filePassphrase(): Secret | undefined {
  const text = process.env[VARIABLE];
  return text === undefined || text === '' ? undefined : Secret.fromText(text);
}
