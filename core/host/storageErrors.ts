// The file system's refusals as failures of the station that an operator can act on.

import { StationError } from '../domain/stationError.ts';

/** Runs `work` on files below `path`; ENOSPC, EROFS and their kin become `disk_full`, `storage_read_only`, `storage_failed`. */
export function storageErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof StationError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    switch (code) {
      case 'ENOSPC':
      case 'EDQUOT':
      case 'EFBIG':
        throw new StationError('disk_full', { path }, { cause });
      case 'EROFS':
      case 'EACCES':
      case 'EPERM':
        throw new StationError('storage_read_only', { path }, { cause });
      case undefined:
        throw cause;
      default:
        throw new StationError('storage_failed', { path, reason: code }, { cause });
    }
  }
}
