// A certificate on its way: asked for, decided to the last octet, signed.

import type { CertificateSerial } from './certificateSerial.ts';
import type { Sha256Hex } from './ids.ts';
import type { PatternValues, Profile } from './profile.ts';

export interface CertificateRequest {
  readonly profile: Profile;
  readonly certificateSerial: CertificateSerial;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  readonly values: PatternValues;
}

/** A certificate that is fully decided but not signed; good for one `issue`. Only the object itself counts, not a copy. */
export interface PreparedCertificate {
  readonly toBeSigned: Uint8Array;
  readonly publicKeySha256: Sha256Hex;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** No signature makes the certificate longer than this. */
  readonly maxCertificateSizeBytes: number;
}

export interface IssuedCertificate {
  readonly certificateDer: Uint8Array;
  readonly certificateSha256: Sha256Hex;
  /** The certificate of the issuing CA that signed it: with several, not always the one of the authority. */
  readonly issuingDer: Uint8Array;
}
