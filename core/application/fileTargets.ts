// Targets whose devices are files: no port, no bay, and each private key on a disk.

import { StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import { type FilesOptions, parseFilesOptions } from '../link/files/options.ts';

/** The files that such a target writes; undefined for a target with a port. */
export const fileFormatsOf = (target: Target): FilesOptions['formats'] | undefined =>
  target.driver === 'files' ? parseFilesOptions(target).formats : undefined;

/** A bay holds a device on a port. Files have neither: their orders are issued to a folder (`value_invalid`). */
export function refuseFiles(target: Target): void {
  if (target.driver !== 'files') return;
  throw new StationError('value_invalid', { field: 'target', value: target.name, reason: 'key-on-disk' });
}
