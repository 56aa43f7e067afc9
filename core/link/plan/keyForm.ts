// The forms of a private key that hardware takes, and which keys have one.

import { createPrivateKey } from 'node:crypto';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../domain/profile.ts';
import { StationError } from '../../domain/stationError.ts';

/** `sec1`: the traditional form, SEC1 (RFC 5915) of an elliptic-curve key and PKCS#1 (RFC 8017) of an RSA key. */
export type PrivateKeyForm = 'sec1' | 'pkcs8';

export interface FormedKey {
  /** The caller wipes it. */
  readonly der: Uint8Array;
  /** Of its PEM. */
  readonly label: 'PRIVATE KEY' | 'EC PRIVATE KEY' | 'RSA PRIVATE KEY';
}

/** Curve25519 keys came after the traditional forms: they have PKCS#8 (RFC 8410) alone. */
export const algorithmsIn = (form: PrivateKeyForm): readonly KeyAlgorithm[] =>
  form === 'pkcs8' ? KEY_ALGORITHMS : KEY_ALGORITHMS.filter((algorithm) => algorithm !== 'Ed25519');

/** A copy of a key in that form. `capability_missing` where it has none. */
export function formKey(pkcs8: Uint8Array, form: PrivateKeyForm): FormedKey {
  if (form === 'pkcs8') return { der: Uint8Array.from(pkcs8), label: 'PRIVATE KEY' };
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  switch (key.asymmetricKeyType) {
    case 'ec':
      return { der: key.export({ format: 'der', type: 'sec1' }), label: 'EC PRIVATE KEY' };
    case 'rsa':
      return { der: key.export({ format: 'der', type: 'pkcs1' }), label: 'RSA PRIVATE KEY' };
    default:
      throw new StationError('capability_missing', {
        capability: 'traditional key form',
        keyType: key.asymmetricKeyType,
      });
  }
}
