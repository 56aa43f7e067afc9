// The second pair of eyes: takes the encoded to-be-signed bytes apart again, with a reader that the encoder does not use,
// and holds them against what was decided and against RFC 5280. What fails here is never signed.

import { toHex } from '../domain/hex.ts';
import { StationError } from '../domain/stationError.ts';
import {
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readKeyUsage,
  readSubjectKeyIdentifier,
} from './x509/authorityFacts.ts';
import {
  extensionValue,
  type ParsedToBeSigned,
  readAltNames,
  readName,
  readToBeSigned,
} from './x509/certificateReader.ts';
import { readChildren, readObjectIdentifier } from './x509/derReader.ts';
import { contextTag, der, objectIdentifier, sequence, TAG } from './x509/derWriter.ts';
import { keyIdentifierOf } from './x509/extensions.ts';
import { ATTRIBUTE_RULES, type AttributeRule } from './x509/nameEncoder.ts';
import {
  ATTRIBUTE_OIDS,
  EXTENDED_KEY_USAGE_OIDS,
  EXTENSION_OIDS,
  HARDWARE_MODULE_NAME_OID,
  KEY_USAGE_BITS,
} from './x509/oids.ts';
import { isUsablePublicKey, publicKeyAlgorithm } from './x509/publicKey.ts';
import { type AltName, addressOctets } from './x509/subjectAltName.ts';
import type { CertificateContent } from './x509/tbsBuilder.ts';

export interface IssuerFacts {
  readonly subjectDer: Uint8Array;
  readonly subjectKeyIdentifier: Uint8Array;
  readonly signatureAlgorithmDer: Uint8Array;
}

/**
 * Throws `certificate_check_failed` with the first `rule` that the bytes break. They must be a version 3 end-entity
 * certificate that says what `content` says and nothing else.
 */
export function checkToBeSigned(
  toBeSigned: Uint8Array,
  content: CertificateContent,
  issuer: IssuerFacts,
): void {
  const parsed = parse(toBeSigned);
  for (const [rule, holds] of RULES) {
    if (!holdsSafely(() => holds(parsed, content, issuer))) fail(rule);
  }
}

type Rule = (parsed: ParsedToBeSigned, content: CertificateContent, issuer: IssuerFacts) => boolean;

const RULES: readonly (readonly [name: string, holds: Rule])[] = [
  ['version', ({ version }) => version === 3],
  // RFC 5280 4.1.2.2: positive and at most 20 octets, counted as encoded.
  ['serial-positive', ({ serial }) => (serial[0] ?? 0x80) < 0x80 && serial.some((octet) => octet !== 0)],
  ['serial-length', ({ serial }) => serial.length <= 20],
  ['serial-as-reserved', ({ serial }, { certificateSerial }) => toHex(serial) === certificateSerial],
  [
    'signature-algorithm',
    (parsed, _, issuer) => same(parsed.signatureAlgorithmDer, issuer.signatureAlgorithmDer),
  ],
  ['issuer-copied', ({ issuerDer }, _, issuer) => same(issuerDer, issuer.subjectDer)],
  ['validity', ({ notBeforeMs, notAfterMs }) => notBeforeMs < notAfterMs],
  ['not-before', ({ notBeforeMs }, content) => notBeforeMs === content.notBeforeMs],
  ['not-after', ({ notAfterMs }, content) => notAfterMs === content.notAfterMs],
  ['subject', ({ subjectDer }, { subject }) => subjectHolds(subjectDer, subject)],
  ['public-key-copied', ({ publicKeySpki }, content) => same(publicKeySpki, content.publicKeySpki)],
  [
    'public-key',
    ({ publicKeySpki }) =>
      publicKeyAlgorithm(publicKeySpki) !== undefined && isUsablePublicKey(publicKeySpki),
  ],
  ['extensions', (parsed, content) => extensionSetHolds(parsed, content)],
  [
    'basic-constraints',
    (parsed) => {
      const { certificateAuthority, pathLength } = readBasicConstraints(parsed);
      return !certificateAuthority && pathLength === undefined;
    },
  ],
  [
    'key-usage',
    (parsed, { extensions }) =>
      sameList(
        readKeyUsage(parsed) ?? [],
        KEY_USAGE_BITS.filter((bit) => extensions.keyUsage.includes(bit)),
      ),
  ],
  // RFC 5480 3, RFC 8813 3, RFC 8410 5: keys of these kinds encrypt nothing, and a leaf signs no certificates.
  [
    'key-usage-of-algorithm',
    (parsed) => {
      const isRsa = publicKeyAlgorithm(parsed.publicKeySpki)?.startsWith('RSA') === true;
      const allowed = isRsa ? RSA_LEAF_USAGES : LEAF_USAGES;
      return (readKeyUsage(parsed) ?? []).every((usage) => allowed.includes(usage));
    },
  ],
  [
    'extended-key-usage',
    (parsed, { extensions }) => {
      const value = extensionValue(parsed, EXTENSION_OIDS.extendedKeyUsage);
      const found = value ? readChildren(value, TAG.sequence).map(readObjectIdentifier) : [];
      return sameList(
        found,
        extensions.extendedKeyUsage.map((usage) => EXTENDED_KEY_USAGE_OIDS[usage]),
      );
    },
  ],
  [
    'subject-key-identifier',
    (parsed, { publicKeySpki }) => same(readSubjectKeyIdentifier(parsed), keyIdentifierOf(publicKeySpki)),
  ],
  [
    'authority-key-identifier',
    (parsed, _, issuer) => same(readAuthorityKeyIdentifier(parsed), issuer.subjectKeyIdentifier),
  ],
  ['subject-alt-name', (parsed, { extensions }) => altNamesHold(parsed, extensions.altNames)],
];

