// Certificates as the contract shows them.

import { certificateDetails } from '../authority/x509/certificateDetails.ts';
import { describeCertificate } from '../authority/x509/describeCertificate.ts';
import type { CertificateView } from '../contract/schemas/inventory.ts';
import { toPem } from '../der/pem.ts';

/** 9999-12-31T23:59:59Z: no well-defined expiration (RFC 5280 4.1.2.5). */
const NO_EXPIRY_MS = 253_402_300_799_000;

export const expiryOf = (notAfterMs: number | undefined): number | undefined =>
  notAfterMs === NO_EXPIRY_MS ? undefined : notAfterMs;

export function certificateView(der: Uint8Array): CertificateView {
  const { subject, issuer, certificateSerial, notBeforeMs, notAfterMs, sha256, altNames } =
    describeCertificate(der);
  return {
    ...{ subject: subject.slice(0, 600), issuer: issuer.slice(0, 600), certificateSerial },
    notBeforeMs,
    notAfterMs: expiryOf(notAfterMs),
    ...certificateDetails(der),
    subjectAltName: altNames.map((name) => name.slice(0, 300)).slice(0, 40),
    sha256,
    pem: toPem('CERTIFICATE', der),
  };
}
