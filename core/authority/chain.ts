// The two CA certificates of an authority's folder, read and checked before anything is signed under them.

import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { StationError } from '../domain/stationError.ts';
import type { Validity } from './content.ts';
import { readCertificateFile } from './keyVault.ts';
import { type SignatureScheme, signatureSchemeOf } from './signing/signer.ts';
import {
  basicConstraintsOf,
  keyIdentifierOfCa,
  keyUsageOf,
  type ReadCertificate,
  readCertificate,
} from './x509/certificate.ts';
import { importPublicKey } from './x509/publicKey.ts';

/** The files of an authority. Only a ceremony needs `rootKey`: it may be kept elsewhere. */
export const AUTHORITY_FILES = {
  root: 'root.pem',
  rootKey: 'root.key.pem',
  issuing: 'issuing.pem',
  issuingKey: 'issuing.key.pem',
  facts: 'authority.json',
} as const;

/** A CA's certificate, as it stands and taken apart. */
export interface CaCertificate extends ReadCertificate {
  readonly der: Uint8Array;
}

export interface Chain {
  readonly root: CaCertificate;
  readonly issuing: CaCertificate;
  /** How the issuing CA signs. */
  readonly scheme: SignatureScheme;
  /** What leaves copy from the issuing CA. */
  readonly keyIdentifier: Uint8Array;
  /** The time in which both CAs are valid. */
  readonly validity: Validity;
}

/** Reads and checks the chain. Throws `authority_missing`, or `authority_invalid` naming the file and the reason. */
export function readChain(folder: string): Chain {
  const rootPath = join(folder, AUTHORITY_FILES.root);
  const issuingPath = join(folder, AUTHORITY_FILES.issuing);
  const root = readCaFile(rootPath);
  const issuing = readCaFile(issuingPath);
  checkSigned(root, root, rootPath);
  checkSigned(issuing, root, issuingPath);
  const isRoot = Buffer.compare(root.der, issuing.der) === 0;
  if (!isRoot && basicConstraintsOf(root)?.pathLength === 0) invalid(rootPath, 'path-length');
  return {
    root,
    issuing,
    scheme: reading(issuingPath, () => signatureSchemeOf(importPublicKey(issuing.spkiDer))),
    // A computed substitute might not be what others copied.
    keyIdentifier: reading(issuingPath, () => keyIdentifierOfCa(issuing)),
    validity: {
      notBeforeMs: Math.max(root.notBeforeMs, issuing.notBeforeMs),
      notAfterMs: Math.min(root.notAfterMs, issuing.notAfterMs),
    },
  };
}

/** One certificate that may sign certificates. */
function readCaFile(path: string): CaCertificate {
  const der = readCertificateFile(path);
  return reading(path, () => {
    const certificate = readCertificate(der);
    if (basicConstraintsOf(certificate)?.certificateAuthority !== true) invalid(path, 'not-a-ca');
    // RFC 5280 4.2.1.3: without the bit a key does not sign certificates.
    if (keyUsageOf(certificate)?.includes('keyCertSign') === false) invalid(path, 'key-usage');
    return { ...certificate, der };
  });
}

/** RFC 5280 6.1.3 (a)(1) and (a)(4): the signature, and the name byte for byte. */
function checkSigned(certificate: CaCertificate, issuer: CaCertificate, path: string): void {
  if (Buffer.compare(certificate.issuerDer, issuer.subjectDer) !== 0) invalid(path, 'issuer-name');
  const signed = reading(path, () =>
    new X509Certificate(certificate.der).verify(new X509Certificate(issuer.der).publicKey),
  );
  if (!signed) invalid(path, 'signature');
}

/** What the readers and the crypto library cannot make sense of is the file's fault. */
function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const known = error instanceof StationError ? error : undefined;
    if (known?.code === 'authority_invalid' && known.details.path !== undefined) throw error;
    const reason = known?.details.reason ?? known?.code ?? String(error);
    throw new StationError('authority_invalid', { path, reason }, { cause: error });
  }
}

function invalid(path: string, reason: string): never {
  throw new StationError('authority_invalid', { path, reason });
}
