// What a certificate's page shows beyond its description: algorithms, usages and the public key's fingerprint.

import { sha256Hex } from '../../der/fingerprint.ts';
import { EXTENDED_KEY_USAGE_OIDS, OID } from '../../der/oids.ts';
import { readElement, readOid, Sequence } from '../../der/reader.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import { extendedKeyUsageOf, keyUsageOf, readCertificate } from './certificate.ts';
import { importPublicKey, publicKeyAlgorithm } from './publicKey.ts';

export interface CertificateDetails {
  readonly keyAlgorithm: string;
  readonly signatureAlgorithm: string;
  readonly keyUsage: readonly string[];
  readonly extendedKeyUsage: readonly string[];
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly publicKeySha256: Sha256Hex;
}

/** RFC 5758 3.2, RFC 8410 3, RFC 8017 A.2. */
const SIGNATURE_NAMES: Readonly<Record<string, string>> = {
  [OID.ecdsaWithSha256]: 'ecdsa-with-SHA256',
  [OID.ecdsaWithSha384]: 'ecdsa-with-SHA384',
  [OID.ecdsaWithSha512]: 'ecdsa-with-SHA512',
  [OID.ed25519]: 'Ed25519',
  [OID.sha256WithRsa]: 'sha256WithRSAEncryption',
  [OID.sha384WithRsa]: 'sha384WithRSAEncryption',
};
const USAGE_NAMES = new Map(Object.entries(EXTENDED_KEY_USAGE_OIDS).map(([name, oid]) => [oid, name]));

/** Of a certificate that can be read; `encoding_invalid` otherwise. */
export function certificateDetails(der: Uint8Array): CertificateDetails {
  const certificate = readCertificate(der);
  const signature = readOid(new Sequence(readElement(certificate.algorithmDer), 'algorithm').take());
  return {
    keyAlgorithm: keyAlgorithmName(certificate.spkiDer),
    signatureAlgorithm: SIGNATURE_NAMES[signature] ?? signature,
    keyUsage: keyUsageOf(certificate) ?? [],
    extendedKeyUsage: (extendedKeyUsageOf(certificate) ?? []).map((oid) => USAGE_NAMES.get(oid) ?? oid),
    publicKeySha256: sha256Hex(certificate.spkiDer),
  };
}

function keyAlgorithmName(spki: Uint8Array): string {
  const known = publicKeyAlgorithm(spki);
  if (known !== undefined) return known;
  try {
    const key = importPublicKey(spki);
    const bits = key.asymmetricKeyDetails?.modulusLength;
    return `${key.asymmetricKeyType ?? 'unknown'}${bits === undefined ? '' : ` ${bits}`}`;
  } catch {
    return 'unknown';
  }
}
