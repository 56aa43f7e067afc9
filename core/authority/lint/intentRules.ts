// Rules that hold a certificate against what was decided: it must say that and nothing else. The bytes come from the X.509
// library; what they should be is read and written here by the code of core/der, so that what one of them gets wrong the
// other does not overlook.

import { EXTENDED_KEY_USAGE_OIDS, KEY_USAGE_BITS, OID } from '../../der/oids.ts';
import { boolean, implicit, integer, namedBits, octetString, oid, sequence } from '../../der/writer.ts';
import { toHex } from '../../domain/hex.ts';
import { extensionOf } from '../x509/certificate.ts';
import { distinguishedName } from '../x509/name.ts';
import { keyIdentifierOf } from '../x509/publicKey.ts';
import { generalName } from '../x509/subjectAltName.ts';
import type { CertificateContent } from '../x509/tbsBuilder.ts';
import { type Intended, type LintSubject, type Rule, rule } from './findings.ts';

type Certificate = LintSubject['certificate'];

/** A rule that is broken when `holds` says no; it has nothing to say where nothing was decided. */
const decided = (id: string, holds: (certificate: Certificate, intended: Intended) => boolean): Rule =>
  rule(id, 'error', ({ certificate, intended }) => intended !== undefined && !holds(certificate, intended));

const same = (found: Uint8Array | undefined, wanted: Uint8Array): boolean =>
  found !== undefined && Buffer.compare(found, wanted) === 0;

interface WantedExtension {
  /** The rule that a wrong value breaks. */
  readonly rule: string;
  readonly oid: string;
  readonly critical: boolean;
  readonly value: (content: CertificateContent) => Uint8Array | undefined;
}

/** RFC 5280 4.2.1: every extension that Keyline writes. Without a value it must be absent. */
const WANTED: readonly WantedExtension[] = [
  {
    rule: 'basic-constraints-as-decided',
    oid: OID.basicConstraints,
    critical: false,
    value: ({ extensions: { certificateAuthority: ca } }) =>
      ca === undefined ? sequence() : sequence(boolean(true), integer(ca.pathLength)),
  },
  {
    rule: 'key-usage-as-decided',
    oid: OID.keyUsage,
    critical: true,
    value: ({ extensions }) => namedBits(extensions.keyUsage.map((bit) => KEY_USAGE_BITS.indexOf(bit))),
  },
  {
    rule: 'extended-key-usage-as-decided',
    oid: OID.extendedKeyUsage,
    critical: false,
    value: ({ extensions: { extendedKeyUsage } }) =>
      extendedKeyUsage.length === 0
        ? undefined
        : sequence(...extendedKeyUsage.map((usage) => oid(EXTENDED_KEY_USAGE_OIDS[usage]))),
  },
  {
    rule: 'subject-key-identifier-as-decided',
    oid: OID.subjectKeyIdentifier,
    critical: false,
    value: ({ publicKeySpki }) => octetString(keyIdentifierOf(publicKeySpki)),
  },
  {
    rule: 'authority-key-identifier-as-decided',
    oid: OID.authorityKeyIdentifier,
    critical: false,
    value: ({ extensions: { authorityKeyIdentifier: identifier } }) =>
      identifier === undefined ? undefined : sequence(implicit(0, identifier)),
  },
  {
    rule: 'subject-alt-name-as-decided',
    oid: OID.subjectAltName,
    critical: false,
    value: ({ extensions: { altNames } }) =>
      altNames.length === 0 ? undefined : sequence(...altNames.map(generalName)),
  },
];

/** RFC 5280 4.2.1.9: a CA's basic constraints are critical, a leaf's need not be. */
const isCritical = ({ oid: type, critical }: WantedExtension, content: CertificateContent): boolean =>
  critical || (type === OID.basicConstraints && content.extensions.certificateAuthority !== undefined);

const subjectOf = ({ subject }: CertificateContent): Uint8Array => distinguishedName(subject);

export const INTENT_RULES: readonly Rule[] = [
  decided(
    'serial-as-reserved',
    ({ serialBytes }, { content }) => toHex(serialBytes) === content.certificateSerial,
  ),
  decided('signature-algorithm-of-issuer', ({ signatureAlgorithmDer }, { algorithmDer }) =>
    same(signatureAlgorithmDer, algorithmDer),
  ),
  decided('issuer-as-decided', ({ issuerDer }, { content }) =>
    same(issuerDer, content.issuerNameDer ?? subjectOf(content)),
  ),
  decided('not-before-as-decided', ({ notBeforeMs }, { content }) => notBeforeMs === content.notBeforeMs),
  decided('not-after-as-decided', ({ notAfterMs }, { content }) => notAfterMs === content.notAfterMs),
  decided(
    'subject-as-decided',
    ({ subjectDer }, { content }) => content.subject.length > 0 && same(subjectDer, subjectOf(content)),
  ),
  decided('public-key-copied', ({ spkiDer }, { content }) => same(spkiDer, content.publicKeySpki)),
  decided('extensions-as-decided', ({ extensions }, { content }) => {
    const wanted = WANTED.filter((one) => one.value(content) !== undefined);
    return (
      extensions.length === wanted.length &&
      wanted.every((one) => extensionOf({ extensions }, one.oid)?.critical === isCritical(one, content))
    );
  }),
  ...WANTED.map((wanted) =>
    decided(wanted.rule, (certificate, { content }) => {
      const value = wanted.value(content);
      return value === undefined || same(extensionOf(certificate, wanted.oid)?.value, value);
    }),
  ),
];
