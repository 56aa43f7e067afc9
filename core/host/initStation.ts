// Makes a station in an empty data folder. The authority's folder appears last and at once: until then an interrupted
// ceremony is simply begun again, afterwards it is refused.

import { existsSync, mkdirSync } from 'node:fs';
import { openAuthority } from '../authority/authority.ts';
import { createAuthority } from '../authority/ceremony.ts';
import { installImported } from '../authority/import/offlineCeremony.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import { storageErrors } from '../disk/storageErrors.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { newStationId } from '../domain/ids.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { acquireStationLock } from '../inventory/database/stationLock.ts';
import { type Inventory, openInventory } from '../inventory/inventory.ts';
import { settleRestore } from './backup/restore.ts';
import type { DataFolder } from './dataFolder.ts';
import { readExistingAuthority } from './existingAuthority.ts';
import { checkStationFacts, readStationFacts, type StationFacts, writeStationFacts } from './stationFile.ts';

/** Where the authority comes from: a ceremony here, one made elsewhere, or one that stands in the folder already. */
export type AuthoritySource =
  | { readonly kind: 'create'; readonly organisation: string }
  | {
      readonly kind: 'import';
      readonly files: readonly Uint8Array[];
      /** Opens the files; lent. */
      readonly filesPassphrase: Secret | undefined;
    }
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

/**
 * Makes a station, or completes one whose making was cut off. Errors: `authority_exists`, `passphrase_weak`,
 * `passphrase_wrong` (the cut came late: the authority is there under another one), `name_value_invalid`,
 * `value_invalid`, `station_locked`, and those of the disk.
 */
export function initStation(request: InitRequest): MadeStation {
  const { folder, site, name, operatorName, clock } = request;
  const source = request.authority ?? { kind: 'create', organisation: site };
  storageErrors(folder.root, () => mkdirSync(folder.root, { recursive: true, mode: 0o700 }));
  settleRestore(folder, clock);
  const lock = acquireStationLock(folder.root, clock.nowMs());
  try {
    const begun = readStationFacts(folder.stationFile);
    if (source.kind !== 'existing' && existsSync(folder.authority)) return completeStation(request, begun);
    const kept = source.kind === 'existing' ? begun : undefined;
    const names = { name: kept?.name ?? name, site: kept?.site ?? site };
    const wanted = {
      stationId: begun?.stationId ?? newStationId(request.random),
      createdAtMs: begun?.createdAtMs ?? clock.nowMs(),
    };
    checkStationFacts({ ...wanted, ...names });
    const inventory = openInventory({ path: folder.inventory, station: wanted, actor: operatorName });
    try {
      // The inventory's own word, should an earlier attempt have ended between the two files.
      const { stationId, createdAtMs } = inventory.station;
      const facts = { stationId, ...names, createdAtMs };
      storageErrors(folder.root, () => writeStationFacts(folder.stationFile, facts));
      establish(source, request);
      return recordAuthority(request, facts, inventory, ACTS[source.kind]);
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

/** For an authority that stands already, the passphrase must open it. */
function establish(source: AuthoritySource, request: InitRequest): void {
  const { passphrase, clock, random } = request;
  const folder = request.folder.authority;
  switch (source.kind) {
    case 'create':
      createAuthority({ folder, passphrase, site: source.organisation, clock, random });
      return;
    case 'import': {
      const { files, filesPassphrase } = source;
      const imported = readExistingAuthority({ files, passphrase: filesPassphrase, nowMs: clock.nowMs() });
      installImported({ folder, clock, random }, passphrase, imported);
      return;
    }
    case 'existing': {
      const authority = openAuthority({ folder, clock, random });
      authority.unlock(passphrase);
      authority.lock();
      return;
    }
  }
}

/** The authority is there: refuses, unless all that is missing is the record of its making, and whoever asks may have it. */
function completeStation(request: InitRequest, facts: StationFacts | undefined): MadeStation {
  const { folder, site, name, passphrase, operatorName, clock, random } = request;
  const exists = new StationError('authority_exists', { path: folder.authority });
  if (facts?.site !== site || facts.name !== name) throw exists;
  const inventory = openInventory({ path: folder.inventory, actor: operatorName });
  try {
    if (isAuthorityRecorded(inventory)) throw exists;
    const authority = openAuthority({ folder: folder.authority, clock, random });
    authority.unlock(passphrase);
    authority.lock();
    return recordAuthority(request, facts, inventory, ACTS.create);
  } finally {
    inventory.close();
  }
}

/** The ceremony's entry is the second of every chain, after the station's own. */
const isAuthorityRecorded = (inventory: Inventory): boolean =>
  inventory.auditEntries(0, 2).some((entry) => entry.act.startsWith('authority-'));

function recordAuthority(
  request: InitRequest,
  facts: StationFacts,
  inventory: Inventory,
  act: (typeof ACTS)[AuthoritySource['kind']],
): MadeStation {
  const { folder, operatorName, clock, random } = request;
  const authority = openAuthority({ folder: folder.authority, clock, random });
  const rootSha256 = sha256Hex(authority.rootDer);
  const issuingSha256 = sha256Hex(authority.issuingDer);
  inventory.append({
    act,
    actor: operatorName,
    atMs: clock.nowMs(),
    details: { site: facts.site, rootSha256, issuingSha256 },
  });
  return { ...facts, rootSha256, issuingSha256 };
}
