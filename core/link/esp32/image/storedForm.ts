// Certificates and keys in the form that ESP-IDF's readers take: PEM with its NUL, or DER; private keys in their
// traditional form (SEC1, PKCS#1), which is what Espressif's own tools store whatever form they are given.

import type { Secret } from '../../../domain/secret.ts';
import { formKey } from '../../plan/keyForm.ts';

export type StoredEncoding = 'pem' | 'der';

const LINE_LENGTH = 64;
const LINE_FEED = 0x0a;

/** PEM (RFC 7468) of `der`: LF line ends, a trailing LF, and the NUL that mbedTLS tells PEM by. The result is bytes, not
 * a string, so that a key in it can be wiped. */
function pemWithNul(der: Uint8Array, label: string): Uint8Array {
  const body = Buffer.alloc(4 * Math.ceil(der.length / 3));
  body.write(Buffer.from(der.buffer, der.byteOffset, der.length).toString('base64'), 'latin1');
  const head = Buffer.from(`-----BEGIN ${label}-----\n`, 'latin1');
  const tail = Buffer.from(`-----END ${label}-----\n\0`, 'latin1');
  const lines = Math.ceil(body.length / LINE_LENGTH);
  const pem = new Uint8Array(head.length + body.length + lines + tail.length);
  pem.set(head);
  let offset = head.length;
  for (let start = 0; start < body.length; start += LINE_LENGTH) {
    const line = body.subarray(start, start + LINE_LENGTH);
    pem.set(line, offset);
    pem[offset + line.length] = LINE_FEED;
    offset += line.length + 1;
  }
  pem.set(tail, offset);
  body.fill(0);
  return pem;
}

/** One certificate as stored: PEM and NUL, or DER as it is. */
export const storedCertificate = (der: Uint8Array, encoding: StoredEncoding): Uint8Array =>
  encoding === 'pem' ? pemWithNul(der, 'CERTIFICATE') : Uint8Array.from(der);

/** Text as `nvs_get_str` gives it: with its NUL. Overwrites what it is given. */
export function storedText(text: Uint8Array): Uint8Array {
  const stored = new Uint8Array(text.length + 1);
  stored.set(text);
  text.fill(0);
  return stored;
}

/**
 * A key in its traditional form, PEM and NUL or DER. The caller wipes what it gets. Throws `capability_missing` for a key that
 * has none (Ed25519).
 */
export function storedPrivateKey(pkcs8: Secret, encoding: StoredEncoding): Uint8Array {
  const { der, label } = pkcs8.use((bytes) => formKey(bytes, 'sec1'));
  if (encoding === 'der') return der;
  try {
    return pemWithNul(der, label);
  } finally {
    der.fill(0);
  }
}
