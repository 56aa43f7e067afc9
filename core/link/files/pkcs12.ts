// A PKCS#12 file (RFC 7292) with one key and its chain: the key encrypted with PBES2 (AES-256), the whole under an
// HMAC-SHA256, as OpenSSL 3 and Windows read it.

import { createHash, createHmac, createPrivateKey } from 'node:crypto';
import { bmpPassword, KDF_PURPOSE, PKCS12_OID, pkcs12Derive } from '../../der/pkcs12.ts';
import { explicit, integer, NULL, octetString, oid, sequence, setOf } from '../../der/writer.ts';
import type { Random } from '../../domain/clock.ts';
import type { Secret } from '../../domain/secret.ts';

/** For the HMAC's key; the key's own encryption counts its own. */
const MAC_ITERATIONS = 100_000;
const SALT_BYTES = 16;
const SHA256_BYTES = 32;

const dataContent = (content: Uint8Array): Uint8Array =>
  sequence(oid(PKCS12_OID.data), explicit(0, octetString(content)));

/** The file's bytes. `chainDer` has the key's own certificate first. */
export function buildPkcs12(
  privateKeyPkcs8: Secret,
  chainDer: readonly Uint8Array[],
  passphrase: Secret,
  random: Random,
): Uint8Array {
  const key = privateKeyPkcs8.use((der) =>
    createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' }),
  );
  // A passphrase in a JavaScript string cannot be wiped; OpenSSL's own interfaces leave no other way to UTF-16.
  const password = passphrase.use((bytes) => Buffer.from(bytes).toString('utf8'));
  const shrouded = key.export({
    format: 'der',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: password,
  });
  // Ties the key to its certificate for readers that look for it.
  const keyId = createHash('sha1')
    .update(chainDer[0] ?? new Uint8Array())
    .digest();
  const attributes = setOf(sequence(oid(PKCS12_OID.localKeyId), setOf(octetString(keyId))));
  const keyBag = sequence(oid(PKCS12_OID.shroudedKeyBag), explicit(0, shrouded), attributes);
  const certificateBags = chainDer.map((der, index) => {
    const bag = sequence(oid(PKCS12_OID.x509Certificate), explicit(0, octetString(der)));
    return sequence(oid(PKCS12_OID.certificateBag), explicit(0, bag), ...(index === 0 ? [attributes] : []));
  });
  const safe = sequence(dataContent(sequence(...certificateBags)), dataContent(sequence(keyBag)));
  const salt = random.bytes(SALT_BYTES);
  const mac = createHmac('sha256', macKey(password, salt)).update(safe).digest();
  const digestInfo = sequence(sequence(oid(PKCS12_OID.sha256), NULL), octetString(mac));
  const macData = sequence(digestInfo, octetString(salt), integer(MAC_ITERATIONS));
  return Uint8Array.from(sequence(integer(3), dataContent(safe), macData));
}

function macKey(passphrase: string, salt: Uint8Array): Uint8Array {
  const password = bmpPassword(passphrase);
  try {
    return pkcs12Derive('sha256', KDF_PURPOSE.macKey, password, salt, MAC_ITERATIONS, SHA256_BYTES);
  } finally {
    password.fill(0);
  }
}
