// A key pair that never leaves the device that made it.

import type { KeyAlgorithm } from './profile.ts';
import type { JsonObject } from './run.ts';

/** What devices can make by themselves: the same everywhere. */
export const ON_DEVICE_ALGORITHMS: readonly KeyAlgorithm[] = ['P-256'];

/** A key pair that the device made and keeps. */
export interface DeviceKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  /** PKCS#10 as the device made it, its signature checked; undefined where the device only tells its public key. */
  readonly certificationRequestDer: Uint8Array | undefined;
  /** How the device showed that it holds the private key. */
  readonly proof: 'signed-request' | 'none';
  readonly evidence: JsonObject;
}
