// What an operator wants to know of a certificate, as plain text and numbers. Every value is escaped: a certificate from
// elsewhere may hold anything.

import { isUtf8 } from 'node:buffer';
import { quoteForDisplay } from '../../domain/device.ts';
import { toHex } from '../../domain/hex.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import { type ParsedAttribute, readAltNames, readCertificate, readName } from './certificateReader.ts';
import type { DerValue } from './derReader.ts';
import { contextTag, TAG } from './derWriter.ts';
import { sha256Hex } from './fingerprint.ts';
import { ATTRIBUTE_OIDS } from './oids.ts';

export interface CertificateDescription {
  /** RFC 4514 escapes, in the order of the certificate: `O=Plant 1, CN=SN-0001`. */
  readonly subject: string;
  readonly issuer: string;
  /** The serial's octets, lower-case hex. */
  readonly certificateSerial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly sha256: Sha256Hex;
  /** `URI:…`, `DNS:…`, `IP:…`; kinds Keyline does not write are given as hex. */
  readonly altNames: readonly string[];
  readonly sizeBytes: number;
}

/** Describes a certificate from any issuer; `value_invalid` when the bytes are not one. */
export function describeCertificate(der: Uint8Array): CertificateDescription {
  try {
    const parsed = readCertificate(der);
    return {
      subject: nameText(parsed.subjectDer),
      issuer: nameText(parsed.issuerDer),
      certificateSerial: toHex(parsed.serial),
      notBeforeMs: parsed.notBeforeMs,
      notAfterMs: parsed.notAfterMs,
      sha256: sha256Hex(der),
      altNames: readAltNames(parsed).map(altNameText),
      sizeBytes: der.length,
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StationError(
      'value_invalid',
      { field: 'certificate', reason: error.message },
      { cause: error },
    );
  }
}

const ATTRIBUTE_NAMES = new Map<string, string>(
  Object.entries(ATTRIBUTE_OIDS).map(([name, oid]) => [oid, name]),
);
const TEXT_TAGS: readonly number[] = [TAG.utf8String, TAG.printableString, TAG.ia5String];
const MAX_SHOWN_CHARACTERS = 256;

const nameText = (nameDer: Uint8Array): string =>
  readName(nameDer)
    .map((relativeName) => relativeName.map(attributeText).join(' + '))
    .join(', ');

function attributeText({ oid, tag, value }: ParsedAttribute): string {
  const readable = TEXT_TAGS.includes(tag) && isUtf8(value);
  return `${ATTRIBUTE_NAMES.get(oid) ?? oid}=${readable ? escapeValue(new TextDecoder('utf-8', { ignoreBOM: true }).decode(value)) : `#${toHex(value)}`}`;
}

/** RFC 4514 2.4, then what cannot be seen; letters of every script stay readable. */
function escapeValue(text: string): string {
  const shown = Array.from(text).slice(0, MAX_SHOWN_CHARACTERS).join('');
  return shown
    .replace(/[",+;<>\\]|^[ #]| $/g, '\\$&')
    .replace(
      /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu,
      (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
    )
    .concat(shown.length < text.length ? '…' : '');
}

function altNameText({ tag, contents, raw }: DerValue): string {
  const text = (): string =>
    quoteForDisplay(String.fromCharCode(...contents.subarray(0, 1024)), MAX_SHOWN_CHARACTERS);
  if (tag === contextTag(6, 'primitive')) return `URI:${text()}`;
  if (tag === contextTag(2, 'primitive')) return `DNS:${text()}`;
  if (tag === contextTag(7, 'primitive')) return `IP:${addressText(contents)}`;
  return `#${toHex(raw)}`;
}

/** RFC 5952 would shorten zeros; eight plain groups cannot be misread. */
function addressText(octets: Uint8Array): string {
  if (octets.length !== 16) return Array.from(octets).join('.');
  return Array.from({ length: 8 }, (_, i) =>
    (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16),
  ).join(':');
}
