// Puts a backup in the place of a station, in a process that can be cut off. Arguments: the data folder, the backup; without the
// backup it only ends what another process began.

import { incomingFolder, replaceStation, settleRestore } from '../../core/host/backup/restore.ts';
import { checkBackup } from '../../core/host/backup/stationBackup.ts';
import { dataFolder } from '../../core/host/dataFolder.ts';

const [root = '', backup] = process.argv.slice(2);
const folder = dataFolder(root);
if (backup === undefined) settleRestore(folder);
else {
  await checkBackup(backup, incomingFolder(folder));
  // Always the same moment, so that the steps have the same names.
  replaceStation(folder, { nowMs: () => Date.UTC(2026, 0, 1) });
}
