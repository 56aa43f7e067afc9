// The textual form of RFC 7468: what files, operators and openssl exchange.

import { Buffer } from 'node:buffer';

export type PemLabel = 'CERTIFICATE' | 'ENCRYPTED PRIVATE KEY' | 'PRIVATE KEY' | 'PUBLIC KEY' | 'X509 CRL';

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----/g;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** One block, 64 characters a line, line feeds, a line feed at the end. */
export function encodePem(label: PemLabel, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** The contents of every block with this label, in order; blocks of other kinds and text between them are passed over. */
export function decodePem(label: PemLabel, text: string): readonly Uint8Array[] {
  return Array.from(text.matchAll(BLOCK))
    .filter(([, found]) => found === label)
    .map(([, , body = '']) => body.replace(/\s+/g, ''))
    .filter((body) => body !== '' && BASE64.test(body))
    .map((body) => Uint8Array.from(Buffer.from(body, 'base64')));
}
