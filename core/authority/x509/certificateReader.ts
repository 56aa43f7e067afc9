// Takes a certificate apart into facts and raw bytes (RFC 5280 4.1). Knows nothing of how Keyline writes one; every
// function throws a RangeError on bytes that are not DER or not a certificate.

import {
  type DerValue,
  expectTag,
  readBitString,
  readBoolean,
  readChildren,
  readDer,
  readIntegerOctets,
  readObjectIdentifier,
  readSmallInteger,
} from './derReader.ts';
import { contextTag, TAG } from './derWriter.ts';
import { EXTENSION_OIDS } from './oids.ts';
import { readTime } from './timeReader.ts';

export interface ParsedAttribute {
  readonly oid: string;
  readonly tag: number;
  readonly value: Uint8Array;
}

export interface ParsedExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Uint8Array;
}

export interface ParsedToBeSigned {
  readonly raw: Uint8Array;
  readonly version: number;
  /** The INTEGER's content octets. */
  readonly serial: Uint8Array;
  readonly signatureAlgorithmDer: Uint8Array;
  readonly issuerDer: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly subjectDer: Uint8Array;
  readonly publicKeySpki: Uint8Array;
  readonly extensions: readonly ParsedExtension[];
}

export interface ParsedCertificate extends ParsedToBeSigned {
  readonly der: Uint8Array;
  readonly signature: Uint8Array;
}

export function readCertificate(bytes: Uint8Array): ParsedCertificate {
  const [toBeSigned, algorithm, signature, ...rest] = readChildren(readDer(bytes), TAG.sequence);
  if (rest.length > 0) throw new RangeError('too many fields in a certificate');
  const parsed = readToBeSigned(expectTag(toBeSigned, TAG.sequence).raw);
  const outer = expectTag(algorithm, TAG.sequence).raw;
  // RFC 5280 4.1.1.2: the algorithm stands twice and must be the same.
  if (Buffer.compare(outer, parsed.signatureAlgorithmDer) !== 0)
    throw new RangeError('two signature algorithms');
  return { ...parsed, der: bytes, signature: readBitString(signature).bytes };
}

/** Reads a version 3 TBSCertificate without the unique identifiers that RFC 5280 4.1.2.8 forbids. */
export function readToBeSigned(bytes: Uint8Array): ParsedToBeSigned {
  const [version, serial, algorithm, issuer, validity, subject, publicKey, extensions, ...rest] =
    readChildren(readDer(bytes), TAG.sequence);
  if (rest.length > 0) throw new RangeError('too many fields in a to-be-signed certificate');
  const [versionNumber] = readChildren(
    expectTag(version, contextTag(0, 'constructed')),
    contextTag(0, 'constructed'),
  );
  const [notBefore, notAfter, ...moreTimes] = readChildren(expectTag(validity, TAG.sequence), TAG.sequence);
  if (moreTimes.length > 0) throw new RangeError('too many times');
  return {
    raw: bytes,
    version: readSmallInteger(versionNumber) + 1,
    serial: readIntegerOctets(serial),
    signatureAlgorithmDer: expectTag(algorithm, TAG.sequence).raw,
    issuerDer: expectTag(issuer, TAG.sequence).raw,
    notBeforeMs: readTime(notBefore),
    notAfterMs: readTime(notAfter),
    subjectDer: expectTag(subject, TAG.sequence).raw,
    publicKeySpki: expectTag(publicKey, TAG.sequence).raw,
    extensions: extensions ? readExtensions(extensions) : [],
  };
}

/** A Name as its RDNs, each with its attributes. */
export function readName(nameDer: Uint8Array): readonly (readonly ParsedAttribute[])[] {
  return readChildren(readDer(nameDer), TAG.sequence).map((relativeName) =>
    readChildren(relativeName, TAG.set).map((attribute) => {
      const [oid, value, ...rest] = readChildren(attribute, TAG.sequence);
      if (value === undefined || rest.length > 0) throw new RangeError('malformed attribute in a name');
      return { oid: readObjectIdentifier(oid), tag: value.tag, value: value.contents };
    }),
  );
}

/** The extension's value, read as DER; undefined when the certificate does not have it. */
export function extensionValue(parsed: ParsedToBeSigned, oid: string): DerValue | undefined {
  const found = parsed.extensions.find((extension) => extension.oid === oid);
  return found && readDer(found.value);
}

/** The GeneralNames of the subjectAltName (RFC 5280 4.2.1.6), still encoded. */
export function readAltNames(parsed: ParsedToBeSigned): readonly DerValue[] {
  const value = extensionValue(parsed, EXTENSION_OIDS.subjectAltName);
  return value ? readChildren(value, TAG.sequence) : [];
}

function readExtensions(tagged: DerValue): readonly ParsedExtension[] {
  const [list, ...rest] = readChildren(tagged, contextTag(3, 'constructed'));
  if (rest.length > 0) throw new RangeError('malformed extensions');
  const extensions = readChildren(expectTag(list, TAG.sequence), TAG.sequence).map((item) => {
    const fields = readChildren(item, TAG.sequence);
    const hasCritical = fields.length === 3;
    if (fields.length !== 2 && !hasCritical) throw new RangeError('malformed extension');
    const critical = hasCritical && readBoolean(fields[1]);
    // X.690 11.5: a value equal to its default is left out.
    if (hasCritical && !critical) throw new RangeError('critical FALSE is written out');
    return {
      oid: readObjectIdentifier(fields[0]),
      critical,
      value: expectTag(fields.at(-1), TAG.octetString).contents,
    };
  });
  // RFC 5280 4.2: at most one of each.
  if (new Set(extensions.map(({ oid }) => oid)).size !== extensions.length)
    throw new RangeError('extension twice');
  return extensions;
}
