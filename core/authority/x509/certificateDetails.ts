// What a certificate's page shows beyond its description: algorithms, usages and the public key's fingerprint.

import { createPublicKey } from 'node:crypto';
import type { Sha256Hex } from '../../domain/ids.ts';
import { readKeyUsage } from './authorityFacts.ts';
import { extensionValue, readCertificate } from './certificateReader.ts';
import { expectTag, readChildren, readDer, readObjectIdentifier } from './derReader.ts';
import { TAG } from './derWriter.ts';
import { sha256Hex } from './fingerprint.ts';
import { EXTENDED_KEY_USAGE_OIDS, EXTENSION_OIDS } from './oids.ts';
import { publicKeyAlgorithm } from './publicKey.ts';

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
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '1.3.101.112': 'Ed25519',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
};
const USAGE_NAMES = new Map(Object.entries(EXTENDED_KEY_USAGE_OIDS).map(([name, oid]) => [oid, name]));

/** Of a certificate that can be read; a RangeError otherwise. */
export function certificateDetails(der: Uint8Array): CertificateDetails {
  const parsed = readCertificate(der);
  const [signatureOid] = readChildren(readDer(parsed.signatureAlgorithmDer), TAG.sequence);
  const signature = readObjectIdentifier(signatureOid);
  const usages = extensionValue(parsed, EXTENSION_OIDS.extendedKeyUsage);
  return {
    keyAlgorithm: keyAlgorithmName(parsed.publicKeySpki),
    signatureAlgorithm: SIGNATURE_NAMES[signature] ?? signature,
    keyUsage: readKeyUsage(parsed) ?? [],
    extendedKeyUsage: (usages === undefined ? [] : readChildren(usages, TAG.sequence)).map((usage) => {
      const oid = readObjectIdentifier(expectTag(usage, TAG.objectIdentifier));
      return USAGE_NAMES.get(oid) ?? oid;
    }),
    publicKeySha256: sha256Hex(parsed.publicKeySpki),
  };
}

function keyAlgorithmName(spki: Uint8Array): string {
  const known = publicKeyAlgorithm(spki);
  if (known !== undefined) return known;
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    return `${key.asymmetricKeyType ?? 'unknown'}${bits === undefined ? '' : ` ${bits}`}`;
  } catch {
    return 'unknown';
  }
}
