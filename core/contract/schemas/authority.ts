// The local CA as an interface may see it: certificates and counts, never a key.

import { z } from 'zod';
import { REVOCATION_REASONS } from '../../domain/credential.ts';
import { TRUST_CONSUMER_NAMES } from '../../domain/trustConsumer.ts';
import { atMs, count, type Data, failureSchema, line, passphrase, recordId, writtenFiles } from './common.ts';
import { certificateViewSchema } from './inventory.ts';
import { lockSchema } from './session.ts';

export const serverCertificateSchema = z.strictObject({
  credentialId: recordId,
  serverName: line,
  names: z.array(line).max(40),
  notAfterMs: atMs,
  revoked: z.boolean(),
});

/** `1`, `2` …: the order in which the issuing CAs came. */
export const caLabel = z.string().regex(/^[1-9]\d{0,3}$/);

export const issuingCaSchema = z.strictObject({
  label: caLabel,
  certificate: certificateViewSchema,
  /** Signs whatever no other one is assigned to. */
  active: z.boolean(),
  /** Profiles that it signs though another is active. */
  profiles: z.array(line).max(200),
  custody: z.enum(['file', 'token']),
  /** Certificates signed or promised. */
  used: count,
  quota: count.optional(),
  /** Nothing is signed after this, though its certificate may last longer. */
  endsAtMs: atMs.optional(),
  /** For good: it signs nothing more, and servers with the new lists refuse its devices. */
  revoked: z.boolean(),
});

/** What a further issuing CA is called. */
export const newCaSchema = z.strictObject({
  passphrase,
  /** The site's name and a number, where it is left out. */
  commonName: z.string().trim().min(1).max(64).optional(),
  /** Makes it a Matter PAI of this vendor; the station decides whether the ids are such. */
  matter: z.strictObject({ vendorId: line, productId: line.optional() }).optional(),
});
export const rollOverSchema = newCaSchema.extend({
  /** It signs for this profile only. Left out: every profile that was not given to another. */
  profileName: line.optional(),
});
/** The request, written as a file. */
export const requestedCaSchema = writtenFiles.extend({ label: caLabel });
export const caAssignmentSchema = z.strictObject({
  label: caLabel,
  /** Left out: every profile. */
  profileName: line.optional(),
});
export const caLimitsSchema = z.strictObject({
  label: caLabel,
  quota: z.int().min(0).max(1_000_000_000).optional(),
  endsAtMs: atMs.optional(),
});

export const caRevocationSchema = z.strictObject({
  label: caLabel,
  reason: z.enum(REVOCATION_REASONS),
  passphrase,
});
/** The new lists as files; where the root's key is elsewhere, the certificate that its machine needs. */
export const revokedCaSchema = writtenFiles.extend({
  /** Why the root's list does not name it yet: `root_elsewhere`, `passphrase_wrong`, `passphrase_delayed`. */
  unlisted: failureSchema.optional(),
});

export const authorityViewSchema = z.strictObject({
  lock: lockSchema,
  /** The root first; undefined parts are impossible: without an authority the method fails with `authority_missing`. */
  root: certificateViewSchema,
  /** The active one. */
  issuing: certificateViewSchema,
  issuingCas: z.array(issuingCaSchema).max(100),
  /** Of further ones, on their way to the root's machine. */
  requests: z.array(z.strictObject({ label: caLabel, subject: z.string().max(600) })).max(100),
  /** Whether the first root's key is on this station. */
  rootHere: z.boolean(),
  issuedCount: count,
  liveCount: count,
  revokedCount: count,
  newestIssuedAtMs: atMs.optional(),
  serverCertificates: z.array(serverCertificateSchema).max(200),
});

