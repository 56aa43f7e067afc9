// To-be-signed certificates by the thousand. What is the same for a whole batch is copied from a certificate that the
// plain path encoded; what differs per device is encoded here, lengths and all. Names are decided by the same code as on
// the plain path, so the two can only differ in bytes, and a property test holds those equal.

import { BackwardWriter } from '../../der/backwardWriter.ts';
import { sha1Hex } from '../../der/fingerprint.ts';
import { OID } from '../../der/oids.ts';
import { childrenOf, encodingInvalid, readBitString, readElement } from '../../der/reader.ts';
import { octetString, oid, sequence, TAG } from '../../der/writer.ts';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { compilePattern, type PatternValues, type Profile } from '../../domain/profile.ts';
import { namesDecider } from '../content.ts';
import { readExtensions, readToBeSigned } from '../x509/certificate.ts';
import { encodeRelativeName, type NameAttribute } from '../x509/name.ts';
import { type AltName, generalName } from '../x509/subjectAltName.ts';

export interface CertificateTemplate {
  /**
   * The to-be-signed bytes for one device, lent until the next call. Throws `value_invalid` or `name_value_invalid` as the
   * plain path does.
   */
  fill(certificateSerial: CertificateSerial, spki: Uint8Array, values: PatternValues): Uint8Array;
}

const isLiteral = (pattern: string): boolean => compilePattern(pattern).isLiteral;

/** Makes a template from `referenceTbs`: what the plain path encoded for any device of this profile and issuer. */
export function certificateTemplate(profile: Profile, referenceTbs: Uint8Array): CertificateTemplate {
  const [version, , algorithm, issuer, validity] = childrenOf(readElement(referenceTbs));
  if (!version || !algorithm || !issuer || !validity) throw encodingInvalid('missing-element', 'template');
  const beforeSubject = Buffer.concat([algorithm.raw, issuer.raw, validity.raw]);
  const literalNames = literalRelativeNames(profile, referenceTbs);
  const extensionParts = splitExtensions(profile, referenceTbs);
  const namesOf = namesDecider(profile);
  const writer = new BackwardWriter();

  function prependExtensions(spki: Uint8Array, altNames: readonly AltName[]): void {
    for (let index = extensionParts.length - 1; index >= 0; index -= 1) {
      const part = extensionParts[index];
      if (part === 'key-identifier') prependKeyIdentifier(writer, spki);
      else if (part === 'alt-names') writer.prepend(altNamesExtension(altNames));
      else if (part !== undefined) writer.prepend(part);
    }
    writer.close(TAG.sequence, 0);
    writer.close(EXTENSIONS_TAG, 0);
  }

  function prependSubject(subject: readonly NameAttribute[]): void {
    const mark = writer.sizeBytes;
    for (let index = subject.length - 1; index >= 0; index -= 1) {
      const one = subject[index];
      const encoded = literalNames[index] ?? (one && encodeRelativeName(one));
      if (encoded !== undefined) writer.prepend(encoded);
    }
    writer.close(TAG.sequence, mark);
  }

  return {
    fill(certificateSerial, spki, values) {
      const { subject, altNames } = namesOf(values);
      writer.restart();
      prependExtensions(spki, altNames);
      writer.prepend(spki);
      prependSubject(subject);
      writer.prepend(beforeSubject);
      const mark = writer.sizeBytes;
      writer.prependHex(certificateSerial);
      writer.close(TAG.integer, mark);
      writer.prepend(version.raw);
      writer.close(TAG.sequence, 0);
      return writer.written();
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

/** RFC 5280 4.1: `[3] EXPLICIT`. */
const EXTENSIONS_TAG = 0xa3;
const SHA1_SIZE_BYTES = 20;
/** All of the extension but its end, the digest itself: its size never differs. */
const KEY_IDENTIFIER_HEAD = sequence(
  oid(OID.subjectKeyIdentifier),
  octetString(octetString(new Uint8Array(SHA1_SIZE_BYTES))),
).subarray(0, -SHA1_SIZE_BYTES);

/** RFC 5280 4.2.1.2 method 1. */
function prependKeyIdentifier(writer: BackwardWriter, spki: Uint8Array): void {
  const [, key] = childrenOf(readElement(spki));
  if (key === undefined) throw encodingInvalid('missing-element', 'public key');
  writer.prependHex(sha1Hex(readBitString(key)));
  writer.prepend(KEY_IDENTIFIER_HEAD);
}

const altNamesExtension = (altNames: readonly AltName[]): Uint8Array =>
  sequence(oid(OID.subjectAltName), octetString(sequence(...altNames.map(generalName))));
