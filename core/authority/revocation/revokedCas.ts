// The issuing CAs that are trusted no longer: one file in the authority's folder, on the station and on the root's machine.
// It is on the disk before any list is signed; from then on such a CA signs nothing but its own revocation list.

import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from '../../der/fingerprint.ts';
import { PUBLIC_MODE, replaceFile } from '../../disk/durableFile.ts';
import type { Random } from '../../domain/clock.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../../domain/credential.ts';
import { StationError } from '../../domain/stationError.ts';
import { readTextFile } from '../keyVault.ts';
import { readCertificate } from '../x509/certificate.ts';
import { describeCertificate } from '../x509/describeCertificate.ts';
import type { RevokedCertificate } from './crlWriter.ts';

const FILE = 'revoked-cas.json';
const fingerprint = z.string().regex(/^[0-9a-f]{64}$/);

const fileSchema = z.strictObject({
  formatVersion: z.literal(1),
  revoked: z.array(
    z.strictObject({
      certificateSha256: fingerprint,
      /** Whose list it stands in. */
      rootSha256: fingerprint,
      certificateSerial: z.string().regex(/^(?:[0-9a-f]{2}){1,20}$/),
      revokedAtMs: z.int().min(0),
      reason: z.enum(REVOCATION_REASONS),
    }),
  ),
});

export type RevokedCa = z.infer<typeof fileSchema>['revoked'][number];

/** Throws `authority_invalid` for a file that was tampered with: without it a revoked CA would sign again. */
export function revokedCas(authorityFolder: string): readonly RevokedCa[] {
  const path = join(authorityFolder, FILE);
  if (!existsSync(path)) return [];
  try {
    return fileSchema.parse(JSON.parse(readTextFile(path))).revoked;
  } catch (cause) {
    throw new StationError('authority_invalid', { path, reason: 'revoked-cas' }, { cause });
  }
}

/** What the list of this root names. */
export const revokedUnder = (authorityFolder: string, rootDer: Uint8Array): readonly RevokedCertificate[] => {
  const rootSha256 = sha256Hex(rootDer);
  return revokedCas(authorityFolder).filter((one) => one.rootSha256 === rootSha256);
};

/**
 * Records that an issuing CA is revoked; a CA that is recorded already keeps its first time and reason. Throws
 * `chain_invalid` unless that root signed it, and those of the disk.
 */
export function recordRevokedCa(
  at: { readonly folder: string; readonly random: Random },
  rootDer: Uint8Array,
  issuingDer: Uint8Array,
  why: { readonly revokedAtMs: number; readonly reason: RevocationReason },
): RevokedCa {
  checkIssuedBy(rootDer, issuingDer);
  const before = revokedCas(at.folder);
  const { sha256, certificateSerial } = describeCertificate(issuingDer);
  const known = before.find((one) => one.certificateSha256 === sha256);
  if (known !== undefined) return known;
  const made: RevokedCa = {
    certificateSha256: sha256,
    rootSha256: sha256Hex(rootDer),
    // The sign octet of a DER integer is no part of the number.
    certificateSerial: certificateSerial.replace(/^00(?=.)/, ''),
    ...why,
  };
  const text = `${JSON.stringify({ formatVersion: 1, revoked: [...before, made] }, null, 2)}\n`;
  replaceFile(join(at.folder, FILE), text, PUBLIC_MODE);
  return made;
}

/** A root cannot revoke itself: who trusts it asks no list about it. */
function checkIssuedBy(rootDer: Uint8Array, issuingDer: Uint8Array): void {
  const [root, issuing] = [readCertificate(rootDer), readCertificate(issuingDer)];
  const other =
    Buffer.compare(rootDer, issuingDer) !== 0 &&
    Buffer.compare(issuing.issuerDer, root.subjectDer) === 0 &&
    new X509Certificate(issuingDer).verify(new X509Certificate(rootDer).publicKey);
  if (other) return;
  const { subject } = describeCertificate(issuingDer);
  throw new StationError('chain_invalid', { reason: 'not-issued-by-root', subject });
}
