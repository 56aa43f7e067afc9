// A certificate as its bytes stand (RFC 5280 4.1): what the linter, the importer, the exporters and the CRL writer look
// at. Reading decides nothing; nothing is re-encoded.

import { KEY_USAGE_BITS, type KeyUsageBit, OID } from '../../der/oids.ts';
import {
  childrenOf,
  type DerElement,
  encodingInvalid,
  expectTag,
  readBitString,
  readBoolean,
  readElement,
  readIntegerBytes,
  readNamedBits,
  readOid,
  readSmallInteger,
  readTime,
  Sequence,
} from '../../der/reader.ts';
import { TAG } from '../../der/writer.ts';
import { StationError } from '../../domain/stationError.ts';

export interface ReadExtension {
  readonly oid: string;
  readonly critical: boolean;
  /** A `critical FALSE` was written out, which DER forbids (X.690 11.5). */
  readonly criticalWritten: boolean;
  readonly value: Uint8Array;
}

export interface ReadCertificate {
  readonly version: number;
  /** The content of the INTEGER, sign octet included. */
  readonly serialBytes: Uint8Array;
  readonly signatureAlgorithmDer: Uint8Array;
  readonly issuerDer: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly notBeforeTag: number;
  readonly notAfterTag: number;
  readonly subjectDer: Uint8Array;
  readonly spkiDer: Uint8Array;
  readonly extensions: readonly ReadExtension[];
}

/** What stands around a signed structure: certificate, CRL and request share this shape. */
export interface SignedStructure {
  readonly toBeSigned: Uint8Array;
  readonly algorithmDer: Uint8Array;
  readonly signature: Uint8Array;
}

export function readSigned(der: Uint8Array, what: string): SignedStructure {
  const fields = new Sequence(readElement(der), what);
  const toBeSigned = fields.take(TAG.sequence).raw;
  const algorithmDer = fields.take(TAG.sequence).raw;
  const signature = readBitString(fields.take(TAG.bitString));
  fields.end();
  return { toBeSigned, algorithmDer, signature };
}

/** Reads a whole certificate; the two signature algorithms must agree (RFC 5280 4.1.1.2). */
export function readCertificate(der: Uint8Array): ReadCertificate & SignedStructure {
  const signed = readSigned(der, 'certificate');
  const certificate = readToBeSigned(signed.toBeSigned);
  if (Buffer.compare(signed.algorithmDer, certificate.signatureAlgorithmDer) !== 0) {
    throw encodingInvalid('signature-algorithms-differ', 'certificate');
  }
  return { ...signed, ...certificate };
}

export function readToBeSigned(der: Uint8Array): ReadCertificate {
  const fields = new Sequence(readElement(der), 'certificate');
  const versionField = fields.optional(0xa0);
  const version = versionField === undefined ? 1 : readSmallInteger(onlyChild(versionField)) + 1;
  const serialBytes = readIntegerBytes(fields.take(TAG.integer));
  const signatureAlgorithmDer = fields.take(TAG.sequence).raw;
  const issuerDer = fields.take(TAG.sequence).raw;
  const validity = new Sequence(fields.take(TAG.sequence), 'validity');
  const notBefore = validity.take();
  const notAfter = validity.take();
  validity.end();
  const subjectDer = fields.take(TAG.sequence).raw;
  const spkiDer = fields.take(TAG.sequence).raw;
  const extensionsField = fields.optional(0xa3);
  fields.end();
  return {
    version,
    serialBytes,
    signatureAlgorithmDer,
    issuerDer,
    notBeforeMs: readTime(notBefore),
    notAfterMs: readTime(notAfter),
    notBeforeTag: notBefore.tag,
    notAfterTag: notAfter.tag,
    subjectDer,
    spkiDer,
    extensions: extensionsField === undefined ? [] : readExtensions(onlyChild(extensionsField)),
  };
}

