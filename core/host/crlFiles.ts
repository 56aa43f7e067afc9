// The revocation lists of a site on the disk: one per CA, beside its certificate, with the number it had last. The number is
// on the disk before the list is signed, so that no two lists ever carry the same one.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { caFolder, caLabels } from '../authority/issuing/caFolders.ts';
import type { CaKind } from '../authority/issuing/caSigner.ts';
import { readCertificateFile } from '../authority/keyVault.ts';
import type { ReadCrl } from '../authority/revocation/crlReader.ts';
import { type CrlFreshness, crlFreshness, crlPem, verifyCrl } from '../authority/revocation/crlSet.ts';
import { REASON_CODES, type RevokedCertificate, writeCrl } from '../authority/revocation/crlWriter.ts';
import { recordRevokedCa } from '../authority/revocation/revokedCas.ts';
import type { CaSigner } from '../authority/signing/signer.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import { pemBlocks } from '../der/pem.ts';
import { PUBLIC_MODE, replaceFile } from '../disk/durableFile.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { REVOCATION_REASONS } from '../domain/credential.ts';
import { StationError } from '../domain/stationError.ts';

/** Lists that end are an emergency: servers then turn every device away. */
export const CRL_WARNING_MS = 7 * 86_400_000;

const numberSchema = z.strictObject({ lastNumber: z.int().min(0) });
const crlFile = (ca: CaKind): string => `${ca}.crl.pem`;
const numberFile = (ca: CaKind): string => `${ca}.crl-number.json`;

export interface WrittenCrl {
  readonly crlNumber: number;
  readonly nextUpdateMs: number;
  readonly crlDer: Uint8Array;
}

/**
 * Signs a CA's next list and stores it in `caFolder`. Numbers are at least the time in seconds: after restoring an old
 * backup they still rise (RFC 5280 5.2.3).
 */
export function renewCrl(
  at: { readonly folder: string; readonly clock: Clock; readonly random: Random },
  ca: CaKind,
  signer: CaSigner,
  entries: Iterable<RevokedCertificate>,
  validityDays: number,
): WrittenCrl {
  const nowMs = at.clock.nowMs();
  const crlNumber = Math.max(lastNumber(at.folder, ca) + 1, Math.floor(nowMs / 1000));
  const numberText = `${JSON.stringify({ lastNumber: crlNumber })}\n`;
  replaceFile(join(at.folder, numberFile(ca)), numberText, PUBLIC_MODE);
  const nextUpdateMs = nowMs + validityDays * 86_400_000;
  const crlDer = writeCrl(signer, { crlNumber, thisUpdateMs: nowMs, nextUpdateMs, entries });
  replaceFile(join(at.folder, crlFile(ca)), crlPem(crlDer), PUBLIC_MODE);
  return { crlNumber, nextUpdateMs, crlDer };
}

/** Stores a list that another machine signed; an issuing CA that a root's list names signs nothing more. Throws `chain_invalid` unless it is that CA's. */
export function installCrl(
  at: { readonly folder: string; readonly random: Random },
  ca: CaKind,
  crlDer: Uint8Array,
  caDer: Uint8Array,
): void {
  const crl = verifyCrl(crlDer, caDer);
  if (ca === 'root') recordListed(at, crl, caDer);
  replaceFile(join(at.folder, crlFile(ca)), crlPem(crlDer), PUBLIC_MODE);
}

function recordListed(at: Parameters<typeof installCrl>[0], crl: ReadCrl, rootDer: Uint8Array): void {
  const listed = new Map([...crl.entries()].map((entry) => [entry.certificateSerial, entry]));
  for (const label of caLabels(at.folder)) {
    const folder = caFolder(at.folder, label);
    if (Buffer.compare(certificateOf(folder, 'root'), rootDer) !== 0) continue;
    const issuingDer = certificateOf(folder, 'issuing');
    const entry = listed.get(describeCertificate(issuingDer).certificateSerial.replace(/^00(?=.)/, ''));
    if (entry === undefined) continue;
    const { revokedAtMs, reasonCode } = entry;
    const reason = REVOCATION_REASONS.find(
      (one) => one !== 'unspecified' && REASON_CODES[one] === reasonCode,
    );
    recordRevokedCa(at, rootDer, issuingDer, { revokedAtMs, reason: reason ?? 'unspecified' });
  }
}

function lastNumber(folder: string, ca: CaKind): number {
  const path = join(folder, numberFile(ca));
  if (!existsSync(path)) return 0;
  try {
    return numberSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).lastNumber;
  } catch (cause) {
    throw new StationError('authority_invalid', { path, reason: 'crl-number' }, { cause });
  }
}

export interface StoredCrl {
  readonly label: string;
  readonly ca: CaKind;
  /** Undefined: there is none yet. */
  readonly crlDer: Uint8Array | undefined;
  readonly crl: ReadCrl | undefined;
  readonly nextUpdateMs: number | undefined;
  readonly freshness: CrlFreshness | 'missing';
}

/** The list of every CA of a site, each root once. `warnBeforeMs`: how long before nextUpdate one is `due`. */
export function storedCrls(
  authorityFolder: string,
  nowMs: number,
  warnBeforeMs: number,
): readonly StoredCrl[] {
  const roots = new Set<string>();
  return caLabels(authorityFolder).flatMap((label) => {
    const folder = caFolder(authorityFolder, label);
    const read = (ca: CaKind): StoredCrl => storedCrl(authorityFolder, label, ca, nowMs, warnBeforeMs);
    const root = sha256Hex(certificateOf(folder, 'root'));
    // A root that signs devices itself has one list.
    const isItsOwnRoot = root === sha256Hex(certificateOf(folder, 'issuing'));
    if (roots.has(root) || isItsOwnRoot) return [read('issuing')];
    roots.add(root);
    return [read('issuing'), read('root')];
  });
}

function storedCrl(
  authorityFolder: string,
  label: string,
  ca: CaKind,
  nowMs: number,
  warnBeforeMs: number,
): StoredCrl {
  const folder = caFolder(authorityFolder, label);
  const path = join(folder, crlFile(ca));
  const [crlDer] = existsSync(path) ? pemBlocks('X509 CRL', readFileSync(path, 'utf8')) : [];
  if (crlDer === undefined)
    return { label, ca, crlDer: undefined, crl: undefined, nextUpdateMs: undefined, freshness: 'missing' };
  const crl = verifyCrl(crlDer, certificateOf(folder, ca));
  const { nextUpdateMs } = crl;
  return { label, ca, crlDer, crl, nextUpdateMs, freshness: crlFreshness(crl, nowMs, warnBeforeMs) };
}

export const certificateOf = (folder: string, ca: CaKind): Uint8Array =>
  readCertificateFile(join(folder, `${ca}.pem`));
