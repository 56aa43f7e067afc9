// Rules over the fields of a certificate: serial, algorithm, names, dates, key (RFC 5280 4.1).

import { OID } from '../../der/oids.ts';
import { readElement, readOid, Sequence } from '../../der/reader.ts';
import { isPrintable, TAG } from '../../der/writer.ts';
import { ATTRIBUTE_RULES, type AttributeRule, attributeOf, readName } from '../x509/name.ts';
import { importPublicKey, publicKeyAlgorithm } from '../x509/publicKey.ts';
import { type LintSubject, type Rule, rule } from './findings.ts';

const SIGNATURES: readonly string[] = [
  OID.ecdsaWithSha256,
  OID.ecdsaWithSha384,
  OID.ecdsaWithSha512,
  OID.ed25519,
  OID.sha256WithRsa,
  OID.sha384WithRsa,
  OID.sha512WithRsa,
];
const UTC_TIME_ENDS_MS = Date.UTC(2050, 0, 1);
const RSA_MIN_BITS = 2048;

export const FIELD_RULES: readonly Rule[] = [
  rule('version-3', 'error', ({ certificate }) => certificate.version !== 3),
  // RFC 5280 4.1.2.2.
  rule(
    'serial-positive',
    'error',
    ({ certificate: { serialBytes } }) =>
      (serialBytes[0] ?? 0) >= 0x80 || serialBytes.every((octet) => octet === 0),
  ),
  rule('serial-length', 'error', ({ certificate: { serialBytes } }) =>
    serialBytes.length > 20 ? String(serialBytes.length) : undefined,
  ),
  rule('serial-entropy', 'warning', ({ certificate: { serialBytes } }) =>
    serialBytes.length < 8 ? String(serialBytes.length) : undefined,
  ),
  rule('signature-algorithm', 'error', ({ certificate }) => {
    const type = readOid(new Sequence(readElement(certificate.signatureAlgorithmDer), 'algorithm').take());
    return SIGNATURES.includes(type) ? undefined : type;
  }),
  // RFC 5280 4.1.2.4. NSS, Go and wolfSSL compare the bytes.
  rule('issuer-empty', 'error', ({ certificate }) => readName(certificate.issuerDer).length === 0),
  rule(
    'issuer-name-copied',
    'error',
    ({ certificate, issuer }) =>
      issuer !== undefined && Buffer.compare(certificate.issuerDer, issuer.subjectDer) !== 0,
  ),
  // RFC 5280 4.1.2.5.
  rule('time-type', 'error', ({ certificate }) => wrongTimeType(certificate)),
  rule('validity-order', 'error', ({ certificate }) => certificate.notBeforeMs >= certificate.notAfterMs),
  // No linter of others knows this one: devices of a dead CA fail all at once.
  rule(
    'outlives-issuer',
    'error',
    ({ certificate, issuer, mayOutliveIssuer }) =>
      issuer !== undefined && !mayOutliveIssuer && certificate.notAfterMs > issuer.notAfterMs,
  ),
  rule(
    'begins-before-issuer',
    'warning',
    ({ certificate, issuer }) => issuer !== undefined && certificate.notBeforeMs < issuer.notBeforeMs,
  ),
  rule(
    'subject-empty',
    'error',
    ({ certificate, kind }) => kind === 'ca' && readName(certificate.subjectDer).length === 0,
  ),
  rule('name-string-type', 'error', (subject) => attributeProblem(subject, wrongStringType)),
  rule('name-empty-value', 'error', (subject) => attributeProblem(subject, (_, value) => value.length === 0)),
  rule('name-length', 'error', (subject) =>
    attributeProblem(
      subject,
      (attribute, value) =>
        Array.from(value).length > (ruleOf(attribute)?.maxCharacters ?? Number.POSITIVE_INFINITY),
    ),
  ),
  rule('name-country', 'error', (subject) =>
    attributeProblem(subject, (attribute, value) => attribute === 'C' && !/^[A-Z]{2}$/.test(value)),
  ),
  rule('name-control-character', 'error', (subject) =>
    attributeProblem(subject, (_, value) => /[\p{Cc}]/u.test(value)),
  ),
  // Matter 6.2.2: a device's certificate names the vendor of its issuer, which must name one, and the product where that does.
  rule('matter-vendor-of-issuer', 'error', (subject) => otherThanIssuer(subject, 'matterVendorId')),
  rule('matter-product-of-issuer', 'error', (subject) => otherThanIssuer(subject, 'matterProductId')),
  // One encoding per algorithm: what a device sends is signed only if it is that one.
  rule(
    'public-key-encoding',
    'error',
    ({ certificate, kind }) => kind === 'leaf' && publicKeyAlgorithm(certificate.spkiDer) === undefined,
  ),
  rule('public-key-weak', 'error', ({ certificate }) => weakKey(certificate.spkiDer)),
];

