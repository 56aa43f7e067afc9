// Key pairs made at the station, in memory only.

import type { KeyAlgorithm } from '../../domain/profile.ts';
import type { Secret } from '../../domain/secret.ts';

export interface StationKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  readonly privateKeyPkcs8: Secret;
}

export interface KeyMaker {
  generate(algorithm: KeyAlgorithm): StationKey;
}
