// Credentials, one durable step at a time: what is about to happen is recorded before it happens.

import { createHash } from 'node:crypto';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import {
  type Credential,
  type CredentialState,
  type Holder,
  isLive,
  type KeyCustody,
  mayBecome,
  type RevocationReason,
  type StoredDigests,
} from '../../domain/credential.ts';
import type { DeviceSerial } from '../../domain/device.ts';
import type { CredentialId, RunId, Sha256Hex } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { parseCredentialRow } from '../rows/credentialRow.ts';
import { parseNewest } from '../rows/row.ts';
import type { DeviceStore } from './deviceStore.ts';
import type { IssuingCaStore } from './issuingCaStore.ts';
import type { RunStore } from './runStore.ts';

export interface NewCredential {
  readonly credentialId: CredentialId;
  readonly runId: RunId | undefined;
  readonly holder: Holder;
  readonly certificateSerial: CertificateSerial;
  readonly profileName: string;
  readonly profileVersion: number;
  readonly atMs: number;
}

export interface IssuedContent {
  readonly certificateDer: Uint8Array;
  readonly certificateSha256: Sha256Hex;
  readonly atMs: number;
  readonly supersedes?: CredentialId | undefined;
}

/** How a holder is named in the audit log. */
const holderFacts = (holder: Holder): JsonObject =>
  holder.kind === 'device' ? { deviceSerial: holder.deviceSerial } : { serverName: holder.serverName };

const LIVE_SQL = "state IN ('issued', 'installed', 'verified', 'sealed')";