/** A Matter attribute that is not the issuer's. A PAA may leave vendor and product open to its PAIs, a PAI the product. */
function otherThanIssuer(
  { certificate, issuer, kind }: LintSubject,
  attribute: 'matterVendorId' | 'matterProductId',
): string | undefined {
  if (issuer === undefined) return undefined;
  const wanted = attributeOf(issuer.subjectDer, attribute);
  const found = attributeOf(certificate.subjectDer, attribute);
  const mayBeUnnamed = kind === 'ca' || attribute === 'matterProductId';
  if (wanted === found || (wanted === undefined && mayBeUnnamed)) return undefined;
  return found ?? 'missing';
}

const ruleOf = (attribute: string): AttributeRule | undefined =>
  (ATTRIBUTE_RULES as Readonly<Record<string, AttributeRule>>)[attribute];

function wrongTimeType({
  notBeforeMs,
  notBeforeTag,
  notAfterMs,
  notAfterTag,
}: LintSubject['certificate']): boolean {
  const expected = (atMs: number): number => (atMs < UTC_TIME_ENDS_MS ? TAG.utcTime : TAG.generalizedTime);
  return notBeforeTag !== expected(notBeforeMs) || notAfterTag !== expected(notAfterMs);
}

/** The first attribute of the subject that breaks a rule; issuers are copies and judged where they are subjects. */
const attributeProblem = (
  { certificate }: LintSubject,
  breaks: (attribute: string, value: string, tag: number) => boolean,
): string | undefined =>
  readName(certificate.subjectDer).find(({ attribute, value, tag }) => breaks(attribute, value, tag))
    ?.attribute;

/** RFC 5280 appendix A: Printable where it must be, IA5 for domain parts, UTF8 or Printable for the rest. */
function wrongStringType(attribute: string, value: string, tag: number): boolean {
  switch (ruleOf(attribute)?.stringType) {
    case 'printableString':
      return tag !== TAG.printableString || !isPrintable(value);
    case 'ia5String':
      return tag !== TAG.ia5String;
    case 'utf8String':
      return tag !== TAG.utf8String && (tag !== TAG.printableString || !isPrintable(value));
    case undefined:
      // emailAddress is the one attribute of old that is an IA5String.
      return tag !== TAG.utf8String && tag !== TAG.printableString && tag !== TAG.ia5String;
  }
}

/** Why a key should not be signed; undefined for a good one. */
export function weakKey(spkiDer: Uint8Array): string | undefined {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = importPublicKey(spkiDer);
    switch (type) {
      case 'ec':
        return ['prime256v1', 'secp384r1', 'secp521r1'].includes(details?.namedCurve ?? '')
          ? undefined
          : (details?.namedCurve ?? 'curve');
      case 'ed25519':
        return undefined;
      case 'rsa': {
        const bits = details?.modulusLength ?? 0;
        const exponent = details?.publicExponent ?? 0n;
        if (bits < RSA_MIN_BITS) return `rsa-${bits}`;
        // FIPS 186-5 A.1.1: odd and above 2^16; 3 has broken too many verifiers.
        return exponent > 65_536n && exponent % 2n === 1n ? undefined : `rsa-exponent-${exponent}`;
      }
      default:
        return type ?? 'unknown';
    }
  } catch {
    return 'unreadable';
  }
}
