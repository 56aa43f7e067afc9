// Backups: a folder each, with the inventory, the station's facts and the authority's (encrypted) files, complete or absent.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Backup } from '../contract/schemas/session.ts';
import type { Clock } from '../domain/clock.ts';
import { StationError } from '../domain/stationError.ts';
import { writeFileAtomically } from '../host/atomicFile.ts';
import type { DataFolder } from '../host/dataFolder.ts';
import { storageErrors } from '../host/storageErrors.ts';
import { acquireStationLock } from '../inventory/database/stationLock.ts';
import { openInventoryReadOnly } from '../inventory/inventory.ts';
import type { House } from './house.ts';

const BACKUP_NAME = /^backup-[0-9TZ-]{10,40}$/;
const manifestSchema = z.object({ stationId: z.string(), createdAtMs: z.int(), devices: z.int() });
const DATABASE = 'inventory.db';

const backupsFolder = (folder: DataFolder): string => join(folder.root, 'backups');
const stampOf = (clock: Clock): string => new Date(clock.nowMs()).toISOString().replace(/[:.]/g, '-');

/** Newest first; what is not a whole backup is not listed. */
export function listBackups(folder: DataFolder): readonly Backup[] {
  const root = backupsFolder(folder);
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => BACKUP_NAME.test(name))
    .sort()
    .reverse()
    .slice(0, 500)
    .flatMap((name) => {
      try {
        const path = join(root, name);
        const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(path, 'backup.json'), 'utf8')));
        const { createdAtMs, devices } = manifest;
        return [
          { backupId: name, path, createdAtMs, sizeBytes: statSync(join(path, DATABASE)).size, devices },
        ];
      } catch {
        return [];
      }
    });
}

/** Copies everything while the station works on. Errors: those of the disk. */
export async function createBackup(house: House, clock: Clock): Promise<Backup> {
  const { folder, inventory, facts } = house;
  const backupId = `backup-${stampOf(clock)}`;
  const path = join(backupsFolder(folder), backupId);
  const partial = `${path}.part`;
  try {
    storageErrors(path, () => mkdirSync(partial, { recursive: true, mode: 0o700 }));
    await inventory.backupTo(join(partial, DATABASE));
    storageErrors(path, () => {
      cpSync(folder.authority, join(partial, 'authority'), { recursive: true });
      for (const file of [folder.stationFile, join(folder.root, 'desk.json')]) {
        if (existsSync(file))
          cpSync(file, join(partial, file === folder.stationFile ? 'station.json' : 'desk.json'));
      }
      const manifest = {
        stationId: facts.stationId,
        createdAtMs: clock.nowMs(),
        devices: inventory.counts().devices,
      };
      writeFileAtomically(join(partial, 'backup.json'), `${JSON.stringify(manifest)}\n`);
      renameSync(partial, path);
    });
  } catch (thrown) {
    rmSync(partial, { recursive: true, force: true });
    throw thrown;
  }
  const made = listBackups(folder).find((one) => one.backupId === backupId);
  if (made === undefined) throw new StationError('storage_failed', { path, reason: 'not readable' });
  return made;
}

/** Refuses a backup that is another station's, or whose audit chain is broken. */
export function checkBackup(house: House, backupId: string): Backup {
  const backup = listBackups(house.folder).find((one) => one.backupId === backupId);
  if (backup === undefined) throw new StationError('backup_unknown', { backupId });
  const path = join(backup.path, DATABASE);
  const copy = openInventoryReadOnly(path);
  try {
    if (copy.station.stationId !== house.facts.stationId)
      throw new StationError('inventory_invalid', { path, reason: 'another-station' });
    const verdict = copy.verifyAudit();
    if (!verdict.intact)
      throw new StationError('audit_broken', { sequence: verdict.firstBrokenSequence, why: verdict.why });
  } finally {
    copy.close();
  }
  return backup;
}

/** Puts a checked backup's inventory in place of a closed one, which is kept beside it. Returns where. */
export function putBack(folder: DataFolder, backup: Backup, clock: Clock): string {
  const lock = acquireStationLock(folder.root, clock.nowMs());
  try {
    return storageErrors(folder.inventory, () => {
      const kept = `${folder.inventory}.replaced-${stampOf(clock)}`;
      const incoming = `${folder.inventory}.incoming`;
      cpSync(join(backup.path, DATABASE), incoming);
      renameSync(folder.inventory, kept);
      for (const suffix of ['-wal', '-shm']) {
        if (existsSync(folder.inventory + suffix)) renameSync(folder.inventory + suffix, kept + suffix);
      }
      renameSync(incoming, folder.inventory);
      return kept;
    });
  } finally {
    lock.release();
  }
}
