// A PKCS#12 file (RFC 7292) with one key and its chain: the key encrypted with PBES2 (AES-256), the whole under an
// HMAC-SHA256, as OpenSSL 3 and Windows read it.

import { createHash, createHmac, createPrivateKey } from 'node:crypto';
import type { Random } from '../../domain/clock.ts';
import type { Secret } from '../../domain/secret.ts';

const OID = {
  data: '2a864886f70d010701',
  shroudedKeyBag: '2a864886f70d010c0a0102',
  certificateBag: '2a864886f70d010c0a0103',
  x509Certificate: '2a864886f70d01091601',
  localKeyId: '2a864886f70d010915',
  sha256: '608648016503040201',
} as const;

/** For the HMAC's key; the key's own encryption counts its own. */
const MAC_ITERATIONS = 100_000;
const SALT_BYTES = 16;
const MAC_KEY_ID = 3;
const SHA256_BYTES = 32;
const SHA256_BLOCK_BYTES = 64;

const element = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length);
  const digits = size.subarray(size.findIndex((byte) => byte !== 0));
  const head =
    content.length < 0x80
      ? Buffer.of(content.length)
      : Buffer.concat([Buffer.of(0x80 | digits.length), digits]);
  return Buffer.concat([Buffer.of(tag), head, content]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, ...parts);
const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, ...parts);
const objectId = (hex: string): Buffer => element(0x06, Buffer.from(hex, 'hex'));
const octets = (bytes: Uint8Array): Buffer => element(0x04, bytes);
const explicit = (content: Uint8Array): Buffer => element(0xa0, content);
const integer = (value: number): Buffer => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return element(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};

const dataContent = (content: Uint8Array): Buffer => sequence(objectId(OID.data), explicit(octets(content)));

/** BMPString with its final zero, which is how RFC 7292 B.1 takes a password. */
function bmpPassword(passphrase: Secret): Buffer {
  return passphrase.use((bytes) => {
    const text = Buffer.from(Buffer.from(bytes).toString('utf8'), 'utf16le').swap16();
    return Buffer.concat([text, Buffer.alloc(2)]);
  });
}

/** RFC 7292 B.2 with SHA-256, for one block of output, which an HMAC key is. */
function deriveMacKey(password: Uint8Array, salt: Uint8Array): Buffer {
  const fill = (bytes: Uint8Array): Buffer => {
    const size = Math.ceil(bytes.length / SHA256_BLOCK_BYTES) * SHA256_BLOCK_BYTES;
    return Buffer.from(Array.from({ length: size }, (_, index) => bytes[index % bytes.length] ?? 0));
  };
  let key = createHash('sha256')
    .update(Buffer.alloc(SHA256_BLOCK_BYTES, MAC_KEY_ID))
    .update(fill(salt))
    .update(fill(password))
    .digest();
  for (let round = 1; round < MAC_ITERATIONS; round++) key = createHash('sha256').update(key).digest();
  return key.subarray(0, SHA256_BYTES);
}

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
  const shrouded = passphrase.use((bytes) =>
    key.export({
      format: 'der',
      type: 'pkcs8',
      cipher: 'aes-256-cbc',
      passphrase: Buffer.from(bytes).toString('utf8'),
    }),
  );
  // Ties the key to its certificate for readers that look for it.
  const localKeyId = set(
    sequence(
      objectId(OID.localKeyId),
      set(
        octets(
          createHash('sha1')
            .update(chainDer[0] ?? new Uint8Array(0))
            .digest(),
        ),
      ),
    ),
  );
  const keyBag = sequence(objectId(OID.shroudedKeyBag), explicit(shrouded), localKeyId);
  const certificateBags = chainDer.map((der, index) => {
    const bag = sequence(objectId(OID.x509Certificate), explicit(octets(der)));
    return sequence(objectId(OID.certificateBag), explicit(bag), ...(index === 0 ? [localKeyId] : []));
  });
  const safe = sequence(dataContent(sequence(...certificateBags)), dataContent(sequence(keyBag)));
  const salt = random.bytes(SALT_BYTES);
  const password = bmpPassword(passphrase);
  const mac = createHmac('sha256', deriveMacKey(password, salt)).update(safe).digest();
  password.fill(0);
  const algorithm = sequence(objectId(OID.sha256), element(0x05));
  const macData = sequence(sequence(algorithm, octets(mac)), octets(salt), integer(MAC_ITERATIONS));
  return Uint8Array.from(sequence(integer(3), dataContent(safe), macData));
}
