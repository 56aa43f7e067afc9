// Issuing without a run: for a request that somebody brings, or into files. The same cycle as for a device in a bay, with
// the same durable steps; what is handed over as a file counts as installed, and proof is the request's own signature.

import type { IssuedCertificate } from '../domain/certificate.ts';
import type { CertificateSerial } from '../domain/certificateSerial.ts';
import type { Credential, Holder, KeyCustody, RevocationReason } from '../domain/credential.ts';
import { newCredentialId } from '../domain/ids.ts';
import type { PatternValues, Profile } from '../domain/profile.ts';
import { sha256Hex } from './digest.ts';
import type { StationPorts } from './ports/all.ts';

export interface IssueRequest {
  readonly holder: Holder;
  readonly profile: Profile;
  readonly values: PatternValues;
  readonly publicKeySpki: Uint8Array;
  readonly custody: KeyCustody;
  /** The credential that this one takes the place of. */
  readonly supersedes?: Credential | undefined;
  /** Revoked for this reason first, instead of being superseded when the new one is there. */
  readonly revokeFirst?: RevocationReason | undefined;
  readonly operatorName: string;
  /** Puts the certificate where it belongs, durably, before it counts as installed. */
  store(issued: IssuedCertificate): void;
}

export interface IssuedCredential extends IssuedCertificate {
  readonly certificateSerial: CertificateSerial;
}

type IssuePorts = Pick<StationPorts, 'inventory' | 'authority' | 'clock' | 'random'>;

/** Throws what the authority and the records throw; a power cut anywhere leaves a credential that recovery decides on. */
export function issueCredential(ports: IssuePorts, request: IssueRequest): IssuedCredential {
  const { inventory, authority, clock } = ports;
  const { holder, profile, values, publicKeySpki, custody, supersedes, revokeFirst } = request;
  const now = (): number => clock.nowMs();
  if (supersedes !== undefined && revokeFirst !== undefined) {
    inventory.revoke(supersedes.credentialId, revokeFirst, `by ${request.operatorName}`, now());
  }
  const credentialId = newCredentialId(ports.random);
  const certificateSerial = authority.reserveCertificateSerial();
  inventory.reserve({
    ...{ credentialId, runId: undefined, holder, certificateSerial },
    profileName: profile.name,
    profileVersion: profile.version,
    atMs: now(),
  });
  try {
    inventory.recordKey(credentialId, { publicKeySha256: sha256Hex(publicKeySpki), custody, atMs: now() });
    const prepared = authority.prepare(
      { profile, certificateSerial, publicKeySpki, values },
      inventory.newestIssuedAtMs(),
    );
    const { toBeSigned, notBeforeMs, notAfterMs } = prepared;
    inventory.recordPrepared(credentialId, { toBeSigned, notBeforeMs, notAfterMs, atMs: now() });
    const issued = authority.issue(prepared);
    const { certificateDer, certificateSha256 } = issued;
    inventory.recordIssued(credentialId, {
      ...{ certificateDer, certificateSha256, atMs: now() },
      supersedes: revokeFirst === undefined ? supersedes?.credentialId : undefined,
      keepsPassword: true,
    });
    inventory.recordInstallIntent(credentialId, { certificate: certificateSha256 }, now());
    request.store(issued);
    inventory.recordInstalled(credentialId, now());
    inventory.recordVerified(credentialId, now());
    return { ...issued, certificateSerial };
  } catch (thrown) {
    const { state } = inventory.credential(credentialId) ?? {};
    if (state === 'reserved' || state === 'prepared') inventory.void(credentialId, 'refused', now());
    if (state === 'issued' || state === 'installed') {
      inventory.revoke(credentialId, 'cessationOfOperation', 'not handed over', now());
    }
    throw thrown;
  }
}
