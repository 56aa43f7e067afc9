// Makes a site's authority: a root CA that signs nothing but the issuing CA, and an issuing CA that signs devices and
// servers. It all appears at once, or not at all.

import { join } from 'node:path';
import { toPem } from '../der/pem.ts';
import { PRIVATE_MODE, PUBLIC_MODE, writeNewFile } from '../disk/durableFile.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { quoteForDisplay } from '../domain/device.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { openAuthority } from './authority.ts';
import { type CaNames, caSubject, issuingCertificate, rootCertificate } from './caCertificate.ts';
import { AUTHORITY_FILES } from './chain.ts';
import { encryptKey, importPkcs8, PBKDF2_ROUNDS } from './encryptedKey.ts';
import { type KeyPair, StationKeyMaker } from './keys.ts';
import { readEncryptedKey } from './keyVault.ts';
import { checkPassphrase } from './passphrase.ts';
import { placeWhole } from './placeWhole.ts';
import { bareSigner, keySigner } from './signing/signer.ts';
import { describeCertificate } from './x509/describeCertificate.ts';
import { checkNameValue } from './x509/name.ts';

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

const ISSUING_YEARS = 20;
const ROOT_SUFFIX = ' Root CA';
const ISSUING_SUFFIX = ' Issuing CA 1';
const SITE_MAX_CHARACTERS = 64 - ISSUING_SUFFIX.length;

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
  const { site, passphrase } = request;
  checkPassphrase(passphrase);
  checkSite(site);
  const keyMaker = new StationKeyMaker();
  const [rootPair, issuingPair] = [keyMaker.generate('P-256'), keyMaker.generate('P-256')];
  const holder = (pair: KeyPair, suffix: string) => ({
    subject: caSubject({ site, commonName: `${site}${suffix}` } satisfies CaNames),
    publicKeySpki: pair.publicKeySpki,
  });
  try {
    placeWhole(request.folder, (beside) => {
      const rootKey = importPkcs8(rootPair.privateKeyPkcs8);
      const rootDer = rootCertificate(request, holder(rootPair, ROOT_SUFFIX), bareSigner(rootKey));
      const rootSigner = keySigner(rootDer, rootKey);
      const issuingDer = issuingCertificate(
        request,
        holder(issuingPair, ISSUING_SUFFIX),
        rootSigner,
        ISSUING_YEARS,
      );
      const root = { pair: rootPair, certificateDer: rootDer };
      writeFiles(beside, request, root, { pair: issuingPair, certificateDer: issuingDer });
      checkOpens(beside, request);
    });
  } finally {
    rootPair.privateKeyPkcs8.wipe();
    issuingPair.privateKeyPkcs8.wipe();
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

function writeFiles(
  folder: string,
  request: CeremonyRequest,
  root: CertifiedKey,
  issuing: CertifiedKey,
): void {
  const { passphrase, random, pbkdf2Rounds = PBKDF2_ROUNDS } = request;
  const write = (name: string, text: string, mode: number): void =>
    writeNewFile(join(folder, name), text, mode);
  const encrypted = ({ pair }: CertifiedKey): string =>
    toPem('ENCRYPTED PRIVATE KEY', encryptKey(pair.privateKeyPkcs8, passphrase, random, pbkdf2Rounds));
  write(AUTHORITY_FILES.root, toPem('CERTIFICATE', root.certificateDer), PUBLIC_MODE);
  write(AUTHORITY_FILES.issuing, toPem('CERTIFICATE', issuing.certificateDer), PUBLIC_MODE);
  write(AUTHORITY_FILES.rootKey, encrypted(root), PRIVATE_MODE);
  write(AUTHORITY_FILES.issuingKey, encrypted(issuing), PRIVATE_MODE);
  write(AUTHORITY_FILES.facts, factsText(request, root, issuing), PUBLIC_MODE);
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