/** An Extensions sequence, as in certificates, CRLs and requests. */
export const readExtensions = (list: DerElement): readonly ReadExtension[] =>
  childrenOf(list).map((one) => {
    const fields = new Sequence(one, 'extension');
    const type = readOid(fields.take(TAG.oid));
    const flag = fields.optional(TAG.boolean);
    const value = fields.take(TAG.octetString).content;
    fields.end();
    const critical = flag !== undefined && readBoolean(flag);
    return { oid: type, critical, criticalWritten: flag !== undefined, value };
  });

type WithExtensions = { readonly extensions: readonly ReadExtension[] };

export const extensionOf = (from: WithExtensions, oid: string): ReadExtension | undefined =>
  from.extensions.find((one) => one.oid === oid);

/** The key identifier as the certificate states it; undefined where the extension is absent. */
export function subjectKeyIdentifierOf(from: WithExtensions): Uint8Array | undefined {
  const value = extensionOf(from, OID.subjectKeyIdentifier)?.value;
  return value === undefined ? undefined : expectTag(readElement(value), TAG.octetString).content;
}

/** The keyIdentifier field of the authority key identifier. */
export function authorityKeyIdentifierOf(from: WithExtensions): Uint8Array | undefined {
  const value = extensionOf(from, OID.authorityKeyIdentifier)?.value;
  return value === undefined ? undefined : new Sequence(readElement(value), 'AKI').optional(0x80)?.content;
}

export interface BasicConstraints {
  readonly certificateAuthority: boolean;
  readonly pathLength: number | undefined;
}

export function basicConstraintsOf(from: WithExtensions): BasicConstraints | undefined {
  const value = extensionOf(from, OID.basicConstraints)?.value;
  if (value === undefined) return undefined;
  const fields = new Sequence(readElement(value), 'basic constraints');
  const flag = fields.optional(TAG.boolean);
  const pathLength = fields.optional(TAG.integer);
  fields.end();
  return {
    certificateAuthority: flag !== undefined && readBoolean(flag),
    pathLength: pathLength === undefined ? undefined : readSmallInteger(pathLength),
  };
}

export function keyUsageOf(from: WithExtensions): readonly KeyUsageBit[] | undefined {
  const value = extensionOf(from, OID.keyUsage)?.value;
  if (value === undefined) return undefined;
  return readNamedBits(readElement(value)).map((bit) => KEY_USAGE_BITS[bit] ?? 'decipherOnly');
}

/** Dotted object identifiers; undefined where the extension is absent, which means any purpose. */
export function extendedKeyUsageOf(from: WithExtensions): readonly string[] | undefined {
  const value = extensionOf(from, OID.extendedKeyUsage)?.value;
  return value === undefined ? undefined : childrenOf(readElement(value)).map(readOid);
}

/** The names of the subjectAltName (RFC 5280 4.2.1.6), still encoded. */
export function altNamesOf(from: WithExtensions): readonly DerElement[] {
  const value = extensionOf(from, OID.subjectAltName)?.value;
  return value === undefined ? [] : childrenOf(expectTag(readElement(value), TAG.sequence));
}

/** The identifier that certificates and lists of this CA copy; `authority_invalid` for one without (RFC 5280 4.2.1.2). */
export function keyIdentifierOfCa(ca: WithExtensions): Uint8Array {
  const found = subjectKeyIdentifierOf(ca);
  if (found === undefined) throw new StationError('authority_invalid', { reason: 'no-key-identifier' });
  return found;
}

/** Whether issuer and subject are the same bytes. */
export const isSelfIssued = (certificate: ReadCertificate): boolean =>
  Buffer.compare(certificate.issuerDer, certificate.subjectDer) === 0;

function onlyChild(parent: DerElement): DerElement {
  const [child, ...more] = childrenOf(parent);
  if (child === undefined || more.length > 0) throw encodingInvalid('one-element-expected');
  return child;
}
