// The offline ceremony over two folders: the issuing CA's key is made on the station, its request travels to the machine
// that holds the root, and the certificate travels back. Neither key ever leaves its machine. Importing an existing CA ends
// in the same two files.

import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pemBlocks, toPem, toPemChain } from '../../der/pem.ts';
import { PUBLIC_MODE, replaceFile, writeNewFile } from '../../disk/durableFile.ts';
import { makeFolder, syncFolder } from '../../disk/durableFolder.ts';
import { storageErrors } from '../../disk/storageErrors.ts';
import type { Clock, Random } from '../../domain/clock.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { type CaNames, caSubject } from '../caCertificate.ts';
import { AUTHORITY_FILES } from '../chain.ts';
import { exportPkcs8, importPkcs8 } from '../encryptedKey.ts';
import {
  type CaPlace,
  openCaSigner,
  type TokenReference,
  tokenReferenceOf,
  writeTokenReference,
} from '../issuing/caSigner.ts';
import { StationKeyMaker } from '../keys.ts';
import { readEncryptedKey, writeEncryptedKey } from '../keyVault.ts';
import { checkPassphrase } from '../passphrase.ts';
import { placeWhole } from '../placeWhole.ts';
import { readCertificate } from '../x509/certificate.ts';
import type { ImportedCa } from './caImport.ts';
import { orderChain } from './chainCheck.ts';
import { issuingRequestDer, type RequestKey, requestKeyOf, signIssuingRequest } from './issuingRequest.ts';

/** The request that is carried away; it stays until the certificate is installed. */
export const REQUEST_FILE = 'issuing.csr.pem';
const ISSUING_YEARS = 10;

