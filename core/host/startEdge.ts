// The station's own edge server and the proof against it: needs the unlocked authority and, for the server's key, the
// passphrase.

import type { IssuingCas } from '../authority/issuing/issuingCas.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { loadProfiles, profileNamed } from '../authority/profileStore.ts';
import { type Clock, monotonicClock, type Random } from '../domain/clock.ts';
import { isLive } from '../domain/credential.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import type { Admission, Peer } from '../edge/edgeConnection.ts';
import { createEdgeProof, type EdgeProof } from '../edge/edgeProof.ts';
import { type EdgeServer, startEdgeServer } from '../edge/edgeServer.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { edgeCredentialIsCurrent, issueEdgeCredential } from '../station/edgeCredential.ts';
import type { AuthorityPort } from '../station/ports/authority.ts';
import type { DataFolder } from './dataFolder.ts';
import { edgeFiles } from './edgeFiles.ts';

/** The name in the edge server's certificate; the station's own clients ask for it. */
export const EDGE_SERVER_NAME = 'localhost';
export const EDGE_PROFILE = 'tls-server';

export interface EdgeRequest {
  readonly folder: DataFolder;
  readonly site: string;
  readonly inventory: Inventory;
  /** Unlocked; one issuing CA, or all of the site's. */
  readonly authority: AuthorityPort &
    Partial<Pick<IssuingCas, 'trustBundleDer' | 'issuerOf' | 'isIssuerRevoked'>>;
  /** Lent: the caller wipes it. */
  readonly passphrase: Secret;
  readonly profilesFolder: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Where it listens; loopback and any free port unless told otherwise. */
  readonly listen?: { readonly host?: string; readonly port?: number } | undefined;
}

export interface StartedEdge {
  readonly server: EdgeServer;
  readonly proof: EdgeProof;
}

/** Renews the server's certificate where needed and starts the server. Errors: `edge_unavailable` and the authority's. */
export async function startEdge(request: EdgeRequest): Promise<StartedEdge> {
  const { folder, site, inventory, authority, passphrase, clock, random } = request;
  const store = edgeFiles(folder.edge, passphrase, random);
  const isIssuerRevoked = (certificateDer: Uint8Array): boolean =>
    authority.isIssuerRevoked?.(certificateDer) === true;
  const isCurrent =
    edgeCredentialIsCurrent({ inventory, clock }, store, EDGE_SERVER_NAME) &&
    !isIssuerRevoked(store.certificateDer() ?? new Uint8Array());
  let key = isCurrent ? store.keyOfCertificate() : undefined;
  if (key === undefined) {
    const profile = profileNamed(loadProfiles(request.profilesFolder), EDGE_PROFILE);
    const ports = { inventory, authority, keys: new StationKeyMaker(), clock, random };
    issueEdgeCredential(ports, store, profile, { serverName: EDGE_SERVER_NAME, site });
    key = store.keyOfCertificate();
  }
  if (key === undefined) throw new StationError('edge_unavailable', { reason: 'server-credential' });
  const { rootDer, issuingDer } = authority;
  const issuerOf = (certificateDer: Uint8Array): Uint8Array =>
    authority.issuerOf?.(certificateDer) ?? issuingDer;
  const edgeDer = store.certificateDer() ?? new Uint8Array();
  const server = await startEdgeServer({
    chainDer: [edgeDer, issuerOf(edgeDer)],
    key,
    trustBundleDer: authority.trustBundleDer ?? [rootDer, issuingDer],
    admit: admitFrom(inventory, isIssuerRevoked),
    clock: monotonicClock,
    ...request.listen,
  });
  const proof = createEdgeProof({
    server,
    serverName: EDGE_SERVER_NAME,
    rootDer,
    issuingDer,
    issuerOf,
    clock: monotonicClock,
    random,
  });
  return { server, proof };
}

/**
 * The records' word on a certificate that the TLS stack has accepted. TLS alone admits what a revoked issuing CA signed, for
 * the device sends that CA's certificate along and the root is trusted.
 */
const admitFrom =
  (inventory: Inventory, isIssuerRevoked: (certificateDer: Uint8Array) => boolean) =>
  (peer: Peer): Admission => {
    const credential = inventory.credentialWithSerial(peer.certificateSerial);
    if (credential?.certificateSha256 !== peer.certificateSha256) return { admitted: false, why: 'unknown' };
    return isLive(credential.state) && !isIssuerRevoked(peer.certificateDer)
      ? { admitted: true }
      : { admitted: false, why: 'revoked' };
  };
