// The drivers that this product ships: those on a serial port, and the one that writes files.

import type { Secret } from '../domain/secret.ts';
import type { Driver } from '../link/driver.ts';
import { serialDrivers } from '../link/drivers.ts';
import { createFilesDriver } from '../link/files/filesDriver.ts';
import { systemRandom } from './systemRandom.ts';

/** `filePassphrase` is asked for only where a target wants PKCS#12. */
export const createDrivers = (
  filePassphrase: () => Secret | undefined = () => undefined,
): readonly Driver[] => [
  ...serialDrivers,
  createFilesDriver({ random: systemRandom, passphrase: filePassphrase }),
];

/** For checking targets and for devices on a line. */
export const drivers: readonly Driver[] = createDrivers();
