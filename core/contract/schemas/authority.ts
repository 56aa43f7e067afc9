// The local CA as an interface may see it: certificates and counts, never a key.

import { z } from 'zod';
import { atMs, count, type Data, line, recordId, writtenFile } from './common.ts';
import { certificateViewSchema } from './inventory.ts';
import { lockSchema } from './session.ts';

export const serverCertificateSchema = z.strictObject({
  credentialId: recordId,
  serverName: line,
  names: z.array(line).max(40),
  notAfterMs: atMs,
  revoked: z.boolean(),
});

export const authorityViewSchema = z.strictObject({
  lock: lockSchema,
  /** The root first; undefined parts are impossible: without an authority the method fails with `authority_missing`. */
  root: certificateViewSchema,
  issuing: certificateViewSchema,
  issuedCount: count,
  liveCount: count,
  revokedCount: count,
  newestIssuedAtMs: atMs.optional(),
  serverCertificates: z.array(serverCertificateSchema).max(200),
});

export const newServerSchema = z.strictObject({
  /** The first DNS name or address; the rest follow. */
  names: z.array(z.string().trim().min(1).max(253)).min(1).max(20),
  validityDays: z.int().min(1).max(3_650),
});

/** The server's key and chain are written at the station: a private key never crosses the contract. */
export const issuedServerSchema = z.strictObject({
  server: serverCertificateSchema,
  files: z.array(writtenFile).max(6),
});

export type AuthorityView = Data<typeof authorityViewSchema>;
export type ServerCertificate = Data<typeof serverCertificateSchema>;
export type NewServer = Data<typeof newServerSchema>;
