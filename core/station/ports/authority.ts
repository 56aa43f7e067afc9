// What the station asks of the local CA. Signing is only possible with a token from `prepare`, and only once.

import type { CertificateRequest, IssuedCertificate, PreparedCertificate } from '../../domain/certificate.ts';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';

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
