// keyline backup: a whole station in one file, and back. The window's backups are the same files in the same folder.

import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { storageErrors } from '../../core/disk/storageErrors.ts';
import { systemClock } from '../../core/domain/clock.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { recordRestore, restoreBackup, settleRestore } from '../../core/host/backup/restore.ts';
import {
  type BackupFacts,
  createBackup,
  factsOf,
  findBackup,
  listBackups,
  namesOf,
} from '../../core/host/backup/stationBackup.ts';
import type { DataFolder } from '../../core/host/dataFolder.ts';
import { openRecords, stationFacts } from '../../core/host/openRecords.ts';
import { readStationFacts } from '../../core/host/stationFile.ts';
import { acquireStationLock } from '../../core/inventory/database/stationLock.ts';
import type { CommandContext } from '../context.ts';
import { askYesOrNo } from '../input/confirmation.ts';
import { tellRecovery } from '../output/recovery.ts';
import { softwareVersion } from '../resources.ts';
import { action, dateTime, EXIT } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline backup create
  $ keyline backup create --out /media/stick/plant7.tar
  $ keyline backup list
  $ keyline backup restore /media/stick/plant7.tar
  $ keyline --data /srv/keyline backup restore plant7.tar --yes

One tar file holds the inventory, the authority with its encrypted keys, the own targets and profiles, and the transcripts;
“tar xf” opens it and “sha256sum -c SHA256SUMS” checks it. Keep the passphrase in another place. A restore checks all of it
first, and keeps what it replaces in the data folder, below replaced-….
`;

export const backupCommand = (): Command => {
  const backup = new Command('backup').description('the whole station as one file, and back');
  backup.addHelpText('after', EXAMPLES);
  backup
    .command('create')
    .description('make a backup')
    .option('--out <file>', 'where to; the data folder’s backups if not given')
    .addHelpText('after', EXAMPLES)
    .action(action((context, options: { out?: string }) => create(context, options.out)));
  backup
    .command('list')
    .description('list the backups in the data folder, newest first')
    .addHelpText('after', EXAMPLES)
    .action(
      action(async ({ output, folder }) => {
        stationFacts(folder);
        const backups = await listBackups(folder);
        if (backups.length === 0) output.say('There is no backup yet. Make one with: keyline backup create');
        else {
          output.table(
            'backup',
            [
              { title: 'Backup' },
              { title: 'Made' },
              { title: 'Devices', align: 'right' },
              { title: 'Bytes', align: 'right' },
            ],
            backups.map((facts) => ({
              cells: [
                facts.backupId,
                dateTime(facts.madeAtMs),
                String(facts.devices),
                String(facts.sizeBytes),
              ],
              facts,
            })),
          );
        }
        return EXIT.ok;
      }),
    );
  backup
    .command('restore')
    .description('put a backup in the place of this station, or where there is none yet')
    .argument('<backup>', 'its file, or its name in “keyline backup list”')
    .option('--yes', 'do not ask for confirmation')
    .addHelpText('after', EXAMPLES)
    .action(
      action((context, nameOrPath: string, options: { yes?: boolean }) =>
        restore(context, nameOrPath, options.yes === true),
      ),
    );
  return backup;
};

async function create({ output, folder, operatorName }: CommandContext, out: string | undefined) {
  const path = out === undefined ? undefined : resolve(out);
  if (path !== undefined && existsSync(path)) {
    throw new StationError('usage', { reason: `${path} is there already` });
  }
  const records = openRecords(folder, { actor: operatorName });
  try {
    tellRecovery(output, records.recovered);
    const by = { clock: systemClock, softwareVersion, operatorName, ...(path === undefined ? {} : { path }) };
    const made = await output.during('Making the backup', () =>
      createBackup(folder, records.inventory, records.facts, by),
    );
    const tick = output.paint('green', '✔');
    output.result(
      'backup-created',
      made,
      `${tick} ${made.path}\n  ${made.devices} devices, ${made.sizeBytes} bytes. Keep a copy on another computer, and the passphrase in another place.`,
    );
    return EXIT.ok;
  } finally {
    records.close();
  }
}

async function restore(context: CommandContext, nameOrPath: string, confirmed: boolean) {
  const { output, folder, operatorName } = context;
  const backup = await findFile(folder, nameOrPath);
  storageErrors(folder.root, () => mkdirSync(folder.root, { recursive: true, mode: 0o700 }));
  settleRestore(folder);
  // Another Keyline at work is told of before anybody is asked, and the restore takes the lock again for its moment.
  acquireStationLock(folder.root, systemClock.nowMs()).release();
  if (namesOf(folder.root).length > 0) {
    refuseForeign(folder, backup);
    if (!confirmed) await askFor(context, backup);
  }
  const kept = await output.during('Checking the backup, then putting it in place', () =>
    restoreBackup(folder, backup.path, systemClock),
  );
  const records = openRecords(folder, { actor: operatorName });
  try {
    const atMs = systemClock.nowMs();
    recordRestore(records.inventory, { backupId: backup.backupId, kept, actor: operatorName, atMs });
    tellRecovery(output, records.recovered);
    output.result(
      'backup-restored',
      { ...backup, kept },
      [
        `${output.paint('green', '✔')} ${backup.name} at ${backup.site} is as it was at ${dateTime(backup.madeAtMs)} UTC, with ${backup.devices} devices.`,
        ...(kept === undefined ? [] : [`  What it replaced is kept in ${kept}`]),
        '  Of what was issued since, these records know nothing: account for it before you go on.',
      ].join('\n'),
    );
    return EXIT.ok;
  } finally {
    records.close();
  }
}

/** A file, or one of the station's own by its name. */
async function findFile(folder: DataFolder, nameOrPath: string): Promise<BackupFacts> {
  const path = resolve(nameOrPath);
  return existsSync(path) ? factsOf(path) : findBackup(folder, nameOrPath);
}

/** Over a station goes only its own backup. One that cannot say who it is is what a restore is for: it is kept, too. */
function refuseForeign(folder: DataFolder, backup: BackupFacts): void {
  const there = readableFacts(folder);
  if (there !== undefined && there.stationId !== backup.stationId) {
    throw new StationError('backup_foreign', { station: backup.name, site: backup.site });
  }
}

function readableFacts(folder: DataFolder) {
  try {
    return readStationFacts(folder.stationFile);
  } catch (thrown) {
    if (thrown instanceof StationError && thrown.code === 'station_missing') return undefined;
    throw thrown;
  }
}

async function askFor({ interactive, folder, output }: CommandContext, backup: BackupFacts): Promise<void> {
  const what = `${folder.root} is put back to ${dateTime(backup.madeAtMs)} UTC; what was recorded since is set aside`;
  if (!interactive) throw new StationError('usage', { reason: `${what}. Confirm it with --yes` });
  output.settle();
  const message = `${what}.\n  Restore ${backup.backupId}?`;
  if (await askYesOrNo({ message, default: false }, { output: process.stderr })) return;
  throw new StationError('interrupted');
}
