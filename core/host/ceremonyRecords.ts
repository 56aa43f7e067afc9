// A ceremony's entry in the audit log of a station, made under the station's lock.

import { existsSync, mkdirSync } from 'node:fs';
import { storageErrors } from '../disk/storageErrors.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { newStationId } from '../domain/ids.ts';
import type { JsonObject } from '../domain/run.ts';
import { StationError } from '../domain/stationError.ts';
import { acquireStationLock } from '../inventory/database/stationLock.ts';
import { openInventory } from '../inventory/inventory.ts';
import type { DataFolder } from './dataFolder.ts';
import { readStationFacts, writeStationFacts } from './stationFile.ts';

export type Recorder = (act: string, details: JsonObject) => void;

/** Runs `work` under the station's lock with its audit log; makes station and inventory where `names` allow it. */
export function withRecords<T>(
  ceremony: {
    readonly folder: DataFolder;
    readonly operatorName: string;
    readonly clock: Clock;
    readonly random: Random;
  },
  names: { readonly site: string; readonly stationName: string } | undefined,
  work: (record: Recorder, site: string) => T,
): T {
  const { folder, operatorName, clock, random } = ceremony;
  // Nothing is made in a folder that was mistyped.
  if (names === undefined && !existsSync(folder.stationFile))
    throw new StationError('station_missing', { path: folder.root });
  storageErrors(folder.root, () => mkdirSync(folder.root, { recursive: true, mode: 0o700 }));
  const lock = acquireStationLock(folder.root, clock.nowMs());
  try {
    let facts = readStationFacts(folder.stationFile);
    if (facts === undefined) {
      if (names === undefined) throw new StationError('station_missing', { path: folder.root });
      facts = {
        stationId: newStationId(random),
        name: names.stationName,
        site: names.site,
        createdAtMs: clock.nowMs(),
      };
      const made = facts;
      storageErrors(folder.root, () => writeStationFacts(folder.stationFile, made));
    }
    const { stationId, createdAtMs } = facts;
    const inventory = openInventory({
      path: folder.inventory,
      ...(existsSync(folder.inventory) ? {} : { station: { stationId, createdAtMs } }),
      actor: operatorName,
    });
    try {
      const record: Recorder = (act, details) =>
        inventory.append({ act, actor: operatorName, atMs: clock.nowMs(), details });
      return work(record, facts.site);
    } finally {
      inventory.close();
    }
  } finally {
    lock.release();
  }
}
