// Opens a station's records: for writing under the station's lock, with recovery first, or for looking only.

import { mkdirSync } from 'node:fs';
import { type Clock, systemClock } from '../domain/clock.ts';
import { asStationError, StationError } from '../domain/stationError.ts';
import { acquireStationLock } from '../inventory/database/stationLock.ts';
import {
  type Inventory,
  type InventoryReader,
  openInventory,
  openInventoryReadOnly,
} from '../inventory/inventory.ts';
import { type RecoveredRun, recover } from '../station/recovery.ts';
import { settleRestore } from './backup/restore.ts';
import type { DataFolder } from './dataFolder.ts';
import { readStationFacts, type StationFacts } from './stationFile.ts';

export interface Records {
  readonly facts: StationFacts;
  readonly inventory: Inventory;
  readonly clock: Clock;
  /** What the last host had left unfinished and what was decided on it. */
  readonly recovered: readonly RecoveredRun[];
  close(): void;
}

export interface ReadOnlyRecords {
  readonly facts: StationFacts;
  readonly inventory: InventoryReader;
  close(): void;
}

/** The station's facts; `station_missing` where there is none. */
export function stationFacts(folder: DataFolder): StationFacts {
  settleRestore(folder);
  const facts = readStationFacts(folder.stationFile);
  if (facts === undefined) throw new StationError('station_missing', { path: folder.root });
  return facts;
}

/**
 * Opens the station's own inventory. It was there before station.json was: where it is gone, empty or another station's, that
 * is damage to restore from a backup (`inventory_invalid`), and never a station to make anew.
 */
function openOwn<T extends { readonly station: { readonly stationId: string }; close(): void }>(
  { inventory: path }: DataFolder,
  { stationId }: StationFacts,
  open: () => T,
): T {
  let inventory: T;
  try {
    inventory = open();
  } catch (thrown) {
    const error = asStationError(thrown);
    if (error.code !== 'station_missing') throw thrown;
    throw new StationError('inventory_invalid', { path, reason: 'missing' }, { cause: thrown });
  }
  if (inventory.station.stationId === stationId) return inventory;
  inventory.close();
  throw new StationError('inventory_invalid', { path, reason: 'another-station' });
}

/** Opens the records for writing. `station_locked` while another host has them. Recovers what the last one left. */
export function openRecords(
  folder: DataFolder,
  options: { actor?: string | (() => string); clock?: Clock } = {},
): Records {
  const facts = stationFacts(folder);
  const clock = options.clock ?? systemClock;
  mkdirSync(folder.root, { recursive: true });
  const lock = acquireStationLock(folder.root, clock.nowMs());
  try {
    const inventory = openOwn(folder, facts, () =>
      openInventory({ path: folder.inventory, actor: options.actor }),
    );
    try {
      const recovered = recover({ inventory, clock });
      return {
        facts,
        inventory,
        clock,
        recovered,
        close() {
          inventory.close();
          lock.release();
        },
      };
    } catch (thrown) {
      inventory.close();
      throw thrown;
    }
  } catch (thrown) {
    lock.release();
    throw thrown;
  }
}

/** Opens the records for looking only, also while a station is at work. */
export function openReadOnlyRecords(folder: DataFolder): ReadOnlyRecords {
  const facts = stationFacts(folder);
  const inventory = openOwn(folder, facts, () => openInventoryReadOnly(folder.inventory));
  return { facts, inventory, close: inventory.close };
}
