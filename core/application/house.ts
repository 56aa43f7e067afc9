// One open station: its records under lock, its issuing CAs (still locked), its bench's memory and its way to the ports.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type IssuingCas, openIssuingCas } from '../authority/issuing/issuingCas.ts';
import { openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import type { Clock } from '../domain/clock.ts';
import type { DeviceSerial } from '../domain/device.ts';
import { settleRestore } from '../host/backup/restore.ts';
import { type DataFolder, dataFolder } from '../host/dataFolder.ts';
import { registerIssuingCas } from '../host/openIssuing.ts';
import { openRecords } from '../host/openRecords.ts';
import { readStationFacts, type StationFacts } from '../host/stationFile.ts';
import { systemRandom } from '../host/systemRandom.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { OpenTransport } from '../link/driverRegistry.ts';
import type { PortLister } from '../link/serial/portInfo.ts';
import type { RecoveredRun } from '../station/recovery.ts';
import { type Desk, deskFile, type Saved } from './deskFile.ts';

/** What stands in for the bench of a practice station. */
export interface PracticeBench {
  readonly listPorts: PortLister;
  readonly openTransport: OpenTransport;
  /** Puts a fresh device into the fixture when another serial is scanned. */
  prepare(portPath: string, deviceSerial: DeviceSerial): void;
  close(): void;
}

export interface House {
  readonly practice: PracticeBench | undefined;
  readonly folder: DataFolder;
  readonly facts: StationFacts;
  readonly inventory: Inventory;
  /** Every issuing CA of the site; another object after {@link House.reopenAuthority}. */
  readonly authority: IssuingCas;
  readonly desk: Saved<Desk>;
  readonly recovered: readonly RecoveredRun[];
  readonly listPorts: PortLister;
  readonly openTransport: OpenTransport;
  /** Takes up what a ceremony added or assigned. Only while nothing uses the one before; the new one is locked. */
  reopenAuthority(): void;
  close(): void;
}

export interface HouseRequest {
  readonly root: string;
  readonly clock: Clock;
  /** Who acts where no run names an operator. */
  readonly actor: () => string;
  readonly listPorts: PortLister;
  readonly openTransport: OpenTransport;
  readonly practice?: PracticeBench;
}

/** Whether a station was made in this folder. Ends a restore that was cut off. */
export function hasStation(root: string): boolean {
  const folder = dataFolder(root);
  settleRestore(folder);
  return readStationFacts(folder.stationFile) !== undefined && existsSync(folder.authority);
}

/** Opens it, with recovery. Errors: those of openRecords and openIssuingCas. */
export function openHouse(request: HouseRequest): House {
  const folder = dataFolder(request.root);
  const { actor, clock } = request;
  const records = openRecords(folder, { actor, clock });
  const openAuthority = (): IssuingCas => {
    const opened = openIssuingCas({
      folder: folder.authority,
      ...{ clock, random: systemRandom, openToken: openTokenKey },
    });
    registerIssuingCas(records.inventory, opened);
    return opened;
  };
  try {
    let authority = openAuthority();
    return {
      practice: request.practice,
      folder,
      facts: records.facts,
      inventory: records.inventory,
      get authority() {
        return authority;
      },
      reopenAuthority() {
        authority.lock();
        authority = openAuthority();
      },
      desk: deskFile(join(folder.root, 'desk.json')),
      recovered: records.recovered,
      listPorts: request.listPorts,
      openTransport: request.openTransport,
      close: records.close,
    };
  } catch (thrown) {
    records.close();
    throw thrown;
  }
}
