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
import { type RevokedCa, recordRevokedCa, revokedCas } from '../authority/revocation/revokedCas.ts';
import type { CaSigner } from '../authority/signing/signer.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import { sha256Hex } from '../der/fingerprint.ts';
import { pemBlocks, readPemOrDer } from '../der/pem.ts';
import { PUBLIC_MODE, replaceFile } from '../disk/durableFile.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { REVOCATION_REASONS } from '../domain/credential.ts';
import { asStationError, StationError } from '../domain/stationError.ts';
import type { Recorder } from './ceremonyRecords.ts';

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

export interface InstalledRootCrl {
  readonly crl: ReadCrl;
  /** The issuing CAs of this station that were not known to be revoked before. */
  readonly revoked: readonly (RevokedCa & { readonly label: string })[];
}

type Authority = { readonly folder: string; readonly random: Random };

/**
 * Stores the list that a root signed on its own machine, PEM or DER, and records it; an issuing CA that it names signs nothing
 * more. Throws `encoding_invalid`, and `chain_invalid` unless a root of this site signed it after the list that is here.
 */
export function installRootCrl(at: Authority, file: Uint8Array, record: Recorder): InstalledRootCrl {
  const installed = storeRootCrl(at, file);
  const { crl, revoked } = installed;
  for (const { label, certificateSerial, certificateSha256, revokedAtMs, reason } of revoked)
    record('issuing-ca-revoked', { label, certificateSerial, certificateSha256, revokedAtMs, reason });
  record('root-list-installed', { crlNumber: crl.crlNumber?.toString() ?? null, revoked: crl.entryCount });
  return installed;
}

function storeRootCrl(at: Authority, file: Uint8Array): InstalledRootCrl {
  try {
    const crlDer = readPemOrDer(file, ['X509 CRL']);
    const { label, folder, rootDer, crl } = signingRoot(at.folder, crlDer);
    // Whoever it leaves out would be let in again.
    if (rootCrlNumber(at.folder, label) > (crl.crlNumber ?? 0n)) throw notFit('crl-older');
    const revoked = recordListed(at, crl, rootDer);
    replaceFile(join(folder, crlFile('root')), crlPem(crlDer), PUBLIC_MODE);
    return { crl, revoked };
  } catch (thrown) {
    const { code, details } = asStationError(thrown);
    if (code !== 'encoding_invalid' && code !== 'chain_invalid') throw thrown;
    const reason = code === 'encoding_invalid' ? 'not-a-list' : details.reason;
    throw new StationError(code, { ...details, reason, meaning: 'root-list-unfit' }, { cause: thrown });
  }
}

const notFit = (reason: string): StationError => new StationError('chain_invalid', { reason });

/** A list that cannot be read is there to be replaced. */
function rootCrlNumber(authorityFolder: string, label: string): bigint {
  try {
    return storedCrl(authorityFolder, label, 'root', 0, 0).crl?.crlNumber ?? 0n;
  } catch {
    return 0n;
  }
}

function signingRoot(authorityFolder: string, crlDer: Uint8Array) {
  const refusals: unknown[] = [];
  for (const label of caLabels(authorityFolder)) {
    const folder = caFolder(authorityFolder, label);
    const rootDer = certificateOf(folder, 'root');
    // Its list is made here.
    if (isItsOwnRoot(folder)) continue;
    try {
      return { label, folder, rootDer, crl: verifyCrl(crlDer, rootDer) };
    } catch (thrown) {
      refusals.push(thrown);
    }
  }
  throw refusals[0] ?? notFit('crl-of-another-issuer');
}

function recordListed(at: Authority, crl: ReadCrl, rootDer: Uint8Array): InstalledRootCrl['revoked'] {
  const listed = new Map([...crl.entries()].map((entry) => [entry.certificateSerial, entry]));
  const known = new Set(revokedCas(at.folder).map(({ certificateSha256 }) => certificateSha256));
  return caLabels(at.folder).flatMap((label) => {
    const folder = caFolder(at.folder, label);
    if (Buffer.compare(certificateOf(folder, 'root'), rootDer) !== 0) return [];
    const issuingDer = certificateOf(folder, 'issuing');
    const entry = listed.get(describeCertificate(issuingDer).certificateSerial.replace(/^00(?=.)/, ''));
    if (entry === undefined || known.has(sha256Hex(issuingDer))) return [];
    const { revokedAtMs, reasonCode } = entry;
    const reason = REVOCATION_REASONS.find(
      (one) => one !== 'unspecified' && REASON_CODES[one] === reasonCode,
    );
    const why = { revokedAtMs, reason: reason ?? 'unspecified' };
    return [{ label, ...recordRevokedCa(at, rootDer, issuingDer, why) }];
  });
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
    if (roots.has(root) || isItsOwnRoot(folder)) return [read('issuing')];
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

/** A root that signs devices itself: it has one list. */
export const isItsOwnRoot = (folder: string): boolean =>
  Buffer.compare(certificateOf(folder, 'root'), certificateOf(folder, 'issuing')) === 0;
