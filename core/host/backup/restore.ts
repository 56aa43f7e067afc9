// Puts a checked backup in the place of what is in the data folder, so that a power cut leaves the old station or the new one and
// never a mix. The new files stand whole in a folder of their own; then one small file says that they replace the old ones
// (the moment of the restore); then names are moved, and whoever opens the folder next moves what is left.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../disk/durableFile.ts';
import { syncFolder } from '../../disk/durableFolder.ts';
import { storageErrors } from '../../disk/storageErrors.ts';
import { type Clock, systemClock } from '../../domain/clock.ts';
import { StationError } from '../../domain/stationError.ts';
import { acquireStationLock } from '../../inventory/database/stationLock.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { DataFolder } from '../dataFolder.ts';
import { checkBackup, namesOf } from './stationBackup.ts';

const orderSchema = z.strictObject({
  /** Where the old files go, in the data folder. */
  kept: z.string().regex(/^replaced-[0-9TZ-]{10,40}$/),
  outgoing: z.array(z.string().regex(/^[^/\\]+$/)),
  incoming: z.array(z.string().regex(/^[^/\\]+$/)),
});
type MoveOrder = Readonly<z.infer<typeof orderSchema>>;

const orderPath = (root: string): string => join(root, 'restore.json');

/** Where a backup's files stand before they replace the station's. */
export const incomingFolder = ({ root }: DataFolder): string => join(root, 'restore');

/**
 * Replaces the station by what stands in the incoming folder. Returns where the old files are; undefined where there were none.
 * `station_locked` while a host has the station.
 */
export function replaceStation(folder: DataFolder, clock: Clock): string | undefined {
  const { root } = folder;
  const lock = acquireStationLock(root, clock.nowMs());
  try {
    return storageErrors(root, () => {
      const stamp = new Date(clock.nowMs()).toISOString().replace(/[:.]/g, '-');
      const order: MoveOrder = {
        kept: `replaced-${stamp}`,
        outgoing: [...namesOf(root)],
        incoming: [...namesOf(incomingFolder(folder))],
      };
      replaceFile(orderPath(root), `${JSON.stringify(order)}\n`, 0o600);
      move(folder, order);
      return order.outgoing.length === 0 ? undefined : join(root, order.kept);
    });
  } finally {
    lock.release();
  }
}

/**
 * Checks a backup whole and puts it in the station's place; `onChecked` is called between the two. Returns where the old files are.
 * Errors: those of checkBackup, with everything as it was; those of the disk.
 */
export async function restoreBackup(
  folder: DataFolder,
  path: string,
  clock: Clock,
  onChecked: () => Promise<void> = async () => {},
): Promise<string | undefined> {
  settleRestore(folder, clock);
  const incoming = incomingFolder(folder);
  try {
    await checkBackup(path, incoming);
    await onChecked();
    return replaceStation(folder, clock);
  } finally {
    // Once the order stands, these files are the station: they wait there for whoever opens the folder next.
    if (!existsSync(orderPath(folder.root))) rmSync(incoming, { recursive: true, force: true });
  }
}

/** The restored station's first entry says that it was restored. */
export function recordRestore(
  inventory: Pick<Inventory, 'append'>,
  done: {
    readonly backupId: string;
    readonly kept: string | undefined;
    readonly actor: string;
    readonly atMs: number;
  },
): void {
  const { backupId, kept = '', actor, atMs } = done;
  inventory.append({ act: 'inventory-restored', actor, atMs, details: { backupId, kept } });
}

/** Ends a restore that was cut off after its moment. To be called before anything in the folder is looked at. */
export function settleRestore(folder: DataFolder, clock: Clock = systemClock): void {
  if (!existsSync(orderPath(folder.root))) return;
  const lock = acquireStationLock(folder.root, clock.nowMs());
  try {
    storageErrors(folder.root, () => {
      const order = readOrder(folder.root);
      if (order !== undefined) move(folder, order);
    });
  } finally {
    lock.release();
  }
}

function readOrder(root: string): MoveOrder | undefined {
  const path = orderPath(root);
  // Another process may have ended it while this one waited for the lock.
  if (!existsSync(path)) return undefined;
  try {
    return orderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new StationError('storage_failed', { path, reason: 'not readable' }, { cause });
  }
}

/** Each step can be done again: what was moved already is where it belongs. */
function move(folder: DataFolder, { kept, outgoing, incoming }: MoveOrder): void {
  const { root } = folder;
  const from = incomingFolder(folder);
  const keptPath = join(root, kept);
  if (outgoing.length > 0) mkdirSync(keptPath, { recursive: true, mode: 0o700 });
  for (const name of outgoing) {
    // Where the new one is no longer waiting, it is the new one that stands in its place.
    const isOld = !incoming.includes(name) || existsSync(join(from, name));
    if (isOld && existsSync(join(root, name))) renameSync(join(root, name), join(keptPath, name));
  }
  for (const name of incoming) {
    if (existsSync(join(from, name))) renameSync(join(from, name), join(root, name));
  }
  if (outgoing.length > 0) syncFolder(keptPath);
  syncFolder(root);
  rmSync(from, { recursive: true, force: true });
  rmSync(orderPath(root), { force: true });
  syncFolder(root);
}
