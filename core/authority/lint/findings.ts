// What the linter looks at and what it says. A rule sees the bytes as they stand and answers with nothing, or with what
// it found; it never repairs.

import type { ReadCertificate } from '../x509/certificate.ts';
import type { CertificateContent } from '../x509/tbsBuilder.ts';

/** What was decided before a byte was encoded, and the algorithm that the issuer signs with. */
export interface Intended {
  readonly content: CertificateContent;
  readonly algorithmDer: Uint8Array;
}

export interface LintSubject {
  readonly certificate: ReadCertificate;
  /** A CA's certificate, or a leaf's. Decided by whoever asks, not by what the certificate says of itself. */
  readonly kind: 'leaf' | 'ca';
  /** The issuer's certificate; undefined where it is not at hand. A root is its own issuer. */
  readonly issuer: ReadCertificate | undefined;
  /** Undefined for a certificate from elsewhere, which is held against the standards alone. */
  readonly intended: Intended | undefined;
  /** IEEE 802.1AR: an IDevID has no expiry, whatever its issuer has. */
  readonly mayOutliveIssuer: boolean;
}

/** `error`: not signed, not imported. `warning`: shown. */
export type Severity = 'error' | 'warning';

export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** What is wrong, as a fact for the words; undefined when nothing is. */
  readonly check: (subject: LintSubject) => string | undefined;
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly found: string;
}

/** What a rule found that has nothing to add. */
export const YES = 'so';

/** A rule whose answer is yes or no. */
export const rule = (
  id: string,
  severity: Severity,
  check: (subject: LintSubject) => string | boolean | undefined,
): Rule => ({
  id,
  severity,
  check: (subject) => {
    const answer = check(subject);
    return answer === true ? YES : answer === false ? undefined : answer;
  },
});
