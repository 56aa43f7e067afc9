// How a credential ends: voided while nothing is signed, revoked afterwards, superseded by its holder's next one.

import { type Credential, isLive, type RevocationReason } from '../../domain/credential.ts';
import type { CredentialId } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import type { CredentialQueries } from '../queries/credentials.ts';
import { type CredentialStateStore, holderFacts } from './credentialState.ts';
import type { IssuingCaStore } from './issuingCaStore.ts';

export function createCredentialEnd(
  connection: Connection,
  audit: AuditLog,
  { liveCredential }: CredentialQueries,
  { existing, actorFor, advance }: CredentialStateStore,
  issuingCas: IssuingCaStore,
) {
  /** Revokes inside the caller's transaction; `credential_not_live`. */
  function revokeNow(
    found: Credential,
    reason: RevocationReason,
    note: string,
    by: string,
    atMs: number,
  ): void {
    const { credentialId, certificateSerial, holder, state } = found;
    if (!isLive(state)) throw new StationError('credential_not_live', { credentialId, state });
    advance(found, 'revoked', atMs, { reason, note });
    const details = { credentialId, certificateSerial, ...holderFacts(holder), reason, note };
    audit.record({ act: 'credential-revoked', actor: by, atMs, details });
  }

  /**
   * Makes room for a successor. One that is no longer live needs nothing; another holder's is refused, and so is a live
   * credential that the caller did not name (`already_provisioned`).
   */
  function supersede(successor: Credential, supersedes: CredentialId | undefined, atMs: number): void {
    const { credentialId, holder } = successor;
    if (supersedes !== undefined) {
      const old = existing(supersedes);
      if (JSON.stringify(old.holder) !== JSON.stringify(holder)) {
        throw new StationError('record_refused', { credentialId, supersedes, reason: 'another-holder' });
      }
      if (isLive(old.state))
        revokeNow(old, 'superseded', `superseded by ${credentialId}`, actorFor(successor), atMs);
    }
    const live = holder.kind === 'device' ? liveCredential(holder.deviceSerial) : undefined;
    if (live !== undefined) {
      throw new StationError('already_provisioned', {
        ...holderFacts(holder),
        credentialId: live.credentialId,
      });
    }
  }

  function voidCredential(id: CredentialId, reason: string, atMs: number): void {
    connection.write('void', { credentialId: id }, () => {
      const found = existing(id);
      advance(found, 'voided', atMs, { reason });
      if (found.toBeSigned !== undefined) issuingCas.giveBack(found.toBeSigned);
      const details = { credentialId: id, certificateSerial: found.certificateSerial, reason };
      audit.record({ act: 'credential-voided', actor: actorFor(found), atMs, details });
    });
  }

  const revoke = (id: CredentialId, reason: RevocationReason, note: string, atMs: number): void =>
    connection.write('revoke', { credentialId: id }, () => {
      const found = existing(id);
      revokeNow(found, reason, note, actorFor(found), atMs);
    });

  return { supersede, void: voidCredential, revoke };
}
