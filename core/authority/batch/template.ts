// To-be-signed certificates by the thousand. What is the same for a whole batch is copied from a certificate that the
// plain path encoded; what differs per device is encoded here, lengths and all. Names are decided by the same code as on
// the plain path, so the two can only differ in bytes, and a property test holds those equal.

import { sha1 } from '../../der/fingerprint.ts';
import { OID } from '../../der/oids.ts';
import { childrenOf, encodingInvalid, readBitString, readElement } from '../../der/reader.ts';
import { element, explicit, octetString, oid, sequence, TAG } from '../../der/writer.ts';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import type { PatternValues, Profile } from '../../domain/profile.ts';
import { decideNames } from '../content.ts';
import { readExtensions, readToBeSigned } from '../x509/certificate.ts';
import { relativeName } from '../x509/name.ts';
import { type AltName, generalName } from '../x509/subjectAltName.ts';

export interface CertificateTemplate {
  /** The to-be-signed bytes for one device. Throws `value_invalid` or `name_value_invalid` as the plain path does. */
  fill(certificateSerial: CertificateSerial, spki: Uint8Array, values: PatternValues): Uint8Array;
}

const isLiteral = (pattern: string): boolean => !pattern.includes('{');

/** Makes a template from `referenceTbs`: what the plain path encoded for any device of this profile and issuer. */
export function certificateTemplate(profile: Profile, referenceTbs: Uint8Array): CertificateTemplate {
  const [version, , algorithm, issuer, validity] = childrenOf(readElement(referenceTbs));
  if (!version || !algorithm || !issuer || !validity) throw encodingInvalid('missing-element', 'template');
  const beforeSubject = Buffer.concat([algorithm.raw, issuer.raw, validity.raw]);
  const literalNames = literalRelativeNames(profile, referenceTbs);
  const extensionParts = splitExtensions(profile, referenceTbs);
  return {
    fill(certificateSerial, spki, values) {
      const { subject, altNames } = decideNames(profile, values);
      const names = subject.map(
        ({ attribute, value }, index) => literalNames[index] ?? relativeName(attribute, value),
      );
      const extensions = extensionParts.map((part) => {
        if (part === 'key-identifier') return keyIdentifierExtension(spki);
        return part === 'alt-names' ? altNamesExtension(altNames) : part;
      });
      return sequence(
        version.raw,
        element(TAG.integer, Buffer.from(certificateSerial, 'hex')),
        beforeSubject,
        sequence(...names),
        spki,
        explicit(3, sequence(...extensions)),
      );
    },
  };
}

/** The subject's parts that are the same for every device; undefined where the profile has a pattern. */
function literalRelativeNames(
  profile: Profile,
  referenceTbs: Uint8Array,
): readonly (Uint8Array | undefined)[] {
  const { subjectDer } = readToBeSigned(referenceTbs);
  const encoded = childrenOf(readElement(subjectDer));
  return profile.subject.map(({ value }, index) => (isLiteral(value) ? encoded[index]?.raw : undefined));
}

type ExtensionPart = Uint8Array | 'key-identifier' | 'alt-names';

function splitExtensions(profile: Profile, referenceTbs: Uint8Array): readonly ExtensionPart[] {
  const field = childrenOf(readElement(referenceTbs)).at(-1);
  const list = field === undefined ? undefined : childrenOf(field)[0];
  if (list === undefined) throw encodingInvalid('missing-element', 'template');
  const { uris, dnsNames, ipAddresses, hardwareModule } = profile.subjectAltName;
  const patterns = [...uris, ...dnsNames, ...ipAddresses, ...(hardwareModule ? [hardwareModule.serial] : [])];
  const namesDiffer = !patterns.every(isLiteral);
  const types = readExtensions(list).map((one) => one.oid);
  return childrenOf(list).map(({ raw }, index) => {
    if (types[index] === OID.subjectKeyIdentifier) return 'key-identifier';
    return types[index] === OID.subjectAltName && namesDiffer ? 'alt-names' : Uint8Array.from(raw);
  });
}

const SHA1_SIZE_BYTES = 20;
/** All of the extension but its end, the digest itself: its size never differs. */
const KEY_IDENTIFIER_HEAD = sequence(
  oid(OID.subjectKeyIdentifier),
  octetString(octetString(new Uint8Array(SHA1_SIZE_BYTES))),
).subarray(0, -SHA1_SIZE_BYTES);

/** RFC 5280 4.2.1.2 method 1. */
function keyIdentifierExtension(spki: Uint8Array): Uint8Array {
  const [, key] = childrenOf(readElement(spki));
  if (key === undefined) throw encodingInvalid('missing-element', 'public key');
  return Buffer.concat([KEY_IDENTIFIER_HEAD, sha1(readBitString(key))]);
}

const altNamesExtension = (altNames: readonly AltName[]): Uint8Array =>
  sequence(oid(OID.subjectAltName), octetString(sequence(...altNames.map(generalName))));
