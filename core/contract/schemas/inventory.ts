// The records: devices, credentials, runs, transcripts, and the audit log.

import { z } from 'zod';
import { REVOCATION_REASONS } from '../../domain/credential.ts';
import { checksSchema } from './bays.ts';
import {
  atMs,
  bayName,
  count,
  type Data,
  deviceSerial,
  failureSchema,
  jsonObject,
  line,
  outcomeSchema,
  page,
  period,
  personName,
  phaseSchema,
  recordId,
  sha256,
} from './common.ts';

export const CREDENTIAL_STATES = [
  'reserved',
  'prepared',
  'issued',
  'installed',
  'verified',
  'sealed',
  'voided',
  'revoked',
] as const;
export const credentialStateSchema = z.enum(CREDENTIAL_STATES);

export const inventoryFilterSchema = z.strictObject({
  /** Part of a device serial, hardware id or certificate serial. */
  search: z.string().max(80).optional(),
  states: z.array(credentialStateSchema).max(8).optional(),
  orderId: recordId.optional(),
  targetName: line.optional(),
  ...period,
});

export const INVENTORY_SORTS = ['changed', 'deviceSerial', 'expiry'] as const;
export const inventoryQuerySchema = z.strictObject({
  filter: inventoryFilterSchema,
  sort: z.enum(INVENTORY_SORTS),
  descending: z.boolean(),
  ...page,
});

/** A device with its newest credential. */
export const inventoryRowSchema = z.strictObject({
  deviceSerial,
  hardwareId: line.optional(),
  targetName: line,
  orderName: line.optional(),
  /** Undefined: never got as far as a credential. */
  state: credentialStateSchema.optional(),
  certificateSerial: line.optional(),
  notAfterMs: atMs.optional(),
  changedAtMs: atMs,
  runs: count,
});

export const inventoryPageSchema = z.strictObject({
  total: count,
  rows: z.array(inventoryRowSchema).max(page.limit.maxValue ?? 500),
});

/** A certificate, decoded for reading. */
export const certificateViewSchema = z.strictObject({
  subject: z.string().max(600),
  issuer: z.string().max(600),
  certificateSerial: line,
  notBeforeMs: atMs,
  /** Undefined: no well-defined expiration (RFC 5280 4.1.2.5). */
  notAfterMs: atMs.optional(),
  keyAlgorithm: line,
  signatureAlgorithm: line,
  keyUsage: z.array(line).max(12),
  extendedKeyUsage: z.array(line).max(12),
  subjectAltName: z.array(z.string().max(300)).max(40),
  /** SHA-256 of the certificate's DER. */
  sha256,
  /** SHA-256 of the SubjectPublicKeyInfo. */
  publicKeySha256: sha256,
  pem: z.string().max(20_000),
});

export const credentialViewSchema = z.strictObject({
  credentialId: recordId,
  state: credentialStateSchema,
  custody: z.enum(['on-device', 'station-memory', 'file']).optional(),
  profileName: line,
  profileVersion: z.int(),
  certificateSerial: line,
  reservedAtMs: atMs,
  changedAtMs: atMs,
  /** Why it was voided or revoked. */
  reason: z.string().max(400).optional(),
  /** The leaf first, the root last; empty until it was issued. */
  chain: z.array(certificateViewSchema).max(4),
});

export const phaseRecordSchema = z.strictObject({
  phase: phaseSchema,
  startedAtMs: atMs,
  endedAtMs: atMs.optional(),
  outcome: outcomeSchema.optional(),
  evidence: jsonObject.optional(),
});

export const runRecordSchema = z.strictObject({
  runId: recordId,
  deviceSerial,
  orderName: line.optional(),
  bayName,
  portPath: line,
  operatorName: personName,
  profileName: line,
  profileVersion: z.int(),
  credentialId: recordId.optional(),
  startedAtMs: atMs,
  closedAtMs: atMs.optional(),
  outcome: outcomeSchema.optional(),
  failure: failureSchema.optional(),
  checks: checksSchema.optional(),
  /** Answers of the device that were garbled and asked for a second time. */
  askedAgain: z.int().min(0),
  phases: z.array(phaseRecordSchema).max(10),
});

export const devicePageSchema = z.strictObject({
  deviceSerial,
  hardwareId: line.optional(),
  targetName: line,
  firmware: line.optional(),
  firstSeenAtMs: atMs,
  /** Where its password is, while one may be used: in the device, by a run, or on a label. */
  password: z.enum(['label', 'device']).optional(),
  /** Newest first. */
  credentials: z.array(credentialViewSchema).max(50),
  runs: z.array(runRecordSchema).max(100),
});

export const transcriptLineSchema = z.strictObject({
  atMs,
  direction: z.enum(['to-device', 'from-device', 'note']),
  /** What was secret is already blacked out. */
  text: z.string().max(8_000),
});

export const revocationSchema = z.strictObject({
  credentialId: recordId,
  reason: z.enum(REVOCATION_REASONS),
  note: z.string().trim().min(1).max(400),
});

export const auditEntrySchema = z.strictObject({
  sequence: z.int().min(1),
  atMs,
  act: line,
  actor: line,
  details: jsonObject,
  sha256,
});

export const auditQuerySchema = z.strictObject({
  search: z.string().max(80).optional(),
  act: line.optional(),
  actor: line.optional(),
  ...period,
  ...page,
});

export const auditPageSchema = z.strictObject({
  total: count,
  /** Newest first. */
  entries: z.array(auditEntrySchema).max(page.limit.maxValue ?? 500),
  /** What the filters may name. */
  acts: z.array(line).max(200),
  actors: z.array(line).max(500),
});

export const auditVerdictSchema = z.strictObject({
  intact: z.boolean(),
  entries: count,
  firstBrokenSequence: z.int().optional(),
  headSha256: sha256.optional(),
  checkedAtMs: atMs,
});

export type CredentialStateName = z.infer<typeof credentialStateSchema>;
export type InventoryFilter = Data<typeof inventoryFilterSchema>;
export type InventoryQuery = Data<typeof inventoryQuerySchema>;
export type InventoryRow = Data<typeof inventoryRowSchema>;
export type InventoryPage = Data<typeof inventoryPageSchema>;
export type CertificateView = Data<typeof certificateViewSchema>;
export type CredentialView = Data<typeof credentialViewSchema>;
export type RunRecord = Data<typeof runRecordSchema>;
export type DevicePage = Data<typeof devicePageSchema>;
export type TranscriptLine = Data<typeof transcriptLineSchema>;
export type AuditEntry = Data<typeof auditEntrySchema>;
export type AuditQuery = Data<typeof auditQuerySchema>;
export type AuditPage = Data<typeof auditPageSchema>;
export type AuditVerdict = Data<typeof auditVerdictSchema>;
