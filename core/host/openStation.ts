// Opens a station that can provision: records under lock, recovery, the unlocked authority, the edge server for proofs, and
// the serial link. Everything is constructed here and handed to the use cases as ports.

import { openIssuingCas } from '../authority/issuing/issuingCas.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { openTokenKey } from '../authority/pkcs11/tokenKey.ts';
import { loadProfiles, profileNamed } from '../authority/profileStore.ts';
import { type Clock, systemClock } from '../domain/clock.ts';
import { isLive } from '../domain/credential.ts';
import type { Secret } from '../domain/secret.ts';
import type { Admission, Peer } from '../edge/edgeConnection.ts';
import { createEdgeProof } from '../edge/edgeProof.ts';
import { type EdgeServer, startEdgeServer } from '../edge/edgeServer.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createTranscriptFiles } from '../inventory/transcripts/transcriptFiles.ts';
import { createLink, type OpenTransport } from '../link/driverRegistry.ts';
import { openSerialTransport } from '../link/serial/serialTransport.ts';
import { edgeCredentialIsCurrent, issueEdgeCredential } from '../station/edgeCredential.ts';
import type { StationPorts } from '../station/ports/all.ts';
import type { RecoveredRun } from '../station/recovery.ts';
import type { DataFolder } from './dataFolder.ts';
import { drivers } from './drivers.ts';
import { edgeFiles } from './edgeFiles.ts';
import { registerIssuingCas } from './openIssuing.ts';
import { openRecords } from './openRecords.ts';
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

/** The name in the edge server's certificate; the station's own clients ask for it. */
export const EDGE_SERVER_NAME = 'localhost';
const EDGE_PROFILE = 'tls-server';

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
    const keys = new StationKeyMaker();
    const store = edgeFiles(folder.edge, passphrase, random);
    const recorded = { inventory, clock };
    if (!edgeCredentialIsCurrent(recorded, store, EDGE_SERVER_NAME)) {
      const profile = profileNamed(loadProfiles(profilesFolder), EDGE_PROFILE);
      const names = { serverName: EDGE_SERVER_NAME, site: facts.site };
      issueEdgeCredential({ inventory, authority, keys, clock, random }, store, profile, names);
    }
    const { trustBundleDer } = authority;
    const edgeDer = store.certificateDer() ?? new Uint8Array();
    const edgeServer = await startEdgeServer({
      chainDer: [edgeDer, authority.issuerOf(edgeDer)],
      key: store.readKey(),
      trustBundleDer,
      admit: admitFrom(inventory),
      clock,
      ...request.edge,
    });
    const edge = createEdgeProof({
      server: edgeServer,
      serverName: EDGE_SERVER_NAME,
      rootDer: authority.rootDer,
      issuingDer: authority.issuingDer,
      issuerOf: (certificateDer) => authority.issuerOf(certificateDer),
      clock,
      random,
    });
    return {
      facts,
      ports: {
        authority,
        inventory,
        keys,
        edge,
        link: createLink({ drivers, openTransport }),
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

/** The inventory's word on a certificate that the TLS stack has accepted. */
const admitFrom =
  (inventory: Inventory) =>
  (peer: Peer): Admission => {
    const credential = inventory.credentialWithSerial(peer.certificateSerial);
    if (credential?.certificateSha256 !== peer.certificateSha256) return { admitted: false, why: 'unknown' };
    return isLive(credential.state) ? { admitted: true } : { admitted: false, why: 'revoked' };
  };
