// A CA that signs: its certificate and a function over its key. Whether the key is a file or a token is not known here.

import { createPublicKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import { OID } from '../../der/oids.ts';
import { bitString, NULL, oid, sequence } from '../../der/writer.ts';
import { StationError } from '../../domain/stationError.ts';

/** A key that signs certificates, lists and requests. */
export interface Signer {
  /** AlgorithmIdentifier of every signature that `sign` makes. */
  readonly algorithmDer: Uint8Array;
  /** The signature over `toBeSigned` as it stands in a certificate (ECDSA: DER of r and s). */
  sign(toBeSigned: Uint8Array): Uint8Array;
  /** Whether `signature` is this key's. */
  verify(toBeSigned: Uint8Array, signature: Uint8Array): boolean;
}

/** A CA's key; it verifies by the public key in the CA's certificate. */
export interface CaSigner extends Signer {
  readonly certificateDer: Uint8Array;
}

/** How a kind of key signs. */
export interface SignatureScheme {
  /** For node:crypto; null where the algorithm brings its own digest. */
  readonly digest: 'sha256' | 'sha384' | null;
  readonly algorithmDer: Uint8Array;
  readonly maxSignatureSizeBytes: number;
}

// RFC 5758 3.2: ECDSA without parameters. RFC 4055 5: RSA with NULL. RFC 8410 3: Ed25519 without parameters.
const scheme = (
  digest: SignatureScheme['digest'],
  maxSignatureSizeBytes: number,
  ...algorithm: readonly Uint8Array[]
): SignatureScheme => ({ digest, maxSignatureSizeBytes, algorithmDer: sequence(...algorithm) });
const ECDSA_256 = scheme('sha256', 72, oid(OID.ecdsaWithSha256));
const ECDSA_384 = scheme('sha384', 104, oid(OID.ecdsaWithSha384));
const ED25519 = scheme(null, 64, oid(OID.ed25519));
/** RSA keys below this are refused as issuers (NIST SP 800-131A). */
const MIN_RSA_BITS = 2048;

/** The scheme that a key signs with; `key_weak` for keys that nothing should be signed with. */
export function signatureSchemeOf(key: KeyObject): SignatureScheme {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const bits = details?.modulusLength;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return ECDSA_256;
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return ECDSA_384;
  if (type === 'ed25519') return ED25519;
  if (type === 'rsa' && bits !== undefined && bits >= MIN_RSA_BITS) {
    return scheme('sha256', Math.ceil(bits / 8), oid(OID.sha256WithRsa), NULL);
  }
  throw new StationError('key_weak', { type: type ?? 'unknown', curve: details?.namedCurve, bits });
}

/** Checks signatures by a public key. */
export function verifierOf(publicKey: KeyObject): Pick<Signer, 'algorithmDer' | 'verify'> {
  const { digest, algorithmDer } = signatureSchemeOf(publicKey);
  return {
    algorithmDer,
    verify: (toBeSigned, signature) => verify(digest, toBeSigned, publicKey, signature),
  };
}

/** Signs with a key in memory that has no certificate yet. */
export function bareSigner(privateKey: KeyObject): Signer {
  const { digest } = signatureSchemeOf(privateKey);
  return {
    ...verifierOf(createPublicKey(privateKey)),
    sign: (toBeSigned) => sign(digest, toBeSigned, privateKey),
  };
}

/** Signs with a key in memory. Throws `authority_invalid` when key and certificate do not belong together. */
export function keySigner(certificateDer: Uint8Array, privateKey: KeyObject): CaSigner {
  const certificate = new X509Certificate(certificateDer);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StationError('authority_invalid', { reason: 'key-of-another-ca' });
  }
  return { ...bareSigner(privateKey), ...verifierOf(certificate.publicKey), certificateDer };
}

/** The three fields that certificates, lists and requests share (RFC 5280 4.1, RFC 2986 4.2), around the exact bytes signed. */
export const assembleSigned = (
  toBeSigned: Uint8Array,
  algorithmDer: Uint8Array,
  signature: Uint8Array,
): Uint8Array => sequence(toBeSigned, algorithmDer, bitString(signature));

/**
 * Signs, and verifies what was signed: a fault in memory or in the key must not leave the station (and could give an ECDSA
 * key away). `what` names the thing in `signature_check_failed`.
 */
export function signStructure(signer: Signer, toBeSigned: Uint8Array, what: string): Uint8Array {
  const signature = signer.sign(toBeSigned);
  if (!signer.verify(toBeSigned, signature)) throw new StationError('signature_check_failed', { what });
  return assembleSigned(toBeSigned, signer.algorithmDer, signature);
}