export function createCredentialStore(
  connection: Connection,
  audit: AuditLog,
  devices: DeviceStore,
  runs: RunStore,
  issuingCas: IssuingCaStore,
  actor: () => string,
) {
  const one = (row: unknown): Credential | undefined =>
    row === undefined ? undefined : parseCredentialRow(row);

  const credential = (id: CredentialId): Credential | undefined =>
    one(connection.get('SELECT * FROM credential WHERE credential_id = @id', { id }));

  const liveCredential = (deviceSerial: DeviceSerial): Credential | undefined =>
    one(
      connection.get(`SELECT * FROM credential WHERE device_serial = @deviceSerial AND ${LIVE_SQL}`, {
        deviceSerial,
      }),
    );

  function existing(id: CredentialId): Credential {
    const found = credential(id);
    if (found === undefined) throw new StationError('credential_unknown', { credentialId: id });
    return found;
  }

  /** Who answers for what happens to a credential: while its run is open the run's operator, after that this host's. */
  function actorFor({ runId }: Credential): string {
    const run = runId === undefined ? undefined : runs.run(runId);
    return run === undefined || run.closedAtMs !== undefined ? actor() : run.operatorName;
  }

  /** Moves a credential on, inside the caller's transaction, and sets `columns` to the parameters of the same names. */
  function advance(
    from: Credential,
    state: CredentialState,
    atMs: number,
    columns: Readonly<Record<string, SqlParameters[string]>> = {},
  ): void {
    const { credentialId } = from;
    if (!mayBecome(from.state, state)) {
      throw new StationError('record_refused', {
        credentialId,
        state: from.state,
        wanted: state,
        reason: 'credential-state-order',
      });
    }
    const assignments = Object.keys(columns).map((name) => `, ${name} = @${name}`);
    connection.run(
      `UPDATE credential SET state = @state, changed_at_ms = @atMs${assignments.join('')} WHERE credential_id = @credentialId`,
      { credentialId, state, atMs, ...columns },
    );
  }

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
  function recordKey(
    id: CredentialId,
    key: { readonly publicKeySha256: Sha256Hex; readonly custody: KeyCustody; readonly atMs: number },
  ): void {
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
  function recordPrepared(
    id: CredentialId,
    content: {
      readonly toBeSigned: Uint8Array;
      readonly notBeforeMs: number;
      readonly notAfterMs: number;
      readonly atMs: number;
    },
  ): void {
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
    const { certificateDer, certificateSha256, atMs, supersedes } = issued;
    connection.write('recordIssued', { credentialId: id }, () => {
      if (createHash('sha256').update(certificateDer).digest('hex') !== certificateSha256) {
        throw new StationError('record_refused', { credentialId: id, reason: 'certificate-digest' });
      }
      const found = existing(id);
      supersede(found, supersedes, atMs);
      advance(found, 'issued', atMs, {
        certificate_der: certificateDer,
        certificate_sha256: certificateSha256,
      });
      const { certificateSerial, holder, profileName, profileVersion } = found;
      const details = {
        ...{ credentialId: id, certificateSerial, certificateSha256, profileName, profileVersion },
        ...holderFacts(holder),
        supersedes: supersedes ?? null,
      };
      audit.record({ act: 'credential-issued', actor: actorFor(found), atMs, details });
    });
  }

  function recordInstallIntent(id: CredentialId, digests: StoredDigests, atMs: number): void {
    connection.write('recordInstallIntent', { credentialId: id }, () => {
      const { state } = existing(id);
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
    });
  }

  const step = (what: string, state: CredentialState) => (id: CredentialId, atMs: number) =>
    connection.write(what, { credentialId: id }, () => advance(existing(id), state, atMs));

  function voidCredential(id: CredentialId, reason: string, atMs: number): void {
    connection.write('void', { credentialId: id }, () => {
      const found = existing(id);
      advance(found, 'voided', atMs, { reason });
      if (found.toBeSigned !== undefined) issuingCas.giveBack(found.toBeSigned);
      const details = { credentialId: id, certificateSerial: found.certificateSerial, reason };
      audit.record({ act: 'credential-voided', actor: actorFor(found), atMs, details });
    });
  }

  return {
    reserve,
    recordKey,
    recordPrepared,
    recordIssued,
    recordInstallIntent,
    recordInstalled: step('recordInstalled', 'installed'),
    recordVerified: step('recordVerified', 'verified'),
    recordSealed: step('recordSealed', 'sealed'),
    void: voidCredential,
    revoke: (id: CredentialId, reason: RevocationReason, note: string, atMs: number): void =>
      connection.write('revoke', { credentialId: id }, () => {
        const found = existing(id);
        revokeNow(found, reason, note, actorFor(found), atMs);
      }),
    credential,
    liveCredential,
    liveEdgeCredential: (serverName: string): Credential | undefined =>
      one(
        connection.get(`SELECT * FROM credential WHERE server_name = @serverName AND ${LIVE_SQL}`, {
          serverName,
        }),
      ),
    /** Of edge servers, newest first. */
    edgeCredentials: (limit = 200): readonly Credential[] =>
      connection
        .all(
          `SELECT * FROM credential WHERE holder_kind = 'edge-server' ORDER BY credential_number DESC LIMIT @limit`,
          { limit },
        )
        .map(parseCredentialRow),
    credentialWithSerial: (certificateSerial: string): Credential | undefined =>
      one(
        connection.get('SELECT * FROM credential WHERE certificate_serial = @certificateSerial', {
          certificateSerial,
        }),
      ),
    /** Newest first. */
    credentialsOf: (deviceSerial: DeviceSerial): readonly Credential[] =>
      connection
        .all('SELECT * FROM credential WHERE device_serial = @deviceSerial ORDER BY credential_number DESC', {
          deviceSerial,
        })
        .map(parseCredentialRow),
    newestIssuedAtMs: (): number | undefined =>
      parseNewest(connection.get("SELECT max(at_ms) AS newest FROM credential_step WHERE state = 'issued'")),
    unfinishedCredentials: (): readonly Credential[] =>
      connection
        .all(
          `SELECT * FROM credential WHERE state IN ('reserved', 'prepared', 'issued', 'installed') AND batch_block IS NULL
           ORDER BY credential_number`,
        )
        .map(parseCredentialRow),
  };
}
