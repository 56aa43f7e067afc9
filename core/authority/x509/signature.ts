// Signatures by an issuer's key: which scheme a key calls for, how long a signature can get, and the finished certificate.

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { bitString, der, objectIdentifier, sequence, TAG } from './derWriter.ts';
import { publicKeyAlgorithm } from './publicKey.ts';

export interface SignatureScheme {
  /** The AlgorithmIdentifier, DER. */
  readonly algorithmDer: Uint8Array;
  /** The digest for node:crypto; null where the scheme brings its own. */
  readonly digest: string | null;
  readonly maxSignatureSizeBytes: number;
}

/** RSA keys below this are refused as issuers (NIST SP 800-131A). */
const MIN_RSA_BITS = 2048;

/** The scheme of an issuer with this public key; a RangeError when Keyline does not sign with such a key. */
export function signatureSchemeOf(publicKeySpki: Uint8Array): SignatureScheme {
  const algorithm = publicKeyAlgorithm(publicKeySpki);
  switch (algorithm) {
    case 'P-256':
      return {
        algorithmDer: algorithmOnly('1.2.840.10045.4.3.2'),
        digest: 'sha256',
        maxSignatureSizeBytes: 72,
      };
    case 'P-384':
      return {
        algorithmDer: algorithmOnly('1.2.840.10045.4.3.3'),
        digest: 'sha384',
        maxSignatureSizeBytes: 104,
      };
    case 'Ed25519':
      return { algorithmDer: algorithmOnly('1.3.101.112'), digest: null, maxSignatureSizeBytes: 64 };
    case 'RSA-2048':
    case 'RSA-3072':
    case undefined:
      return rsaScheme(publicKeySpki);
  }
}

/** Signs `toBeSigned` with the issuer's key. */
export function signBytes(toBeSigned: Uint8Array, key: KeyObject, scheme: SignatureScheme): Uint8Array {
  return Uint8Array.from(sign(scheme.digest, toBeSigned, { key, dsaEncoding: 'der' }));
}

/** Whether `signature` over `toBeSigned` holds under the issuer's certified public key. */
export function signatureHolds(
  toBeSigned: Uint8Array,
  signature: Uint8Array,
  issuerSpki: Uint8Array,
  scheme: SignatureScheme,
): boolean {
  const key = createPublicKey({ key: Buffer.from(issuerSpki), format: 'der', type: 'spki' });
  return verify(scheme.digest, toBeSigned, { key, dsaEncoding: 'der' }, signature);
}

/** The Certificate (RFC 5280 4.1) around the exact to-be-signed bytes. */
export function assembleCertificate(
  toBeSigned: Uint8Array,
  signature: Uint8Array,
  scheme: SignatureScheme,
): Uint8Array {
  return sequence(toBeSigned, scheme.algorithmDer, bitString(signature));
}

/** The size of the finished certificate if its signature takes the most room it can. */
export function maxCertificateSizeBytes(toBeSigned: Uint8Array, scheme: SignatureScheme): number {
  return assembleCertificate(toBeSigned, new Uint8Array(scheme.maxSignatureSizeBytes), scheme).length;
}

/** RFC 5758 3.2 and RFC 8410 3: the parameters are absent. */
const algorithmOnly = (oid: string): Uint8Array => sequence(objectIdentifier(oid));

function rsaScheme(publicKeySpki: Uint8Array): SignatureScheme {
  const key = createPublicKey({ key: Buffer.from(publicKeySpki), format: 'der', type: 'spki' });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < MIN_RSA_BITS) {
    throw new RangeError(`cannot sign with a ${key.asymmetricKeyType} key of ${bits} bits`);
  }
  // RFC 4055 5: sha256WithRSAEncryption, whose parameters are NULL.
  const algorithmDer = sequence(objectIdentifier('1.2.840.113549.1.1.11'), der(TAG.null));
  return { algorithmDer, digest: 'sha256', maxSignatureSizeBytes: Math.ceil(bits / 8) };
}
