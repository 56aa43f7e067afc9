// Takes over an issuing CA that was made elsewhere. The root's key stays where it is: a station never needs it.

import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Clock, Random } from '../domain/clock.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { openAuthority } from './authority.ts';
import { putInPlace, refuseExisting } from './ceremony.ts';
import { AUTHORITY_FILES } from './chain.ts';
import {
  inStorage,
  makeFolder,
  PRIVATE_MODE,
  PUBLIC_MODE,
  syncFolder,
  temporarySuffix,
  writeNewFile,
} from './durableFile.ts';
import { readCertificate } from './x509/certificateReader.ts';
import { decodePem, encodePem } from './x509/pem.ts';

export interface ImportRequest {
  readonly folder: string;
  /** Root and issuing certificate in any order. */
  readonly certificatesPem: string;
  /** The issuing CA's key, PKCS#8, encrypted under `passphrase`. */
  readonly issuingKeyPem: string;
  /** Lent: the caller wipes it. */
  readonly passphrase: Secret;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Checks the chain and opens the key before anything gets its place. Throws `authority_exists`, `authority_invalid`,
 * `passphrase_wrong`, `file_invalid` when there are not exactly the two certificates and the key.
 */
export function importAuthority(request: ImportRequest): void {
  const folder = resolve(request.folder);
  refuseExisting(folder);
  const { rootDer, issuingDer } = rootAndIssuing(request.certificatesPem);
  const [keyDer, ...more] = pem('ENCRYPTED PRIVATE KEY', request.issuingKeyPem);
  if (keyDer === undefined || more.length > 0) throw new StationError('file_invalid', { reason: 'key' });
  makeFolder(dirname(folder));
  const beside = `${folder}.${temporarySuffix(request.random)}`;
  try {
    inStorage(beside, () => mkdirSync(beside, { mode: 0o700 }));
    const write = (name: string, text: string, mode: number): void =>
      writeNewFile(join(beside, name), text, mode);
    write(AUTHORITY_FILES.root, encodePem('CERTIFICATE', rootDer), PUBLIC_MODE);
    write(AUTHORITY_FILES.issuing, encodePem('CERTIFICATE', issuingDer), PUBLIC_MODE);
    write(AUTHORITY_FILES.issuingKey, encodePem('ENCRYPTED PRIVATE KEY', keyDer), PRIVATE_MODE);
    syncFolder(beside);
    const authority = openAuthority({ folder: beside, clock: request.clock, random: request.random });
    authority.unlock(request.passphrase);
    authority.lock();
    putInPlace(beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

function rootAndIssuing(text: string): { readonly rootDer: Uint8Array; readonly issuingDer: Uint8Array } {
  const certificates = pem('CERTIFICATE', text).map((der) => ({ der, parsed: parse(der) }));
  const isSelfIssued = ({ parsed }: (typeof certificates)[number]): boolean =>
    Buffer.compare(parsed.subjectDer, parsed.issuerDer) === 0;
  const root = certificates.find(isSelfIssued);
  const issuing = certificates.find((one) => !isSelfIssued(one));
  if (certificates.length !== 2 || root === undefined || issuing === undefined) {
    throw new StationError('file_invalid', { reason: 'certificates' });
  }
  return { rootDer: root.der, issuingDer: issuing.der };
}

function parse(der: Uint8Array): ReturnType<typeof readCertificate> {
  try {
    return readCertificate(der);
  } catch (cause) {
    throw new StationError('file_invalid', { reason: 'certificates' }, { cause });
  }
}

function pem(label: 'CERTIFICATE' | 'ENCRYPTED PRIVATE KEY', text: string): readonly Uint8Array[] {
  try {
    return decodePem(label, text);
  } catch (cause) {
    throw new StationError('file_invalid', { reason: 'encoding' }, { cause });
  }
}
