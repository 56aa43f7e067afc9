// The two CA certificates of an authority's folder, read and checked before anything is signed under them.

import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { StationError } from '../domain/stationError.ts';
import type { Validity } from './content.ts';
import { readTextFile } from './keyVault.ts';
import type { IssuerFacts } from './tbsCheck.ts';
import { readBasicConstraints, readKeyUsage, readSubjectKeyIdentifier } from './x509/authorityFacts.ts';
import { type ParsedCertificate, readCertificate } from './x509/certificateReader.ts';
import { decodePem } from './x509/pem.ts';
import { type SignatureScheme, signatureSchemeOf } from './x509/signature.ts';

/** The files of an authority. Only a ceremony needs `rootKey`: it may be kept elsewhere. */
export const AUTHORITY_FILES = {
  root: 'root.pem',
  rootKey: 'root.key.pem',
  issuing: 'issuing.pem',
  issuingKey: 'issuing.key.pem',
  facts: 'authority.json',
} as const;

export interface Chain {
  readonly root: ParsedCertificate;
  readonly issuing: ParsedCertificate;
  /** The issuing CA's signature scheme and what leaves copy from it. */
  readonly scheme: SignatureScheme;
  readonly issuer: IssuerFacts;
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
  if (!isRoot && readBasicConstraints(root).pathLength === 0) invalid(rootPath, 'path-length');
  return {
    root,
    issuing,
    ...issuerParts(issuing, issuingPath),
    validity: {
      notBeforeMs: Math.max(root.notBeforeMs, issuing.notBeforeMs),
      notAfterMs: Math.min(root.notAfterMs, issuing.notAfterMs),
    },
  };
}

function issuerParts(issuing: ParsedCertificate, path: string): Pick<Chain, 'scheme' | 'issuer'> {
  return reading(path, () => {
    const subjectKeyIdentifier = readSubjectKeyIdentifier(issuing);
    // RFC 5280 4.2.1.2: every CA has one. A computed substitute might not be what others copied.
    if (!subjectKeyIdentifier) return invalid(path, 'no-subject-key-identifier');
    const scheme = signatureSchemeOf(issuing.publicKeySpki);
    const { subjectDer } = issuing;
    return {
      scheme,
      issuer: { subjectDer, subjectKeyIdentifier, signatureAlgorithmDer: scheme.algorithmDer },
    };
  });
}

/** One certificate that may sign certificates. */
function readCaFile(path: string): ParsedCertificate {
  const [der, ...more] = decodePem('CERTIFICATE', readTextFile(path));
  if (!der || more.length > 0) return invalid(path, 'not-one-certificate');
  return reading(path, () => {
    const parsed = readCertificate(der);
    if (!readBasicConstraints(parsed).certificateAuthority) invalid(path, 'not-a-ca');
    // RFC 5280 4.2.1.3: without the bit a key does not sign certificates.
    if (readKeyUsage(parsed)?.includes('keyCertSign') === false) invalid(path, 'key-usage');
    return parsed;
  });
}

/** RFC 5280 6.1.3 (a)(1) and (a)(4): the signature, and the name byte for byte. */
function checkSigned(certificate: ParsedCertificate, issuer: ParsedCertificate, path: string): void {
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
    if (error instanceof StationError) throw error;
    throw new StationError('authority_invalid', { path, reason: String(error) }, { cause: error });
  }
}

function invalid(path: string, reason: string): never {
  throw new StationError('authority_invalid', { path, reason });
}
