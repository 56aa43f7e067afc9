// Makes a station in an empty data folder. The authority's folder appears last and at once: until then an interrupted
// ceremony is simply begun again, afterwards it is refused.

import { existsSync, mkdirSync } from 'node:fs';
import { type Authority, openAuthority } from '../authority/authority.ts';
import { createAuthority } from '../authority/ceremony.ts';
import { importAuthority } from '../authority/importAuthority.ts';
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

/** Where the authority comes from: a ceremony here, one made elsewhere, or one that stands in the folder already. */
export type AuthoritySource =
  | { readonly kind: 'create'; readonly organisation: string }
  | { readonly kind: 'import'; readonly certificatesPem: string; readonly issuingKeyPem: string }
  | { readonly kind: 'existing' };

export interface InitRequest {
  readonly folder: DataFolder;
  readonly site: string;
  readonly name: string;
  readonly operatorName: string;
  /** Lent: the caller wipes it. */
  readonly passphrase: Secret;
  /** A ceremony for the site unless told otherwise. */
  readonly authority?: AuthoritySource;
  readonly clock: Clock;
  readonly random: Random;
}

export interface MadeStation extends StationFacts {
  readonly rootSha256: string;
  readonly issuingSha256: string;
}

/** Errors: `authority_exists`, `passphrase_weak`, `name_value_invalid`, `station_locked`, and those of the disk. */
export function initStation(request: InitRequest): MadeStation {
  const { folder, site, name, operatorName, clock, random } = request;
  const source = request.authority ?? { kind: 'create', organisation: site };
  if (source.kind !== 'existing' && existsSync(folder.authority))
    throw new StationError('authority_exists', { path: folder.authority });
  storageErrors(folder.root, () => mkdirSync(folder.root, { recursive: true, mode: 0o700 }));
  const lock = acquireStationLock(folder.root, clock.nowMs());
  try {
    const started = storageErrors(folder.root, () => readStationFacts(folder.stationFile));
    const kept = source.kind === 'existing' ? started : undefined;
    const facts = {
      stationId: started?.stationId ?? newStationId(random),
      name: kept?.name ?? name,
      site: kept?.site ?? site,
      createdAtMs: started?.createdAtMs ?? clock.nowMs(),
    };
    const inventory = openInventory({ path: folder.inventory, station: facts, actor: operatorName });
    try {
      storageErrors(folder.root, () => writeStationFacts(folder.stationFile, facts));
      const authority = establish(source, request);
      const rootSha256 = sha256Hex(authority.rootDer);
      const issuingSha256 = sha256Hex(authority.issuingDer);
      inventory.append({
        act: ACTS[source.kind],
        actor: operatorName,
        atMs: clock.nowMs(),
        details: { site: facts.site, rootSha256, issuingSha256 },
      });
      return { ...facts, rootSha256, issuingSha256 };
    } finally {
      inventory.close();
    }
  } finally {
    lock.release();
  }
}

const ACTS = {
  create: 'authority-created',
  import: 'authority-imported',
  existing: 'authority-adopted',
} as const;

/** The authority, locked again. For one that stands already, the passphrase must open it. */
function establish(source: AuthoritySource, request: InitRequest): Authority {
  const { passphrase, clock, random } = request;
  const folder = request.folder.authority;
  switch (source.kind) {
    case 'create':
      createAuthority({ folder, passphrase, site: source.organisation, clock, random });
      break;
    case 'import':
      importAuthority({ ...source, folder, passphrase, clock, random });
      break;
    case 'existing': {
      const authority = openAuthority({ folder, clock, random });
      authority.unlock(passphrase);
      authority.lock();
      break;
    }
  }
  return openAuthority({ folder, clock, random });
}
