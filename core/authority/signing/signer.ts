// A CA that signs: its certificate and a function over its key. Whether the key is a file or a token is not known here.

import { type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import { StationError } from '../../domain/stationError.ts';
import { OID } from '../der/oids.ts';
import { NULL, oid, sequence } from '../der/writer.ts';

export interface CaSigner {
  readonly certificateDer: Uint8Array;
  /** AlgorithmIdentifier of every signature that `sign` makes. */
  readonly algorithmDer: Uint8Array;
  /** The signature over `toBeSigned` as it stands in a certificate (ECDSA: DER of r and s). */
  sign(toBeSigned: Uint8Array): Uint8Array;
  /** Whether `signature` is the CA's, by the public key in its certificate. */
  verify(toBeSigned: Uint8Array, signature: Uint8Array): boolean;
}

/** How a kind of key signs: digest name for node:crypto (undefined: the algorithm has its own) and its identifier. */
export interface SignatureScheme {
  readonly digest: 'sha256' | 'sha384' | 'sha512' | undefined;
  readonly algorithmDer: Uint8Array;
}

// RFC 5758 3.2: ECDSA without parameters. RFC 4055 5: RSA with NULL. RFC 8410 3: Ed25519 without parameters.
const ECDSA_256: SignatureScheme = { digest: 'sha256', algorithmDer: sequence(oid(OID.ecdsaWithSha256)) };
const ECDSA_384: SignatureScheme = { digest: 'sha384', algorithmDer: sequence(oid(OID.ecdsaWithSha384)) };
const ED25519: SignatureScheme = { digest: undefined, algorithmDer: sequence(oid(OID.ed25519)) };
const RSA_256: SignatureScheme = { digest: 'sha256', algorithmDer: sequence(oid(OID.sha256WithRsa), NULL) };

/** The scheme that a key signs with; `key_weak` for keys that nothing should be signed with. */
export function signatureSchemeOf(key: KeyObject): SignatureScheme {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return ECDSA_256;
  if (type === 'ec' && details?.namedCurve === 'secp384r1') return ECDSA_384;
  if (type === 'ed25519') return ED25519;
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return RSA_256;
  throw new StationError('key_weak', {
    type: type ?? 'unknown',
    curve: details?.namedCurve,
    bits: details?.modulusLength,
  });
}

/** Signs with a key in memory. Throws `authority_invalid` when key and certificate do not belong together. */
export function keySigner(certificateDer: Uint8Array, privateKey: KeyObject): CaSigner {
  const certificate = new X509Certificate(certificateDer);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new StationError('authority_invalid', { reason: 'key-of-another-ca' });
  }
  const publicKey = certificate.publicKey;
  const { digest, algorithmDer } = signatureSchemeOf(privateKey);
  return {
    certificateDer,
    algorithmDer,
    sign: (toBeSigned) => sign(digest ?? null, toBeSigned, privateKey),
    verify: (toBeSigned, signature) => verify(digest ?? null, toBeSigned, publicKey, signature),
  };
}
