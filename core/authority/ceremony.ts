// Makes a site's authority: a root CA that signs nothing but the issuing CA, and an issuing CA that signs devices and
// servers. It all appears at once, or not at all.

import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { newCertificateSerial } from '../domain/certificateSerial.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { quoteForDisplay } from '../domain/device.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { openAuthority } from './authority.ts';
import { AUTHORITY_FILES } from './chain.ts';
import { wholeSeconds } from './content.ts';
import {
  inStorage,
  makeFolder,
  PRIVATE_MODE,
  PUBLIC_MODE,
  removeLeftovers,
  syncFolder,
  systemErrorCode,
  temporarySuffix,
  writeNewFile,
} from './durableFile.ts';
import { encryptKey, importPkcs8, PBKDF2_ROUNDS } from './encryptedKey.ts';
import { type KeyPair, StationKeyMaker } from './keys.ts';
import { readEncryptedKey } from './keyVault.ts';
import { checkPassphrase } from './passphrase.ts';
import { readSubjectKeyIdentifier } from './x509/authorityFacts.ts';
import { readCertificate } from './x509/certificateReader.ts';
import { describeCertificate } from './x509/describeCertificate.ts';
import { checkNameValue, type NameAttribute } from './x509/nameEncoder.ts';
import { encodePem } from './x509/pem.ts';
import { assembleCertificate, signatureSchemeOf, signBytes } from './x509/signature.ts';
import { buildToBeSigned, type CertificateContent } from './x509/tbsBuilder.ts';

export interface CeremonyRequest {
  readonly folder: string;
  /** Lent: the caller wipes it. */
  readonly passphrase: Secret;
  /** The site's name, at most 51 characters: it becomes the organisation, and part of the CAs' names. */
  readonly site: string;
  readonly clock: Clock;
  readonly random: Random;
  /** For tests only; fewer rounds than the default make the key files worthless. */
  readonly pbkdf2Rounds?: number;
}

const ROOT_YEARS = 30;
const ISSUING_YEARS = 20;
/** Room for back-dating the first leaves: no leaf begins before its issuer. */
const BACKDATE_MS = 24 * 60 * 60 * 1000;
const ROOT_SUFFIX = ' Root CA';
const ISSUING_SUFFIX = ' Issuing CA 1';
const SITE_MAX_CHARACTERS = 64 - ISSUING_SUFFIX.length;
/** The root may have issuing CAs below it, and they only leaves (RFC 5280 4.2.1.9). */
const ROOT_PATH_LENGTH = 1;

interface CertifiedKey {
  readonly pair: KeyPair;
  readonly certificateDer: Uint8Array;
}

/**
 * Makes root and issuing CA in `folder`, both keys under `passphrase`. Throws `authority_exists`, `passphrase_weak`,
 * `name_value_invalid` for a site that cannot be written, `disk_full`, `storage_read_only`, `storage_failed`. Blocks for
 * about a second.
 */
export function createAuthority(request: CeremonyRequest): void {
  const folder = resolve(request.folder);
  checkPassphrase(request.passphrase);
  checkSite(request.site);
  refuseExisting(folder);
  makeFolder(dirname(folder));
  // Keys that never signed a device.
  removeLeftovers(folder);
  const beside = `${folder}.${temporarySuffix(request.random)}`;
  const keyMaker = new StationKeyMaker();
  const [rootPair, issuingPair] = [keyMaker.generate('P-256'), keyMaker.generate('P-256')];
  try {
    const root = certify(request, rootPair, ROOT_SUFFIX, ROOT_YEARS, undefined);
    const issuing = certify(request, issuingPair, ISSUING_SUFFIX, ISSUING_YEARS, root);
    writeFiles(beside, request, root, issuing);
    checkOpens(beside, request);
    putInPlace(beside, folder);
  } finally {
    rootPair.privateKeyPkcs8.wipe();
    issuingPair.privateKeyPkcs8.wipe();
    rmSync(beside, { recursive: true, force: true });
  }
}

function checkSite(site: string): void {
  checkNameValue('O', site);
  if (Array.from(site).length > SITE_MAX_CHARACTERS) {
    const value = quoteForDisplay(site);
    throw new StationError('name_value_invalid', {
      attribute: 'O',
      value,
      reason: 'too-long',
      limit: SITE_MAX_CHARACTERS,
    });
  }
}

/** An empty folder is as good as none. `authority_exists` */
export function refuseExisting(folder: string): void {
  const entries = inStorage(folder, () => (existsSync(folder) ? readdirSync(folder) : []));
  if (entries.length > 0) throw new StationError('authority_exists', { path: folder });
}

