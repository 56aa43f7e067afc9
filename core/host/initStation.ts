// Makes a station in an empty data folder. The authority's folder appears last and at once: until then an interrupted
// ceremony is simply begun again, afterwards it is refused.

import { existsSync, mkdirSync } from 'node:fs';
import { openAuthority } from '../authority/authority.ts';
import { createAuthority } from '../authority/ceremony.ts';
import { sha256Hex } from '../authority/x509/fingerprint.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { newStationId } from '../domain/ids.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { acquireStationLock } from '../inventory/database/stationLock.ts';
import { openInventory } from '../inventory/inventory.ts';
import type { DataFolder } from './dataFolder.ts';
import { readStationFacts, type StationFacts, writeStationFacts } from './stationFile.ts';
import { storageErrors } from './storageErrors.ts';

export interface InitRequest {
  readonly folder: DataFolder;
  readonly site: string;
  readonly name: string;
  readonly operatorName: string;
  /** Lent: the caller wipes it. */
  readonly passphrase: Secret;
  readonly clock: Clock;
  readonly random: Random;
}

export interface MadeStation extends StationFacts {
  readonly rootSha256: string;
  readonly issuingSha256: string;
}

/** Errors: `authority_exists`, `passphrase_weak`, `name_value_invalid`, `station_locked`, and those of the disk. */
export function initStation(request: InitRequest): MadeStation {
  const { folder, site, name, operatorName, passphrase, clock, random } = request;
  if (existsSync(folder.authority)) throw new StationError('authority_exists', { path: folder.authority });
  storageErrors(folder.root, () => mkdirSync(folder.root, { recursive: true, mode: 0o700 }));
  const lock = acquireStationLock(folder.root, clock.nowMs());
  try {
    const started = storageErrors(folder.root, () => readStationFacts(folder.stationFile));
    const facts = {
      stationId: started?.stationId ?? newStationId(random),
      name,
      site,
      createdAtMs: started?.createdAtMs ?? clock.nowMs(),
    };
    const inventory = openInventory({ path: folder.inventory, station: facts, actor: operatorName });
    try {
      storageErrors(folder.root, () => writeStationFacts(folder.stationFile, facts));
      createAuthority({ folder: folder.authority, passphrase, site, clock, random });
      const authority = openAuthority({ folder: folder.authority, clock, random });
      const rootSha256 = sha256Hex(authority.rootDer);
      const issuingSha256 = sha256Hex(authority.issuingDer);
      inventory.append({
        act: 'authority-created',
        actor: operatorName,
        atMs: clock.nowMs(),
        details: { site, rootSha256, issuingSha256 },
      });
      return { ...facts, rootSha256, issuingSha256 };
    } finally {
      inventory.close();
    }
  } finally {
    lock.release();
  }
}
