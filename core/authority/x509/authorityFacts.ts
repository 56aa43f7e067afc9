// What makes a certificate a CA, and what a certificate under it has to copy from it.

import { extensionValue, type ParsedToBeSigned } from './certificateReader.ts';
import {
  expectTag,
  readBitString,
  readBoolean,
  readChildren,
  readSeries,
  readSmallInteger,
} from './derReader.ts';
import { contextTag, TAG } from './derWriter.ts';
import { EXTENSION_OIDS, KEY_USAGE_BITS, type KeyUsageBit } from './oids.ts';

export interface BasicConstraintsFacts {
  readonly certificateAuthority: boolean;
  readonly pathLength: number | undefined;
}

/** RFC 5280 4.2.1.9; without the extension a certificate is no CA. */
export function readBasicConstraints(parsed: ParsedToBeSigned): BasicConstraintsFacts {
  const value = extensionValue(parsed, EXTENSION_OIDS.basicConstraints);
  const fields = value ? [...readChildren(value, TAG.sequence)] : [];
  const certificateAuthority = fields[0]?.tag === TAG.boolean && readBoolean(fields.shift());
  const pathLength = fields.length > 0 ? readSmallInteger(fields.shift()) : undefined;
  if (fields.length > 0) throw new RangeError('malformed basicConstraints');
  return { certificateAuthority, pathLength };
}

/** RFC 5280 4.2.1.3; undefined without the extension, which means that nothing is ruled out. */
export function readKeyUsage(parsed: ParsedToBeSigned): readonly KeyUsageBit[] | undefined {
  const value = extensionValue(parsed, EXTENSION_OIDS.keyUsage);
  if (!value) return undefined;
  const { bytes } = readBitString(value);
  return KEY_USAGE_BITS.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

/** RFC 5280 4.2.1.2. */
export function readSubjectKeyIdentifier(parsed: ParsedToBeSigned): Uint8Array | undefined {
  const value = extensionValue(parsed, EXTENSION_OIDS.subjectKeyIdentifier);
  return value && expectTag(value, TAG.octetString).contents;
}

/** The keyIdentifier of RFC 5280 4.2.1.1. */
export function readAuthorityKeyIdentifier(parsed: ParsedToBeSigned): Uint8Array | undefined {
  const value = extensionValue(parsed, EXTENSION_OIDS.authorityKeyIdentifier);
  if (!value) return undefined;
  return readSeries(expectTag(value, TAG.sequence).contents).find(
    ({ tag }) => tag === contextTag(0, 'primitive'),
  )?.contents;
}
