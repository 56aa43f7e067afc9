// The station's own edge server and the proof against it: needs the unlocked authority and, for the server's key, the
// passphrase.

import { decideNames } from '../authority/content.ts';
import type { IssuingCas } from '../authority/issuing/issuingCas.ts';
import { permittedNames } from '../authority/issuing/nameConstraints.ts';
import { StationKeyMaker } from '../authority/keys.ts';
import { loadProfiles, profileNamed } from '../authority/profileStore.ts';
import type { AltName } from '../authority/x509/subjectAltName.ts';
import { type Clock, monotonicClock, type Random } from '../domain/clock.ts';
import { isLive } from '../domain/credential.ts';
import type { PatternValues, Profile } from '../domain/profile.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { bearsServerName } from '../edge/edgeClient.ts';
import type { Admission, Peer } from '../edge/edgeConnection.ts';
import { createEdgeProof, type EdgeProof } from '../edge/edgeProof.ts';
import { type EdgeServer, startEdgeServer } from '../edge/edgeServer.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { edgeCredentialIsCurrent, issueEdgeCredential } from '../station/edgeCredential.ts';
import type { AuthorityPort } from '../station/ports/authority.ts';
import type { DataFolder } from './dataFolder.ts';
import { edgeFiles } from './edgeFiles.ts';

/** The name of the edge server in the records, and in its certificate where its CA may sign for it. */
export const EDGE_SERVER_NAME = 'localhost';
/** What the station's own client asks for: the first of them that the certificate bears. */
const ASKED_FOR = [EDGE_SERVER_NAME, '127.0.0.1', '::1'];
export const EDGE_PROFILE = 'tls-server';

export interface EdgeRequest {
  readonly folder: DataFolder;
  readonly site: string;
  readonly inventory: Inventory;
  /** Unlocked; one issuing CA, or all of the site's. */
  readonly authority: AuthorityPort &
    Partial<Pick<IssuingCas, 'trustBundleDer' | 'issuerOf' | 'isIssuerRevoked' | 'forProfile'>>;
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
    const names = { serverName: EDGE_SERVER_NAME, site };
    const caDer = (authority.forProfile?.(EDGE_PROFILE) ?? authority).issuingDer;
    const profile = profileNamed(loadProfiles(request.profilesFolder), EDGE_PROFILE);
    const ports = { inventory, authority, keys: new StationKeyMaker(), clock, random };
    issueEdgeCredential(ports, store, permittedProfile(profile, names, caDer), names);
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
    serverName: ASKED_FOR.find((name) => bearsServerName(name, edgeDer)) ?? EDGE_SERVER_NAME,
    rootDer,
    issuingDer,
    issuerOf,
    clock: monotonicClock,
    random,
  });
  return { server, proof };
}

/** A CA that is bound to its own domain may not sign for localhost; the loopback addresses name the server as well. */
function permittedProfile(profile: Profile, values: PatternValues, caDer: Uint8Array): Profile {
  const permitted = permittedNames(decideNames(profile, values).altNames, caDer);
  const valuesOf = (wanted: AltName['kind']): string[] =>
    permitted.flatMap(({ kind, value }) => (kind === wanted ? [value] : []));
  const [dnsNames, ipAddresses] = [valuesOf('dns'), valuesOf('ip')];
  // Refused with the profile's own names, so that the refusal says which.
  if (dnsNames.length + ipAddresses.length === 0) return profile;
  return { ...profile, subjectAltName: { ...profile.subjectAltName, dnsNames, ipAddresses } };
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
