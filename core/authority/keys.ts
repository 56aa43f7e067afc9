// Makes key pairs at the station. The private half exists only in the Secret that is handed out.

import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import type { KeyAlgorithm } from '../domain/profile.ts';
import type { Secret } from '../domain/secret.ts';
import { exportPkcs8 } from './encryptedKey.ts';

export interface KeyPair {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  /** PKCS#8, DER; whoever receives it wipes it. */
  readonly privateKeyPkcs8: Secret;
}

/** Key pairs from the operating system's generator, in the encodings that mbedTLS and OpenSSL read. */
export class StationKeyMaker {
  generate(algorithm: KeyAlgorithm): KeyPair {
    const { publicKey, privateKey } = generatePair(algorithm);
    return {
      publicKeySpki: Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' })),
      privateKeyPkcs8: exportPkcs8(privateKey),
    };
  }
}

function generatePair(algorithm: KeyAlgorithm): KeyPairKeyObjectResult {
  switch (algorithm) {
    case 'P-256':
      return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    case 'P-384':
      return generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    case 'RSA-2048':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'RSA-3072':
      return generateKeyPairSync('rsa', { modulusLength: 3072 });
    case 'Ed25519':
      return generateKeyPairSync('ed25519');
  }
}