export const crlSchema = z.strictObject({
  ca: z.enum(['root', 'issuing']),
  label: caLabel,
  subject: z.string().max(600),
  freshness: z.enum(['missing', 'fresh', 'due', 'expired']),
  /** Whether this station has the key that signs it. */
  keyHere: z.boolean(),
  crlNumber: line.optional(),
  revoked: count.optional(),
  thisUpdateMs: atMs.optional(),
  nextUpdateMs: atMs.optional(),
});
export const crlSetSchema = z.strictObject({
  lists: z.array(crlSchema).max(200),
  /** How long before its end a list is `due`. */
  warnDays: count,
});
export const installedCrlSchema = crlSetSchema.extend({
  /** The issuing CAs that this list is the first to name: they sign nothing more. */
  revoked: z.array(caLabel).max(100),
});
export const crlRenewalSchema = crlSetSchema.extend({
  /** Whose last list stays, and why: `root_elsewhere`, `passphrase_wrong`, `passphrase_delayed`. */
  kept: z.array(z.strictObject({ ca: crlSchema.shape.ca, label: caLabel, why: failureSchema })).max(200),
});

/** Whether the passphrase lies in the operating system's keychain, and why it cannot be used. */
export const keychainSchema = z.strictObject({
  kept: z.boolean(),
  trouble: z.enum(['no-keychain', 'keychain-unavailable', 'basic-text', 'practice-keychain']).optional(),
});

const exportText = z.string().trim().min(1).max(1_000);
export const trustRequestSchema = z.strictObject({
  consumer: z.enum(TRUST_CONSUMER_NAMES),
  orderId: recordId.optional(),
  /** The cloud's registration or verification code. */
  code: exportText.optional(),
  set: exportText.optional(),
  roleArn: exportText.optional(),
  policy: exportText.optional(),
  profileName: line.optional(),
  subType: exportText.optional(),
  tags: z.array(exportText).max(20).optional(),
  firmwareTypes: z.array(exportText).max(20).optional(),
});

/** A profile as a page shows it: what its certificates hold, who signs them, and what they cost a device. */
export const profilePageSchema = z.strictObject({
  name: line,
  version: z.int(),
  description: z.string().max(400),
  /** `O={site}`, as the profile says it. */
  subject: z.array(line).max(12),
  subjectAltName: z.array(line).max(60),
  keyAlgorithm: line,
  keyCustody: z.enum(['any', 'on-device']),
  keyUsage: z.array(line).max(12),
  extendedKeyUsage: z.array(line).max(12),
  /** Undefined: no well-defined expiration. */
  validityDays: count.optional(),
  signedBy: z.strictObject({ label: caLabel, subject: z.string().max(600) }),
  sizes: z
    .strictObject({
      certificateBytes: count,
      handshakeLeafBytes: count,
      handshakeChainBytes: count,
      flashBytes: count,
    })
    .optional(),
  /** Why the CA could not sign for it. */
  problem: failureSchema.optional(),
});

export const newServerSchema = z.strictObject({
  /** The first DNS name or address; the rest follow. */
  names: z.array(z.string().trim().min(1).max(253)).min(1).max(20),
  validityDays: z.int().min(1).max(3_650),
});

/** The server's key and chain are written at the station: a private key never crosses the contract. */
export const issuedServerSchema = writtenFiles.extend({ server: serverCertificateSchema });

export type AuthorityView = Data<typeof authorityViewSchema>;
export type ServerCertificate = Data<typeof serverCertificateSchema>;
export type NewServer = Data<typeof newServerSchema>;
export type IssuingCa = Data<typeof issuingCaSchema>;
export type Crl = Data<typeof crlSchema>;
export type CrlRenewal = Data<typeof crlRenewalSchema>;
export type KeptCrl = CrlRenewal['kept'][number];
export type CrlSet = Data<typeof crlSetSchema>;
export type Keychain = Data<typeof keychainSchema>;
export type TrustRequest = Data<typeof trustRequestSchema>;
export type Matter = NonNullable<Data<typeof newCaSchema>['matter']>;
export type ProfilePage = Data<typeof profilePageSchema>;
export type IssuedServer = Data<typeof issuedServerSchema>;