const LEAF_USAGES: readonly string[] = ['digitalSignature', 'nonRepudiation', 'keyAgreement'];
/** RFC 4055 1.2. */
const RSA_LEAF_USAGES: readonly string[] = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
];
/** RFC 5280 4.2.1: the extensions that are critical when they are there. */
const CRITICAL: readonly string[] = [EXTENSION_OIDS.keyUsage];

function extensionSetHolds(parsed: ParsedToBeSigned, { extensions }: CertificateContent): boolean {
  const expected = [
    EXTENSION_OIDS.basicConstraints,
    EXTENSION_OIDS.keyUsage,
    EXTENSION_OIDS.subjectKeyIdentifier,
    EXTENSION_OIDS.authorityKeyIdentifier,
    ...(extensions.extendedKeyUsage.length > 0 ? [EXTENSION_OIDS.extendedKeyUsage] : []),
    ...(extensions.altNames.length > 0 ? [EXTENSION_OIDS.subjectAltName] : []),
  ];
  const found = parsed.extensions.map(({ oid }) => oid);
  return (
    sameList([...found].sort(), [...expected].sort()) &&
    parsed.extensions.every(({ oid, critical }) => critical === CRITICAL.includes(oid))
  );
}

const STRING_TAGS: Readonly<Record<AttributeRule['stringType'], number>> = {
  printableString: TAG.printableString,
  ia5String: TAG.ia5String,
  utf8String: TAG.utf8String,
};

function subjectHolds(subjectDer: Uint8Array, subject: CertificateContent['subject']): boolean {
  const names = readName(subjectDer);
  return (
    names.length === subject.length &&
    subject.length > 0 &&
    subject.every(({ attribute, value }, i) => {
      const [found, ...more] = names[i] ?? [];
      const rule = ATTRIBUTE_RULES[attribute];
      return (
        found !== undefined &&
        more.length === 0 &&
        found.oid === ATTRIBUTE_OIDS[attribute] &&
        found.tag === STRING_TAGS[rule.stringType] &&
        found.value.length > 0 &&
        Array.from(value).length <= rule.maxCharacters &&
        same(found.value, Buffer.from(value, 'utf8'))
      );
    })
  );
}

const ALT_NAME_TAGS: Readonly<Record<AltName['kind'], number>> = {
  dns: contextTag(2, 'primitive'),
  uri: contextTag(6, 'primitive'),
  ip: contextTag(7, 'primitive'),
  'hardware-module': contextTag(0, 'constructed'),
};

function altNamesHold(parsed: ParsedToBeSigned, altNames: readonly AltName[]): boolean {
  const found = readAltNames(parsed);
  return (
    found.length === altNames.length &&
    altNames.every(
      (name, i) => found[i]?.tag === ALT_NAME_TAGS[name.kind] && same(found[i]?.contents, nameOctets(name)),
    )
  );
}

function nameOctets(name: AltName): Uint8Array {
  if (name.kind === 'ip') return addressOctets(name.value);
  const text = Buffer.from(name.value, 'latin1');
  if (name.kind !== 'hardware-module') return text;
  const module = sequence(objectIdentifier(name.typeOid), der(TAG.octetString, text));
  return Buffer.concat([
    objectIdentifier(HARDWARE_MODULE_NAME_OID),
    der(contextTag(0, 'constructed'), module),
  ]);
}

function parse(toBeSigned: Uint8Array): ParsedToBeSigned {
  try {
    return readToBeSigned(toBeSigned);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fail('der', error.message);
  }
}

/** A value that cannot even be read breaks the rule that reads it. */
function holdsSafely(holds: () => boolean): boolean {
  try {
    return holds();
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function fail(rule: string, reason?: string): never {
  throw new StationError('certificate_check_failed', { rule, reason });
}

const same = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i]);
