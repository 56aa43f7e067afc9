// Backups: one now, those there are, one that is brought from elsewhere, and putting one in the place of the station.

import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StationMethods } from '../contract/rpc/host.ts';
import type { Backup } from '../contract/schemas/session.ts';
import { storageErrors } from '../disk/storageErrors.ts';
import { StationError } from '../domain/stationError.ts';
import { recordRestore, restoreBackup } from '../host/backup/restore.ts';
import {
  type BackupFacts,
  backupName,
  backupsFolder,
  checkBackup,
  createBackup,
  findBackup,
  listBackups,
} from '../host/backup/stationBackup.ts';
import { dataFolder } from '../host/dataFolder.ts';
import type { House } from './house.ts';
import { houseOf, operatorOf, refuseAtWork, type World } from './world.ts';

type Part = Pick<
  StationMethods,
  `backup.${'list' | 'create' | 'receive' | 'restore'}` | 'session.restoreStation'
>;

/** What changes the house, as the application does it. */
export interface Mover {
  /** One change of house at a time. */
  oneAtATime<T>(work: () => Promise<T>): Promise<T>;
  moveOut(): Promise<void>;
  /** Opens what is in the data folder now. */
  moveIn(): House;
  /** As `moveIn`, but what hinders it is kept and told later. */
  tryMoveIn(): void;
  tellMoved(): void;
}

const RECEIVED_MAX_BYTES = 16_000_000_000;

const view = ({ name, madeAtMs, ...facts }: BackupFacts): Backup => ({
  ...facts,
  stationName: name,
  createdAtMs: madeAtMs,
});

export function createBackupDesk(world: World, mover: Mover): Part {
  const { clock } = world;
  const folder = dataFolder(world.options.dataRoot);
  const receiving = join(backupsFolder(folder), 'received.part');

  /** Checks it whole, then puts it in the place of what is there. */
  async function putInPlace(backup: BackupFacts): Promise<void> {
    const actor = world.signedIn?.operatorName ?? 'station';
    try {
      const kept = await restoreBackup(folder, backup.path, clock, () => mover.moveOut());
      const opened = mover.moveIn();
      recordRestore(opened.inventory, { backupId: backup.backupId, kept, actor, atMs: clock.nowMs() });
      const runs = opened.recovered.length;
      world.emit({ event: 'station.restarted', payload: { runsClosed: runs, credentialsDecided: runs } });
    } finally {
      if (world.house === undefined) mover.tryMoveIn();
      mover.tellMoved();
    }
  }

  async function restore(backupId: string): Promise<void> {
    const house = houseOf(world);
    refuseAtWork(world);
    operatorOf(world);
    if (house.practice !== undefined) throw new StationError('backup_unknown', { backupId });
    const backup = await findBackup(folder, backupId);
    if (backup.stationId !== house.facts.stationId) {
      throw new StationError('backup_foreign', { station: backup.name, site: backup.site });
    }
    await putInPlace(backup);
  }

  /** Only where there is nothing that it could replace. */
  async function restoreStation(backupId: string): Promise<void> {
    if (world.house !== undefined || world.houseFailure !== undefined)
      throw new StationError('station_exists', {});
    await putInPlace(await findBackup(folder, backupId));
  }

  /** A supervisor, unless there is no station yet. */
  function refuseStranger(): void {
    const isNew = world.house === undefined && world.houseFailure === undefined;
    if (isNew || world.signedIn?.role === 'supervisor') return;
    throw world.signedIn === undefined
      ? new StationError('signed_out')
      : new StationError('role_missing', { role: 'supervisor' });
  }

  function takePiece(offset: number, bytes: Uint8Array): number {
    return storageErrors(receiving, () => {
      mkdirSync(backupsFolder(folder), { recursive: true, mode: 0o700 });
      if (offset === 0) writeFileSync(receiving, '', { mode: 0o600 });
      const has = statSync(receiving, { throwIfNoEntry: false })?.size ?? 0;
      if (has !== offset) throw new StationError('file_invalid', { reason: 'out of order' });
      if (offset + bytes.length > RECEIVED_MAX_BYTES)
        throw new StationError('file_invalid', { reason: 'too-long' });
      appendFileSync(receiving, bytes);
      return offset + bytes.length;
    });
  }

  async function takeWhole(): Promise<Backup> {
    const scratch = `${receiving}.check.part`;
    try {
      await checkBackup(receiving, scratch);
      // Once: the name holds the millisecond.
      const backupId = backupName(clock);
      const path = join(backupsFolder(folder), backupId);
      storageErrors(path, () => renameSync(receiving, path));
      return view(await findBackup(folder, backupId));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
      rmSync(receiving, { force: true });
    }
  }

  return {
    'backup.list': async () => (await listBackups(houseOf(world).folder)).map(view),
    'backup.create': async () => {
      const house = houseOf(world);
      const operatorName = operatorOf(world);
      const { softwareVersion } = world.options;
      const by = { clock, softwareVersion, operatorName };
      const made = await createBackup(house.folder, house.inventory, house.facts, by);
      world.conditions.clear('backup-overdue');
      return view(made);
    },
    'backup.receive': async ({ offset, base64, last }) => {
      refuseStranger();
      const sizeBytes = takePiece(offset, Buffer.from(base64, 'base64'));
      return last ? { sizeBytes, backup: await takeWhole() } : { sizeBytes };
    },
    'backup.restore': ({ backupId }) =>
      mover.oneAtATime(async () => {
        await restore(backupId);
        return {};
      }),
    'session.restoreStation': ({ backupId }) =>
      mover.oneAtATime(async () => {
        await restoreStation(backupId);
        return {};
      }),
  };
}
