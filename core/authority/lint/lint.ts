// The linter: every rule of RFC 5280 and its neighbours that has ever kept a device out, run on what is about to be
// signed and on CAs that are brought in.

import { StationError } from '../../domain/stationError.ts';
import type { Signer } from '../signing/signer.ts';
import { type ReadCertificate, readCertificate, readToBeSigned } from '../x509/certificate.ts';
import type { CertificateContent } from '../x509/tbsBuilder.ts';
import { EXTENSION_RULES } from './extensionRules.ts';
import { FIELD_RULES } from './fieldRules.ts';
import { type Finding, type Intended, type LintSubject, type Rule, YES } from './findings.ts';
import { INTENT_RULES } from './intentRules.ts';

export const LINT_RULES: readonly Rule[] = [...FIELD_RULES, ...EXTENSION_RULES, ...INTENT_RULES];

export interface LintContext {
  readonly kind: 'leaf' | 'ca';
  /** The issuer's certificate, DER; a root's is its own. */
  readonly issuerDer?: Uint8Array | undefined;
  readonly mayOutliveIssuer?: boolean;
  /** What the certificate was to say; it is then held against that, too. */
  readonly intended?: Intended | undefined;
}

/** What is wrong with to-be-signed bytes, worst first. What cannot be read has the one finding `encoding`. */
export const lintToBeSigned = (toBeSigned: Uint8Array, context: LintContext): readonly Finding[] =>
  lint(() => readToBeSigned(toBeSigned), context);

/** The same for a finished certificate. Signatures are not checked here. */
export const lintCertificate = (certificateDer: Uint8Array, context: LintContext): readonly Finding[] =>
  lint(() => readCertificate(certificateDer), context);

/**
 * Throws `certificate_check_failed` with the first error's rule; `name_value_invalid` where profile and CA, or a CA and its
 * root, do not go together.
 */
export function refuseFindings(findings: readonly Finding[], kind: LintContext['kind'] = 'leaf'): void {
  const worst = findings.find((one) => one.severity === 'error');
  if (worst === undefined) return;
  const { rule, found } = worst;
  if (rule === 'matter-vendor-of-issuer' || rule === 'matter-product-of-issuer') {
    const meaning = kind === 'ca' ? 'matter-not-of-root' : 'matter-not-of-issuer';
    throw new StationError('name_value_invalid', { rule, value: found, meaning });
  }
  throw new StationError('certificate_check_failed', { rule, found: found === YES ? undefined : found });
}

/**
 * Every rule on what `signer` is about to sign, also that it says what was decided and nothing else. What fails here is
 * never signed: `certificate_check_failed`. A root passes no signer's certificate, because it has none yet.
 */
export function checkToBeSigned(
  toBeSigned: Uint8Array,
  content: CertificateContent,
  signer: Pick<Signer, 'algorithmDer'> & { readonly certificateDer?: Uint8Array | undefined },
  mayOutliveIssuer = false,
): void {
  const kind = content.extensions.certificateAuthority === undefined ? 'leaf' : 'ca';
  const findings = lintToBeSigned(toBeSigned, {
    ...{ kind, mayOutliveIssuer },
    issuerDer: signer.certificateDer,
    intended: { content, algorithmDer: signer.algorithmDer },
  });
  refuseFindings(findings, kind);
}

function lint(read: () => ReadCertificate, context: LintContext): readonly Finding[] {
  try {
    const subject: LintSubject = {
      certificate: read(),
      kind: context.kind,
      issuer: context.issuerDer === undefined ? undefined : readCertificate(context.issuerDer),
      intended: context.intended,
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
