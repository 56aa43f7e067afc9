// Credentials, one durable step at a time: what is about to happen is recorded before it happens.

import { createHash } from 'node:crypto';
import type {
  CredentialState,
  IssuedContent,
  NewCredential,
  PreparedContent,
  RecordedKey,
  StoredDigests,
} from '../../domain/credential.ts';
import type { CredentialId } from '../../domain/ids.ts';
import type { PasswordUser } from '../../domain/password.ts';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { createCredentialQueries } from '../queries/credentials.ts';
import { createCredentialEnd } from './credentialEnd.ts';
import { createCredentialState, holderFacts } from './credentialState.ts';
import type { DeviceStore } from './deviceStore.ts';
import type { IssuingCaStore } from './issuingCaStore.ts';
import type { PasswordStore } from './passwordStore.ts';
import type { RunStore } from './runStore.ts';

export function createCredentialStore(
  connection: Connection,
  audit: AuditLog,
  devices: DeviceStore,
  runs: RunStore,
  issuingCas: IssuingCaStore,
  passwords: PasswordStore,
  actor: () => string,
) {
  const queries = createCredentialQueries(connection);
  const state = createCredentialState(connection, queries, runs, actor);
  const end = createCredentialEnd(connection, audit, queries, state, issuingCas);
  const { existing, actorFor, advance } = state;

  /** `record_refused` when the certificate serial was used before; `device_unknown` before the device was identified. */
  function reserve(reserved: NewCredential): void {
    const { credentialId, runId, holder, certificateSerial, profileName, profileVersion, atMs } = reserved;
    connection.write('reserve', { credentialId }, () => {
      if (
        holder.kind === 'device' &&
        devices.device(holder.deviceSerial)?.deviceSerial !== holder.deviceSerial
      ) {
        throw new StationError('device_unknown', { deviceSerial: holder.deviceSerial });
      }
      connection.run(
        `INSERT INTO credential (credential_id, run_id, holder_kind, device_serial, server_name, certificate_serial,
           state, profile_name, profile_version, reserved_at_ms, changed_at_ms)
         VALUES (@credentialId, @runId, @kind, @deviceSerial, @serverName, @certificateSerial,
           'reserved', @profileName, @profileVersion, @atMs, @atMs)`,
        {
          ...{ credentialId, runId, certificateSerial, profileName, profileVersion, atMs, kind: holder.kind },
          deviceSerial: holder.kind === 'device' ? holder.deviceSerial : undefined,
          serverName: holder.kind === 'edge-server' ? holder.serverName : undefined,
        },
      );
    });
  }

  /** Once, while reserved. */
  function recordKey(id: CredentialId, key: RecordedKey): void {
    connection.write('recordKey', { credentialId: id }, () => {
      const { state, publicKeySha256 } = existing(id);
      if (state !== 'reserved' || publicKeySha256 !== undefined) {
        throw new StationError('record_refused', { credentialId: id, state, reason: 'key-is-not-awaited' });
      }
      connection.run(
        `UPDATE credential SET public_key_sha256 = @publicKeySha256, custody = @custody, changed_at_ms = @atMs
         WHERE credential_id = @id`,
        { id, ...key },
      );
    });
  }

  /** Throws `issuing_quota_reached` or `issuing_ca_ended` where the issuing CA may sign no more. */
  function recordPrepared(id: CredentialId, content: PreparedContent): void {
    const { toBeSigned, notBeforeMs, notAfterMs, atMs } = content;
    connection.write('recordPrepared', { credentialId: id }, () => {
      issuingCas.use(toBeSigned, atMs);
      advance(existing(id), 'prepared', atMs, {
        to_be_signed: toBeSigned,
        not_before_ms: notBeforeMs,
        not_after_ms: notAfterMs,
      });
    });
  }

  /** Refuses a certificate that does not contain what was prepared, octet for octet, or does not have its digest. */
  function recordIssued(id: CredentialId, issued: IssuedContent): void {
    const { certificateDer, certificateSha256, atMs, supersedes, keepsPassword } = issued;
    connection.write('recordIssued', { credentialId: id }, () => {
      if (createHash('sha256').update(certificateDer).digest('hex') !== certificateSha256) {
        throw new StationError('record_refused', { credentialId: id, reason: 'certificate-digest' });
      }
      const found = existing(id);
      end.supersede(found, supersedes, atMs);
      advance(found, 'issued', atMs, {
        certificate_der: certificateDer,
        certificate_sha256: certificateSha256,
      });
      if (supersedes !== undefined && keepsPassword === true) passwords.handOver(supersedes, id);
      const { certificateSerial, holder, profileName, profileVersion } = found;
      const details = {
        ...{ credentialId: id, certificateSerial, certificateSha256, profileName, profileVersion },
        ...holderFacts(holder),
        supersedes: supersedes ?? null,
      };
      audit.record({ act: 'credential-issued', actor: actorFor(found), atMs, details });
    });
  }

  function recordInstallIntent(
    id: CredentialId,
    digests: StoredDigests,
    atMs: number,
    user?: PasswordUser,
  ): void {
    connection.write('recordInstallIntent', { credentialId: id }, () => {
      const found = existing(id);
      const { state } = found;
      if (state !== 'issued') {
        throw new StationError('record_refused', {
          credentialId: id,
          state,
          reason: 'install-is-not-awaited',
        });
      }
      connection.run(
        'UPDATE credential SET stored_digests = @digests, changed_at_ms = @atMs WHERE credential_id = @id',
        { id, digests: JSON.stringify(digests), atMs },
      );
      if (user === undefined) return;
      const orderId = found.runId && runs.run(found.runId)?.orderId;
      passwords.put(user, { orderId, credentialId: id, by: actorFor(found), atMs });
    });
  }

  const step = (what: string, state: CredentialState) => (id: CredentialId, atMs: number) =>
    connection.write(what, { credentialId: id }, () => advance(existing(id), state, atMs));

  return {
    ...queries,
    reserve,
    recordKey,
    recordPrepared,
    recordIssued,
    recordInstallIntent,
    recordInstalled: step('recordInstalled', 'installed'),
    recordVerified: step('recordVerified', 'verified'),
    recordSealed: step('recordSealed', 'sealed'),
    void: end.void,
    revoke: end.revoke,
  };
}
