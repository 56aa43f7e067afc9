// A private key as PEM in a buffer that can be wiped, since a string stays in memory until the collector comes by.

import { Buffer } from 'node:buffer';

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const [PADDING, NEWLINE] = Buffer.from('=\n');
const HEADER = Buffer.from('-----BEGIN PRIVATE KEY-----\n');
const FOOTER = Buffer.from('-----END PRIVATE KEY-----\n');
/** RFC 7468 2: lines of 64 characters, that is 48 octets. */
const OCTETS_PER_LINE = 48;

/** A PKCS#8 key in DER as PEM (RFC 7468 10), with no copy of it elsewhere. The caller overwrites it after use. */
export function privateKeyPem(pkcs8: Uint8Array): Buffer {
  const groups = Math.ceil(pkcs8.length / 3);
  const lines = Math.ceil(pkcs8.length / OCTETS_PER_LINE);
  const pem = Buffer.alloc(HEADER.length + 4 * groups + lines + FOOTER.length);
  let end = HEADER.copy(pem);
  const put = (character: number | undefined): void => {
    end = pem.writeUInt8(character ?? 0, end);
  };
  for (let at = 0; at < pkcs8.length; at += 3) {
    const [a = 0, b, c] = pkcs8.subarray(at, at + 3);
    put(ALPHABET[a >> 2]);
    put(ALPHABET[((a & 0x03) << 4) | ((b ?? 0) >> 4)]);
    put(b === undefined ? PADDING : ALPHABET[((b & 0x0f) << 2) | ((c ?? 0) >> 6)]);
    put(c === undefined ? PADDING : ALPHABET[c & 0x3f]);
    const lineFull = (at + 3) % OCTETS_PER_LINE === 0;
    if (lineFull || at + 3 >= pkcs8.length) put(NEWLINE);
  }
  FOOTER.copy(pem, end);
  return pem;
}
