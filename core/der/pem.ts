// PEM (RFC 7468): writing, and strict reading of what people carry in on sticks.

import { Buffer } from 'node:buffer';
import { encodingInvalid } from './reader.ts';

export interface PemBlock {
  readonly label: string;
  readonly der: Uint8Array;
}

/** RFC 7468 2: 64 characters a line, a line end after each and at the end; `lineEnd` is LF but inside of JSON. */
export function toPem(label: string, der: Uint8Array, lineEnd = '\n'): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('base64');
  let text = `-----BEGIN ${label}-----${lineEnd}`;
  for (let start = 0; start < base64.length; start += 64) text += base64.slice(start, start + 64) + lineEnd;
  return `${text}-----END ${label}-----${lineEnd}`;
}

/** Certificates one after another, in the order given. */
export const toPemChain = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => toPem('CERTIFICATE', der)).join('');

const BEGIN = /^-----BEGIN ([A-Z0-9 ]{1,40})-----\s*$/;

/**
 * Every block in `text`, in its order; text around the blocks is explanatory (RFC 7468 5.2) and is passed over. Throws
 * `encoding_invalid` for a block without its end, with a foreign end line, or with characters that are not base64.
 */
export function readPem(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let body: string[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (label === undefined) {
      label = BEGIN.exec(line)?.[1];
      body = [];
    } else if (line.startsWith('-----')) {
      if (line.trimEnd() !== `-----END ${label}-----`) throw encodingInvalid('pem-end');
      blocks.push({ label, der: fromBase64(body.join('')) });
      label = undefined;
    } else if (/^[A-Za-z-]+:/.test(line)) {
      // RFC 1421 headers mean OpenSSL's old encryption (MD5 over the passphrase): refused by name.
      throw encodingInvalid('pem-headers');
    } else {
      body.push(line.trim());
    }
  }
  if (label !== undefined) throw encodingInvalid('pem-unfinished');
  return blocks;
}

/** The contents of the blocks with one label, in their order. */
export const pemBlocks = (label: string, text: string): readonly Uint8Array[] =>
  readPem(text)
    .filter((one) => one.label === label)
    .map((one) => one.der);

/** Reads a file that is either DER or PEM; the first block with one of `labels` counts. */
export function readPemOrDer(bytes: Uint8Array, labels: readonly string[]): Uint8Array {
  if (bytes[0] === 0x30 && !looksLikePem(bytes)) return bytes;
  const block = readPem(Buffer.from(bytes).toString('latin1')).find((one) => labels.includes(one.label));
  if (block === undefined) throw encodingInvalid('pem-label', labels.join(' or '));
  return block.der;
}

export const looksLikePem = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('-----BEGIN ');

function fromBase64(text: string): Uint8Array {
  if (text.length === 0 || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw encodingInvalid('pem-base64');
  }
  return Buffer.from(text, 'base64');
}
