// Reads revocation lists back: our own before they are given out, others before they are trusted.

import { OID } from '../../der/oids.ts';
import {
  childrenOf,
  type DerElement,
  encodingInvalid,
  expectTag,
  readElement,
  readIntegerBytes,
  readOid,
  readSmallInteger,
  readTime,
  Sequence,
} from '../../der/reader.ts';
import { TAG } from '../../der/writer.ts';
import { toHex } from '../../domain/hex.ts';
import { readExtensions, readSigned, type SignedStructure } from '../x509/certificate.ts';

export interface ReadCrl extends SignedStructure {
  readonly issuerDer: Uint8Array;
  readonly thisUpdateMs: number;
  /** Undefined where the list has none, which RFC 5280 5.1.2.5 forbids. */
  readonly nextUpdateMs: number | undefined;
  readonly crlNumber: bigint | undefined;
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  readonly entryCount: number;
  /** Lower-case hex serials in the order of the list, each with its time and RFC 5280 5.3.1 reason code (0: none). */
  entries(): Generator<{
    readonly certificateSerial: string;
    readonly revokedAtMs: number;
    readonly reasonCode: number;
  }>;
}

/** Throws `encoding_invalid` for anything that is not a version 2 list. */
export function readCrl(der: Uint8Array): ReadCrl {
  const signed = readSigned(der, 'CRL');
  const fields = new Sequence(readElement(signed.toBeSigned), 'CRL');
  if (readSmallInteger(fields.take(TAG.integer)) !== 1) throw encodingInvalid('version', 'CRL');
  fields.take(TAG.sequence);
  const issuerDer = fields.take(TAG.sequence).raw;
  const thisUpdateMs = readTime(fields.take());
  const nextUpdate = fields.optional(TAG.utcTime) ?? fields.optional(TAG.generalizedTime);
  const revoked = fields.optional(TAG.sequence);
  const extensionsField = fields.optional(0xa0);
  fields.end();
  const [list] = extensionsField === undefined ? [] : childrenOf(extensionsField);
  const extensions = list === undefined ? [] : readExtensions(list);
  const value = (type: string): Uint8Array | undefined => extensions.find((one) => one.oid === type)?.value;
  const numberValue = value(OID.crlNumber);
  const keyIdentifier = value(OID.authorityKeyIdentifier);
  const members = revoked === undefined ? [] : childrenOf(revoked);
  return {
    ...signed,
    issuerDer,
    thisUpdateMs,
    nextUpdateMs: nextUpdate === undefined ? undefined : readTime(nextUpdate),
    crlNumber:
      numberValue === undefined
        ? undefined
        : BigInt(`0x${toHex(readIntegerBytes(readElement(numberValue)))}`),
    authorityKeyIdentifier:
      keyIdentifier === undefined
        ? undefined
        : new Sequence(readElement(keyIdentifier), 'AKI').optional(0x80)?.content,
    entryCount: members.length,
    *entries() {
      for (const member of members) yield readEntry(member);
    },
  };
}

function readEntry(member: DerElement) {
  const fields = new Sequence(member, 'CRL entry');
  const serial = readIntegerBytes(fields.take(TAG.integer));
  const revokedAtMs = readTime(fields.take());
  const extensions = fields.optional(TAG.sequence);
  fields.end();
  return {
    certificateSerial: toHex(serial.length > 1 && serial[0] === 0 ? serial.subarray(1) : serial),
    revokedAtMs,
    reasonCode: extensions === undefined ? 0 : readReason(extensions),
  };
}

function readReason(extensions: DerElement): number {
  for (const one of childrenOf(extensions)) {
    const fields = new Sequence(one, 'CRL entry extension');
    if (readOid(fields.take(TAG.oid)) !== OID.reasonCode) continue;
    fields.optional(TAG.boolean);
    const value = readElement(fields.take(TAG.octetString).content);
    return expectTag(value, TAG.enumerated).content[0] ?? 0;
  }
  return 0;
}
