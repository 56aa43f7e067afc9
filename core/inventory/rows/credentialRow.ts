// A row of `credential`.

import { z } from 'zod';
import { type CertificateSerial, isCertificateSerial } from '../../domain/certificateSerial.ts';
import {
  CREDENTIAL_ITEMS,
  type Credential,
  type CredentialState,
  type Holder,
  type KeyCustody,
} from '../../domain/credential.ts';
import { parseDeviceSerial } from '../../domain/device.ts';
import type { CredentialId, RunId, Sha256Hex } from '../../domain/ids.ts';
import { branded, bytes, jsonText, nullable, parsedBy, rowParser, timeMs } from './row.ts';

export const CREDENTIAL_STATES = [
  'reserved',
  'prepared',
  'issued',
  'installed',
  'verified',
  'sealed',
  'voided',
  'revoked',
] as const satisfies readonly CredentialState[];

const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform((text) => text as Sha256Hex);
const storedDigests = z.partialRecord(z.enum(CREDENTIAL_ITEMS), sha256);

export const certificateSerial = z
  .string()
  .refine(isCertificateSerial)
  .transform((text) => text as CertificateSerial);
export const credentialState = z.enum(CREDENTIAL_STATES);

const columns = z.object({
  credential_id: branded<CredentialId>(),
  run_id: nullable(branded<RunId>()),
  device_serial: nullable(parsedBy(parseDeviceSerial)),
  server_name: nullable(z.string()),
  certificate_serial: certificateSerial,
  state: credentialState,
  profile_name: z.string(),
  profile_version: z.int(),
  custody: nullable(z.enum(['on-device', 'station-memory', 'file'] as const satisfies readonly KeyCustody[])),
  public_key_sha256: nullable(sha256),
  to_be_signed: nullable(bytes),
  not_before_ms: nullable(timeMs),
  not_after_ms: nullable(timeMs),
  certificate_der: nullable(bytes),
  certificate_sha256: nullable(sha256),
  stored_digests: nullable(jsonText(storedDigests)),
  reason: nullable(z.string()),
  reserved_at_ms: timeMs,
  changed_at_ms: timeMs,
});

function holderOf(row: z.output<typeof columns>): Holder | undefined {
  if (row.device_serial !== undefined) return { kind: 'device', deviceSerial: row.device_serial };
  if (row.server_name !== undefined) return { kind: 'edge-server', serverName: row.server_name };
  return undefined;
}

export const parseCredentialRow = rowParser(
  'credential',
  'credential_id',
  columns.transform((row, context): Credential => {
    const holder = holderOf(row);
    if (holder === undefined) {
      context.addIssue({ code: 'custom', message: 'no holder' });
      return z.NEVER;
    }
    return {
      credentialId: row.credential_id,
      holder,
      runId: row.run_id,
      certificateSerial: row.certificate_serial,
      state: row.state,
      custody: row.custody,
      profileName: row.profile_name,
      profileVersion: row.profile_version,
      publicKeySha256: row.public_key_sha256,
      toBeSigned: row.to_be_signed,
      certificateDer: row.certificate_der,
      certificateSha256: row.certificate_sha256,
      notBeforeMs: row.not_before_ms,
      notAfterMs: row.not_after_ms,
      storedDigests: row.stored_digests,
      reason: row.reason,
      reservedAtMs: row.reserved_at_ms,
      changedAtMs: row.changed_at_ms,
    };
  }),
);
