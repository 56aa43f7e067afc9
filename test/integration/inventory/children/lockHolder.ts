// Takes the lock of the folder in argv, says so, and keeps it until its input ends.

import { asStationError } from '../../../../core/domain/stationError.ts';
import { acquireStationLock } from '../../../../core/inventory/database/stationLock.ts';

try {
  const lock = acquireStationLock(process.argv[2] ?? '', Date.now());
  process.stdout.write('held\n');
  process.stdin.resume().once('end', () => lock.release());
} catch (error) {
  process.stdout.write(`${asStationError(error).code}\n`);
}
