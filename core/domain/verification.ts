// How strongly an installation was checked, weakest last. Shown to the operator and kept in the run's record.

import type { CredentialItem } from './credential.ts';
import type { Sha256Hex } from './ids.ts';

export const VERIFICATION_CHECKS = [
  'device-digest',
  'read-back',
  'proof-of-possession',
  'length-only',
  'impossible',
] as const;

/**
 * `device-digest`: the device hashed what it stored and it matches · `read-back`: the bytes were read out and compared
 * · `proof-of-possession`: the device signed with the key · `length-only`: only sizes match · `impossible`: no check exists.
 */
export type VerificationCheck = (typeof VERIFICATION_CHECKS)[number];

export interface ItemVerification {
  readonly item: CredentialItem;
  readonly check: VerificationCheck;
  /** As the station expects it, over the bytes exactly as stored. */
  readonly expectedSha256: Sha256Hex;
  /** As the device reported it or as it was computed from what was read back. */
  readonly actualSha256: Sha256Hex | undefined;
  /** What a first reading gave that did not match; it was read once again, and the record shows both. */
  readonly firstReadSha256?: Sha256Hex;
}

/** The digests of an error's details: a password's is recorded salted or not at all, and nobody salts an error. */
export const toldDigests = <Digests extends object>(
  item: CredentialItem,
  digests: Digests,
): Digests | Record<never, never> => (item === 'password' ? {} : digests);

/** What a mutual-TLS handshake showed. Bytes are counted on the TCP socket, the records' headers included. */
export interface HandshakeEvidence {
  readonly protocol: string;
  readonly cipher: string;
  /** The client certificate's subject as the edge server saw it. */
  readonly peerSubject: string;
  readonly peerCertificateSha256: Sha256Hex;
  readonly bytesFromDevice: number;
  readonly bytesToDevice: number;
  readonly durationMs: number;
}