export interface Surroundings {
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * On the station: makes the issuing CA's key under `passphrase` and its request. Returns the request, PEM. Throws
 * `authority_exists` when the folder already has an issuing CA or a request on its way.
 */
export function requestIssuing(at: Surroundings, passphrase: Secret, names: CaNames): string {
  checkPassphrase(passphrase);
  const { privateKeyPkcs8 } = new StationKeyMaker().generate('P-256');
  try {
    return keepRequest(at, names, requestKeyOf(importPkcs8(privateKeyPkcs8)), () =>
      writeEncryptedKey(join(at.folder, AUTHORITY_FILES.issuingKey), privateKeyPkcs8, passphrase, at.random),
    );
  } finally {
    privateKeyPkcs8.wipe();
  }
}

/** The same for a key that a token holds: the reference is stored, and the token signs the request. */
export const requestIssuingFromToken = (
  at: CaPlace,
  key: RequestKey,
  reference: TokenReference,
  names: CaNames,
): string => keepRequest(at, names, key, () => writeTokenReference(at, 'issuing', reference));

/** The key first: a request whose key was lost would be signed for nothing. */
function keepRequest(at: Surroundings, names: CaNames, key: RequestKey, keepKey: () => void): string {
  const subject = caSubject(names);
  refuseExisting(at.folder, [AUTHORITY_FILES.issuing, AUTHORITY_FILES.issuingKey, REQUEST_FILE]);
  makeFolder(at.folder);
  const pem = toPem('CERTIFICATE REQUEST', issuingRequestDer(subject, key));
  keepKey();
  writeNewFile(join(at.folder, REQUEST_FILE), pem, PUBLIC_MODE);
  syncFolder(at.folder);
  return pem;
}

/** The request that waits in a folder for its certificate, PEM; undefined where none does. */
export function waitingRequest(folder: string): Uint8Array | undefined {
  const path = join(folder, REQUEST_FILE);
  if (!existsSync(path) || existsSync(join(folder, AUTHORITY_FILES.issuing))) return undefined;
  return storageErrors(path, () => readFileSync(path));
}

/** On the root's machine: signs a request. Returns the chain to carry back, PEM, issuing CA first. */
export function signRequestWithRoot(at: CaPlace, passphrase: Secret, request: Uint8Array): string {
  const root = openCaSigner(at, 'root', passphrase);
  try {
    return toPemChain([signIssuingRequest(at, request, root, ISSUING_YEARS), root.certificateDer]);
  } finally {
    root.close();
  }
}

/**
 * Both on one machine: the key of a further issuing CA under `passphrase`, which opens the root's as well, and its chain. The
 * root signs before anything is kept, and the folder appears at once. Throws what {@link signRequestWithRoot} throws.
 */
export function makeIssuing(root: CaPlace, at: Surroundings, passphrase: Secret, names: CaNames): void {
  const { privateKeyPkcs8 } = new StationKeyMaker().generate('P-256');
  try {
    const key = importPkcs8(privateKeyPkcs8);
    const request = issuingRequestDer(caSubject(names), requestKeyOf(key));
    const chainDer = pemBlocks('CERTIFICATE', signRequestWithRoot(root, passphrase, request));
    installImported(at, passphrase, { key, chainDer });
  } finally {
    privateKeyPkcs8.wipe();
  }
}

/**
 * On the station: puts the chain that came back into place. Throws `request_missing` without a request of one's own,
 * `chain_invalid` also when the certificate is for another key, `passphrase_wrong`.
 */
export function installIssuing(at: CaPlace, passphrase: Secret, chainPem: Uint8Array): void {
  const publicKeySpki = waitingKey(at, passphrase);
  const certificates = pemBlocks('CERTIFICATE', Buffer.from(chainPem).toString('latin1'));
  const issuingDer = certificates.find(
    (der) => Buffer.compare(readCertificate(der).spkiDer, publicKeySpki) === 0,
  );
  if (issuingDer === undefined)
    throw new StationError('chain_invalid', { reason: 'no-certificate-for-the-request' });
  writeChain(at, orderChain(issuingDer, certificates, at.clock.nowMs()));
  storageErrors(at.folder, () => rmSync(join(at.folder, REQUEST_FILE), { force: true }));
}

/** The public key of what the request was for; opening it proves the passphrase. */
function waitingKey(at: CaPlace, passphrase: Secret): Uint8Array {
  const reference = tokenReferenceOf(at.folder, 'issuing');
  if (reference === undefined) {
    const path = join(at.folder, AUTHORITY_FILES.issuingKey);
    if (!existsSync(path)) throw new StationError('request_missing');
    const key = readEncryptedKey(path, passphrase);
    return createPublicKey(key).export({ type: 'spki', format: 'der' });
  }
  if (at.openToken === undefined) throw new StationError('capability_missing', { what: 'PKCS#11' });
  const key = at.openToken(reference, passphrase);
  key.close();
  return key.publicKeySpki;
}

/**
 * Puts an imported issuing CA into an empty folder, its key under `passphrase`; all at once. Throws `authority_exists`, and
 * `chain_invalid` for a chain of more than two: the authority's folder holds a root and an issuing CA.
 */
export function installImported(at: Surroundings, passphrase: Secret, imported: ImportedCa): void {
  checkPassphrase(passphrase);
  placeWhole(at.folder, (folder) => {
    const pkcs8 = exportPkcs8(imported.key);
    try {
      writeEncryptedKey(join(folder, AUTHORITY_FILES.issuingKey), pkcs8, passphrase, at.random);
    } finally {
      pkcs8.wipe();
    }
    writeChain({ ...at, folder }, imported.chainDer);
  });
}

/** The root first: a folder with an issuing CA is a whole one. */
function writeChain(at: Surroundings, chainDer: readonly Uint8Array[]): void {
  const [issuingDer, rootDer = issuingDer, ...more] = chainDer;
  if (issuingDer === undefined || rootDer === undefined || more.length > 0) {
    throw new StationError('chain_invalid', { reason: 'not-two-levels' });
  }
  replaceFile(join(at.folder, AUTHORITY_FILES.root), toPemChain([rootDer]), PUBLIC_MODE);
  replaceFile(join(at.folder, AUTHORITY_FILES.issuing), toPemChain([issuingDer]), PUBLIC_MODE);
}

function refuseExisting(folder: string, names: readonly string[]): void {
  const found = names.find((name) => existsSync(join(folder, name)));
  if (found !== undefined) throw new StationError('authority_exists', { path: join(folder, found) });
}
