// What the station asks of the local CA. Signing is only possible with a token from `prepare`, and only once.

import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { PatternValues, Profile } from '../../domain/profile.ts';

export interface CertificateRequest {
  readonly profile: Profile;
  readonly certificateSerial: CertificateSerial;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  readonly values: PatternValues;
}

/** A certificate that is fully decided but not signed. Opaque outside the authority; good for one `issue`. */
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
  /** The issuing CA that signed it: with several, not always the one of the port. */
  readonly issuingDer?: Uint8Array;
}

export interface AuthorityPort {
  readonly rootDer: Uint8Array;
  readonly issuingDer: Uint8Array;
  /** Draws a serial; uniqueness is the inventory's to enforce. */
  reserveCertificateSerial(): CertificateSerial;
  /** Decides the content and checks it against the profile and RFC 5280. `newestIssuedAtMs` guards the clock. */
  prepare(request: CertificateRequest, newestIssuedAtMs: number | undefined): PreparedCertificate;
  /** Signs what was prepared and verifies the signature. Throws `prepared_already_used` the second time. */
  issue(prepared: PreparedCertificate): IssuedCertificate;
}
