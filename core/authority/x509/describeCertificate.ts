// What an operator wants to know of a certificate, as plain text and numbers. Every value is escaped: a certificate from
// elsewhere may hold anything.

import { isUtf8 } from 'node:buffer';
import { sha256Hex } from '../../der/fingerprint.ts';
import type { DerElement } from '../../der/reader.ts';
import { TAG } from '../../der/writer.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { toHex } from '../../domain/hex.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import { altNamesOf, readCertificate } from './certificate.ts';
import { type EncodedAttribute, readRelativeNames } from './name.ts';

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
      certificateSerial: toHex(parsed.serialBytes),
      notBeforeMs: parsed.notBeforeMs,
      notAfterMs: parsed.notAfterMs,
      sha256: sha256Hex(der),
      altNames: altNamesOf(parsed).map(altNameText),
      sizeBytes: der.length,
    };
  } catch (error) {
    if (!(error instanceof StationError) || error.code !== 'encoding_invalid') throw error;
    throw new StationError(
      'value_invalid',
      { field: 'certificate', reason: String(error.details.reason) },
      { cause: error },
    );
  }
}

const TEXT_TAGS: readonly number[] = [TAG.utf8String, TAG.printableString, TAG.ia5String];
const MAX_SHOWN_CHARACTERS = 256;

const nameText = (nameDer: Uint8Array): string =>
  readRelativeNames(nameDer)
    .map((relativeName) => relativeName.map(attributeText).join(' + '))
    .join(', ');

function attributeText({ attribute, text: { tag, content } }: EncodedAttribute): string {
  const readable = TEXT_TAGS.includes(tag) && isUtf8(content);
  return `${attribute}=${readable ? escapeValue(new TextDecoder('utf-8', { ignoreBOM: true }).decode(content)) : `#${toHex(content)}`}`;
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

function altNameText({ tag, content, raw }: DerElement): string {
  const text = (): string =>
    quoteForDisplay(String.fromCharCode(...content.subarray(0, 1024)), MAX_SHOWN_CHARACTERS);
  if (tag === 0x86) return `URI:${text()}`;
  if (tag === 0x82) return `DNS:${text()}`;
  if (tag === 0x87) return `IP:${addressText(content)}`;
  return `#${toHex(raw)}`;
}

/** RFC 5952 would shorten zeros; eight plain groups cannot be misread. */
function addressText(octets: Uint8Array): string {
  if (octets.length !== 16) return Array.from(octets).join('.');
  return Array.from({ length: 8 }, (_, i) =>
    (((octets[2 * i] ?? 0) << 8) | (octets[2 * i + 1] ?? 0)).toString(16),
  ).join(':');
}
