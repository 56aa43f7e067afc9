// Rules over the extensions of a certificate (RFC 5280 4.2).

import { type KeyUsageBit, OID } from '../../der/oids.ts';
import { childrenOf, readElement, readOid, Sequence } from '../../der/reader.ts';
import {
  authorityKeyIdentifierOf,
  basicConstraintsOf,
  extendedKeyUsageOf,
  extensionOf,
  isSelfIssued,
  keyUsageOf,
  subjectKeyIdentifierOf,
} from '../x509/certificate.ts';
import { readName } from '../x509/name.ts';
import { type LintSubject, type Rule, rule } from './findings.ts';

/** What may stand in a leaf's key usage, by kind of key: RFC 5480 3 and RFC 8813 3, RFC 8410 5, RFC 4055 1.2. */
const LEAF_USAGES: Readonly<Record<string, readonly KeyUsageBit[]>> = {
  [OID.ecPublicKey]: ['digitalSignature', 'nonRepudiation', 'keyAgreement'],
  [OID.ed25519]: ['digitalSignature', 'nonRepudiation'],
  [OID.rsaEncryption]: ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment'],
};

const critical = ({ certificate }: LintSubject, type: string): boolean | undefined =>
  extensionOf(certificate, type)?.critical;

const isRoot = ({ certificate, kind }: LintSubject): boolean => kind === 'ca' && isSelfIssued(certificate);

export const EXTENSION_RULES: readonly Rule[] = [
  rule(
    'extension-twice',
    'error',
    ({ certificate: { extensions } }) =>
      extensions.find((one, index) => extensions.findIndex((other) => other.oid === one.oid) !== index)?.oid,
  ),
  // X.690 11.5: a default value is not written.
  rule(
    'extension-default-written',
    'error',
    ({ certificate: { extensions } }) => extensions.find((one) => one.criticalWritten && !one.critical)?.oid,
  ),
  rule(
    'extension-unknown-critical',
    'error',
    ({ certificate: { extensions } }) =>
      extensions.find((one) => one.critical && !KNOWN.includes(one.oid))?.oid,
  ),
  rule('basic-constraints', 'error', ({ certificate, kind }) => {
    const constraints = basicConstraintsOf(certificate);
    if (kind === 'ca') return constraints?.certificateAuthority !== true;
    return constraints?.certificateAuthority === true || constraints?.pathLength !== undefined;
  }),
  rule(
    'basic-constraints-critical',
    'error',
    (subject) => subject.kind === 'ca' && critical(subject, OID.basicConstraints) === false,
  ),
  rule('path-length', 'error', ({ certificate, kind, issuer }) => {
    const limit = issuer === undefined ? undefined : basicConstraintsOf(issuer)?.pathLength;
    const crossing = kind === 'ca' && !isSelfIssued(certificate) && limit !== undefined;
    return crossing && (basicConstraintsOf(certificate)?.pathLength ?? Number.POSITIVE_INFINITY) >= limit;
  }),
  rule('key-usage-missing', 'error', ({ certificate }) => keyUsageOf(certificate) === undefined),
  rule('key-usage-critical', 'error', (subject) => critical(subject, OID.keyUsage) === false),
  rule('key-usage-of-ca', 'error', ({ certificate, kind }) => {
    const usage = keyUsageOf(certificate);
    if (kind === 'leaf' || usage === undefined) return undefined;
    return (['keyCertSign', 'cRLSign'] as const).find((bit) => !usage.includes(bit));
  }),
  rule('key-usage-of-algorithm', 'error', ({ certificate, kind }) => {
    if (kind === 'ca') return undefined;
    const algorithm = new Sequence(readElement(certificate.spkiDer), 'public key').take();
    const allowed = LEAF_USAGES[readOid(new Sequence(algorithm, 'algorithm').take())] ?? [];
    return keyUsageOf(certificate)?.find((bit) => !allowed.includes(bit));
  }),
  rule(
    'extended-key-usage-empty',
    'error',
    ({ certificate }) => extendedKeyUsageOf(certificate)?.length === 0,
  ),
  rule(
    'extended-key-usage-any',
    'warning',
    ({ certificate }) => extendedKeyUsageOf(certificate)?.includes(OID.anyExtendedKeyUsage) === true,
  ),
  // Critical identifiers break OpenSSL, NSS, Go and wolfSSL.
  rule(
    'key-identifier-critical',
    'error',
    (subject) =>
      critical(subject, OID.subjectKeyIdentifier) === true ||
      critical(subject, OID.authorityKeyIdentifier) === true,
  ),
  rule(
    'subject-key-identifier-missing',
    'error',
    ({ certificate, kind }) => kind === 'ca' && subjectKeyIdentifierOf(certificate) === undefined,
  ),
  rule(
    'authority-key-identifier-missing',
    'error',
    (subject) => !isRoot(subject) && authorityKeyIdentifierOf(subject.certificate) === undefined,
  ),
  // Copied from the issuer, never computed anew: most stacks refuse a difference.
  rule('authority-key-identifier-copied', 'error', ({ certificate, issuer }) => {
    const own = authorityKeyIdentifierOf(certificate);
    const copied = issuer === undefined ? undefined : subjectKeyIdentifierOf(issuer);
    return own !== undefined && copied !== undefined && Buffer.compare(own, copied) !== 0;
  }),
  rule('subject-alt-name-empty', 'error', ({ certificate }) => {
    const value = extensionOf(certificate, OID.subjectAltName)?.value;
    return value !== undefined && childrenOf(readElement(value)).length === 0;
  }),
  // RFC 5280 4.1.2.6 and 4.2.1.6: critical if, and only if, the subject is empty.
  rule('subject-alt-name-critical', 'error', (subject) => {
    const empty = readName(subject.certificate.subjectDer).length === 0;
    const flag = critical(subject, OID.subjectAltName);
    return empty ? subject.kind === 'leaf' && flag !== true : flag === true;
  }),
  // RFC 5280 4.2.1.10: critical, and in CAs only.
  rule('name-constraints', 'error', (subject) => {
    const flag = critical(subject, OID.nameConstraints);
    return flag !== undefined && (subject.kind === 'leaf' || !flag);
  }),
];

const KNOWN: readonly string[] = [
  OID.basicConstraints,
  OID.keyUsage,
  OID.extendedKeyUsage,
  OID.subjectAltName,
  OID.nameConstraints,
  OID.subjectKeyIdentifier,
  OID.authorityKeyIdentifier,
];