function certify(
  { site, clock, random }: CeremonyRequest,
  pair: KeyPair,
  suffix: string,
  years: number,
  issuer: CertifiedKey | undefined,
): CertifiedKey {
  const signer = issuer?.pair ?? pair;
  const issuerFacts = issuer && readCertificate(issuer.certificateDer);
  const notBeforeMs = wholeSeconds(clock.nowMs() - BACKDATE_MS);
  const content: CertificateContent = {
    certificateSerial: newCertificateSerial(random),
    issuerNameDer: issuerFacts?.subjectDer,
    subject: caName(site, suffix),
    notBeforeMs,
    notAfterMs: yearsAfter(notBeforeMs, years) - 1000,
    publicKeySpki: pair.publicKeySpki,
    extensions: {
      certificateAuthority: { pathLength: issuer ? 0 : ROOT_PATH_LENGTH },
      keyUsage: ['keyCertSign', 'cRLSign'],
      extendedKeyUsage: [],
      // RFC 5280 4.2.1.1: may be left out of a self-signed certificate only.
      authorityKeyIdentifier: issuerFacts && readSubjectKeyIdentifier(issuerFacts),
      altNames: [],
    },
  };
  const scheme = signatureSchemeOf(signer.publicKeySpki);
  const toBeSigned = buildToBeSigned(content, scheme);
  const signature = signBytes(toBeSigned, importPkcs8(signer.privateKeyPkcs8), scheme);
  return { pair, certificateDer: assembleCertificate(toBeSigned, signature, scheme) };
}

const caName = (site: string, suffix: string): readonly NameAttribute[] => [
  { attribute: 'O', value: site },
  { attribute: 'CN', value: `${site}${suffix}` },
];

function yearsAfter(ms: number, years: number): number {
  const date = new Date(ms);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}

function writeFiles(
  folder: string,
  request: CeremonyRequest,
  root: CertifiedKey,
  issuing: CertifiedKey,
): void {
  const { passphrase, random, pbkdf2Rounds = PBKDF2_ROUNDS } = request;
  inStorage(folder, () => mkdirSync(folder, { mode: 0o700 }));
  const write = (name: string, text: string, mode: number): void =>
    writeNewFile(join(folder, name), text, mode);
  const encrypted = ({ pair }: CertifiedKey): string =>
    encodePem('ENCRYPTED PRIVATE KEY', encryptKey(pair.privateKeyPkcs8, passphrase, random, pbkdf2Rounds));
  write(AUTHORITY_FILES.root, encodePem('CERTIFICATE', root.certificateDer), PUBLIC_MODE);
  write(AUTHORITY_FILES.issuing, encodePem('CERTIFICATE', issuing.certificateDer), PUBLIC_MODE);
  write(AUTHORITY_FILES.rootKey, encrypted(root), PRIVATE_MODE);
  write(AUTHORITY_FILES.issuingKey, encrypted(issuing), PRIVATE_MODE);
  write(AUTHORITY_FILES.facts, factsText(request, root, issuing), PUBLIC_MODE);
  syncFolder(folder);
}

/** For people and for audits; nothing reads it back. */
function factsText({ site, clock }: CeremonyRequest, root: CertifiedKey, issuing: CertifiedKey): string {
  const facts = ({ certificateDer }: CertifiedKey) => {
    const { subject, certificateSerial, sha256, notBeforeMs, notAfterMs } =
      describeCertificate(certificateDer);
    const notBefore = new Date(notBeforeMs).toISOString();
    return { subject, certificateSerial, sha256, notBefore, notAfter: new Date(notAfterMs).toISOString() };
  };
  const created = new Date(clock.nowMs()).toISOString();
  return `${JSON.stringify({ formatVersion: 1, site, created, root: facts(root), issuing: facts(issuing) }, null, 2)}\n`;
}

/** Reads everything back from the disk: an authority that cannot be opened is not put into place. */
function checkOpens(folder: string, { passphrase, clock, random }: CeremonyRequest): void {
  const authority = openAuthority({ folder, clock, random });
  authority.unlock(passphrase);
  authority.lock();
  readEncryptedKey(join(folder, AUTHORITY_FILES.rootKey), passphrase);
}

/** Gives a finished authority its name, at once. `authority_exists` */
export function putInPlace(beside: string, folder: string): void {
  try {
    inStorage(folder, () => {
      // Only an empty folder can be removed so; somebody else's authority stays.
      if (existsSync(folder)) rmdirSync(folder);
      renameSync(beside, folder);
    });
    syncFolder(dirname(folder));
  } catch (error) {
    const reason = error instanceof StationError ? systemErrorCode(error.cause) : undefined;
    if (reason === 'ENOTEMPTY' || reason === 'EEXIST')
      throw new StationError('authority_exists', { path: folder });
    throw error;
  }
}
