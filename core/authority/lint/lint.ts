// The linter: every rule of RFC 5280 and its neighbours that has ever kept a device out, run on what is about to be
// signed and on CAs that are brought in.

import { StationError } from '../../domain/stationError.ts';
import { type ReadCertificate, readCertificate, readToBeSigned } from '../der/certificate.ts';
import { EXTENSION_RULES } from './extensionRules.ts';
import { FIELD_RULES } from './fieldRules.ts';
import type { Finding, LintSubject, Rule } from './findings.ts';

export const LINT_RULES: readonly Rule[] = [...FIELD_RULES, ...EXTENSION_RULES];

export interface LintContext {
  readonly kind: 'leaf' | 'ca';
  /** The issuer's certificate, DER; a root's is its own. */
  readonly issuerDer?: Uint8Array | undefined;
  readonly mayOutliveIssuer?: boolean;
}

/** What is wrong with to-be-signed bytes, worst first. What cannot be read has the one finding `encoding`. */
export const lintToBeSigned = (toBeSigned: Uint8Array, context: LintContext): readonly Finding[] =>
  lint(() => readToBeSigned(toBeSigned), context);

/** The same for a finished certificate. Signatures are not checked here. */
export const lintCertificate = (certificateDer: Uint8Array, context: LintContext): readonly Finding[] =>
  lint(() => readCertificate(certificateDer), context);

/** Throws `certificate_check_failed` with the first error's rule. */
export function refuseFindings(findings: readonly Finding[]): void {
  const worst = findings.find((one) => one.severity === 'error');
  if (worst !== undefined) {
    throw new StationError('certificate_check_failed', { rule: worst.rule, reason: worst.found });
  }
}

function lint(read: () => ReadCertificate, context: LintContext): readonly Finding[] {
  try {
    const subject: LintSubject = {
      certificate: read(),
      kind: context.kind,
      issuer: context.issuerDer === undefined ? undefined : readCertificate(context.issuerDer),
      mayOutliveIssuer: context.mayOutliveIssuer ?? false,
    };
    const findings = LINT_RULES.flatMap((one) => run(one, subject));
    return [...findings].sort((left, right) => rank(left) - rank(right));
  } catch (error) {
    return [{ rule: 'encoding', severity: 'error', found: reasonOf(error) }];
  }
}

/** A value that a rule cannot even read breaks that rule. */
function run({ id, severity, check }: Rule, subject: LintSubject): readonly Finding[] {
  try {
    const found = check(subject);
    return found === undefined ? [] : [{ rule: id, severity, found }];
  } catch (error) {
    return [{ rule: id, severity: 'error', found: reasonOf(error) }];
  }
}

const rank = ({ severity }: Finding): number => (severity === 'error' ? 0 : 1);

function reasonOf(error: unknown): string {
  if (error instanceof StationError && error.code === 'encoding_invalid') return String(error.details.reason);
  throw error;
}
