// The server certificate of the station's own edge server: made by the same cycle as any other certificate.

import { newCredentialId } from '../domain/ids.ts';
import type { Profile } from '../domain/profile.ts';
import { sha256Hex } from './digest.ts';
import type { StationPorts } from './ports/all.ts';
import type { EdgeCredentialStore } from './ports/edgeCredential.ts';

type EdgeCredentialPorts = Pick<StationPorts, 'inventory' | 'authority' | 'keys' | 'clock' | 'random'>;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Renewed this long before it ends, so that no shift meets an expired edge server. */
const RENEW_BEFORE_MS = 30 * DAY_MS;

/** Whether the stored server certificate is the one on record, alive, and good for a while yet. */
export function edgeCredentialIsCurrent(
  ports: Pick<StationPorts, 'inventory' | 'clock'>,
  store: EdgeCredentialStore,
  serverName: string,
): boolean {
  const stored = store.certificateDer();
  if (stored === undefined) return false;
  const record = ports.inventory.liveEdgeCredential(serverName);
  return (
    record?.certificateSha256 === sha256Hex(stored) &&
    (record.state === 'verified' || record.state === 'sealed') &&
    (record.notAfterMs ?? 0) - ports.clock.nowMs() > RENEW_BEFORE_MS
  );
}

/**
 * Issues a server certificate for `serverName` and stores it with its encrypted key, replacing the one before. The key
 * is on disk before the certificate is signed, so that a power cut leaves no certificate whose key is unknown.
 */
export function issueEdgeCredential(
  ports: EdgeCredentialPorts,
  store: EdgeCredentialStore,
  profile: Profile,
  names: { readonly serverName: string; readonly site: string },
): void {
  const { inventory, authority, clock } = ports;
  const now = (): number => clock.nowMs();
  const credentialId = newCredentialId(ports.random);
  const certificateSerial = authority.reserveCertificateSerial();
  const before = inventory.liveEdgeCredential(names.serverName);
  inventory.reserve({
    credentialId,
    runId: undefined,
    holder: { kind: 'edge-server', serverName: names.serverName },
    certificateSerial,
    profileName: profile.name,
    profileVersion: profile.version,
    atMs: now(),
  });
  const key = ports.keys.generate(profile.keyAlgorithm);
  try {
    store.writeKey(key.privateKeyPkcs8);
    const publicKeySha256 = sha256Hex(key.publicKeySpki);
    inventory.recordKey(credentialId, { publicKeySha256, custody: 'file', atMs: now() });
    const prepared = authority.prepare(
      { profile, certificateSerial, publicKeySpki: key.publicKeySpki, values: { ...names } },
      inventory.newestIssuedAtMs(),
    );
    const { toBeSigned, notBeforeMs, notAfterMs } = prepared;
    inventory.recordPrepared(credentialId, { toBeSigned, notBeforeMs, notAfterMs, atMs: now() });
    const issued = authority.issue(prepared);
    inventory.recordIssued(credentialId, { ...issued, atMs: now(), supersedes: before?.credentialId });
    inventory.recordInstallIntent(credentialId, { certificate: issued.certificateSha256 }, now());
    store.writeCertificate(issued.certificateDer);
    inventory.recordInstalled(credentialId, now());
    inventory.recordVerified(credentialId, now());
  } finally {
    key.privateKeyPkcs8.wipe();
  }
}
