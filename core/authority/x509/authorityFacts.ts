// What makes a certificate a CA, and what a certificate under it has to copy from it.

import { extensionValue, type ParsedToBeSigned } from './certificateReader.ts';
import { expectTag, readBitString, readBoolean, readChildren, readSmallInteger } from './derReader.ts';
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
  const { bytes, unusedBits } = readBitString(value);
  // X.690 11.2.2: no zero bits at the end of a named bit list.
  if (((bytes.at(-1) ?? 0) & (1 << unusedBits)) === 0) throw new RangeError('malformed keyUsage');
  return KEY_USAGE_BITS.filter((_, bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

/** RFC 5280 4.2.1.2. */
export function readSubjectKeyIdentifier(parsed: ParsedToBeSigned): Uint8Array | undefined {
  const value = extensionValue(parsed, EXTENSION_OIDS.subjectKeyIdentifier);
  return value && expectTag(value, TAG.octetString).contents;
}

/** The keyIdentifier of RFC 5280 4.2.1.1, standing alone as Keyline writes it. */
export function readAuthorityKeyIdentifier(parsed: ParsedToBeSigned): Uint8Array | undefined {
  const value = extensionValue(parsed, EXTENSION_OIDS.authorityKeyIdentifier);
  if (!value) return undefined;
  const [identifier, ...rest] = readChildren(value, TAG.sequence);
  if (rest.length > 0) throw new RangeError('more than an identifier');
  return expectTag(identifier, contextTag(0, 'primitive')).contents;
}
