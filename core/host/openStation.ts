// Opens a station that can provision: records under lock, recovery, the unlocked authority, the edge server for proofs, and
// the serial link. Everything is constructed here and handed to the use cases as ports.

import { openIssuingCas } from '../authority/issuing/issuingCas.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import type { Secret } from '../domain/secret.ts';
import type { EdgeServer } from '../edge/edgeServer.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createTranscriptFiles } from '../inventory/transcripts/transcriptFiles.ts';
import { createLink, type OpenTransport } from '../link/driverRegistry.ts';
import type { PortLister } from '../link/serial/portInfo.ts';
import { openSerialTransport } from '../link/serial/serialTransport.ts';
import type { StationPorts } from '../station/ports/all.ts';
import type { RecoveredRun } from '../station/recovery.ts';
import type { DataFolder } from './dataFolder.ts';
import { createDrivers } from './drivers.ts';
import { registerIssuingCas } from './openIssuing.ts';
import { openRecords } from './openRecords.ts';
import { passwordMaker } from './passwords.ts';
import { startEdge } from './startEdge.ts';
import type { StationFacts } from './stationFile.ts';
import { systemRandom } from './systemRandom.ts';

export interface OpenStationRequest {
  readonly folder: DataFolder;
  /** Taken over: wiped when the station is open. */
  readonly passphrase: Secret;
  readonly profilesFolder: string;
  readonly operatorName: string;
  /** How a port is opened; the app gives a pipe to a software device where there is no serial port. */
  readonly openTransport?: OpenTransport;
  /** Where a device that comes back is looked for; the system's ports unless told otherwise. */
  readonly listPorts?: PortLister;
  /** Protects PKCS#12 files, where a target writes them; asked for once a run, which wipes it. */
  readonly filePassphrase?: () => Secret | undefined;
  /** The system's unless told otherwise. */
  readonly clock?: Clock;
  /** Where the edge server listens; loopback and any free port unless told otherwise. */
  readonly edge?: { readonly host?: string; readonly port?: number };
}

export interface OpenedStation {
  readonly facts: StationFacts;
  readonly ports: StationPorts & { readonly inventory: Inventory };
  readonly edgeServer: EdgeServer;
  readonly recovered: readonly RecoveredRun[];
  close(): Promise<void>;
}

export { EDGE_SERVER_NAME } from './startEdge.ts';

export async function openStation(request: OpenStationRequest): Promise<OpenedStation> {
  const { folder, passphrase, profilesFolder, operatorName, openTransport = openSerialTransport } = request;
  const clock = request.clock ?? systemClock;
  const random = systemRandom;
  const records = openRecords(folder, { actor: operatorName, clock });
  try {
    const { inventory, facts } = records;
    const authority = openIssuingCas({ folder: folder.authority, clock, random, openToken: openTokenKey });
    registerIssuingCas(inventory, authority);
    authority.unlock(passphrase);
    const { server: edgeServer, proof: edge } = await startEdge({
      ...{ folder, site: facts.site, inventory, authority, passphrase, profilesFolder, clock, random },
      listen: request.edge,
    });
    return {
      facts,
      ports: {
        authority,
        inventory,
        keys: new StationKeyMaker(),
        passwords: passwordMaker(random),
        edge,
        link: createLink({
          drivers: createDrivers(request.filePassphrase),
          openTransport,
          listPorts: request.listPorts,
        }),
        transcripts: createTranscriptFiles(folder.transcripts, clock),
        clock,
        random,
      },
      edgeServer,
      recovered: records.recovered,
      async close() {
        authority.lock();
        await edgeServer.close();
        records.close();
      },
    };
  } catch (thrown) {
    records.close();
    throw thrown;
  } finally {
    passphrase.wipe();
  }
}
