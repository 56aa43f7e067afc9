// A private key under a passphrase, in the form every stack reads: PKCS#8 EncryptedPrivateKeyInfo, PBES2 with
// PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018). node's own export spends only 2,048 rounds, so it is built here.

import { createCipheriv, createPrivateKey, type KeyObject, pbkdf2Sync } from 'node:crypto';
import {
  type DerElement,
  encodingInvalid,
  readElement,
  readOid,
  readSmallInteger,
  Sequence,
} from '../der/reader.ts';
import { integer, NULL, octetString, oid, sequence, TAG } from '../der/writer.ts';
import type { Random } from '../domain/clock.ts';
import { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
/** OWASP's 2023 figure for PBKDF2-HMAC-SHA256; about 0.2 s on the reference machine. */
export const PBKDF2_ROUNDS = 600_000;
/** A key file that asks for more would only hang the station. */
const MAX_PBKDF2_ROUNDS = 20_000_000;

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_SHA1 = '1.2.840.113549.2.7';
const HMAC_SHA256 = '1.2.840.113549.2.9';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';
/** What others use: AES-128, AES-192, and the triple DES of `openssl req`. */
const CIPHERS_READ: readonly string[] = [
  AES_256_CBC,
  '2.16.840.1.101.3.4.1.2',
  '2.16.840.1.101.3.4.1.22',
  '1.2.840.113549.3.7',
];
const SALT_BYTES = 16;
const AES_KEY_BYTES = 32;
const AES_BLOCK_BYTES = 16;

/** Encrypts a PKCS#8 key; gives the DER of an EncryptedPrivateKeyInfo (RFC 5958 3). */
export function encryptKey(
  pkcs8: Secret,
  passphrase: Secret,
  random: Random,
  rounds: number = PBKDF2_ROUNDS,
): Uint8Array {
  const salt = random.bytes(SALT_BYTES);
  const initialVector = random.bytes(AES_BLOCK_BYTES);
  const key = passphrase.use((bytes) => pbkdf2Sync(bytes, salt, rounds, AES_KEY_BYTES, 'sha256'));
  try {
    const cipher = createCipheriv('aes-256-cbc', key, initialVector);
    const encrypted = pkcs8.use((bytes) => Buffer.concat([cipher.update(bytes), cipher.final()]));
    const derivation = sequence(
      oid(PBKDF2),
      sequence(octetString(salt), integer(rounds), sequence(oid(HMAC_SHA256), NULL)),
    );
    const scheme = sequence(oid(AES_256_CBC), octetString(initialVector));
    return sequence(sequence(oid(PBES2), sequence(derivation, scheme)), octetString(encrypted));
  } finally {
    key.fill(0);
  }
}

/**
 * Decrypts what {@link encryptKey} or `openssl pkcs8` made; `source` names the file in errors. Throws `authority_invalid`
 * for what is not an encrypted key or is encrypted in another way, `passphrase_wrong` for one that does not open.
 */
export function decryptKey(encryptedDer: Uint8Array, passphrase: Secret, source: string): KeyObject {
  checkForm(encryptedDer, source);
  try {
    return passphrase.use((bytes) =>
      createPrivateKey({
        key: Buffer.from(encryptedDer),
        format: 'der',
        type: 'pkcs8',
        passphrase: lent(bytes),
      }),
    );
  } catch (error) {
    // A wrong passphrase and a damaged ciphertext look alike: nothing but the padding says so.
    throw new StationError('passphrase_wrong', { path: source }, { cause: error });
  }
}

/** The key's PKCS#8 DER; the caller wipes it. */
export function exportPkcs8(key: KeyObject): Secret {
  return new Secret(key.export({ format: 'der', type: 'pkcs8' }));
}

/** A key from its PKCS#8 DER. */
export const importPkcs8 = (pkcs8: Secret): KeyObject =>
  pkcs8.use((bytes) => createPrivateKey({ key: lent(bytes), format: 'der', type: 'pkcs8' }));

/** node:crypto's types want a Buffer: the same memory, not a copy. */
const lent = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * Only what OpenSSL and BoringSSL both open: an authority must not work on one host and be shut on another. Telling an
 * unsupported form from a wrong passphrase also spares the operator a long search.
 */
function checkForm(encryptedDer: Uint8Array, path: string): void {
  let unsupported: string | undefined;
  try {
    unsupported = unsupportedPart(encryptedDer);
  } catch (error) {
    if (!(error instanceof StationError) || error.code !== 'encoding_invalid') throw error;
    throw new StationError('authority_invalid', { path, reason: 'not-an-encrypted-key' }, { cause: error });
  }
  if (unsupported !== undefined) {
    throw new StationError('authority_invalid', {
      path,
      reason: 'encryption-unsupported',
      what: unsupported,
    });
  }
}

function unsupportedPart(encryptedDer: Uint8Array): string | undefined {
  const fields = new Sequence(readElement(encryptedDer), 'encrypted key');
  const [scheme, parameters] = readAlgorithm(fields.take());
  fields.take(TAG.octetString);
  fields.end();
  if (scheme !== PBES2) return scheme;
  const parts = new Sequence(present(parameters), 'PBES2');
  const [derivation, derivationParameters] = readAlgorithm(parts.take());
  if (derivation !== PBKDF2) return derivation;
  const options = new Sequence(present(derivationParameters), 'PBKDF2');
  options.take();
  const rounds = readSmallInteger(options.take());
  if (rounds > MAX_PBKDF2_ROUNDS) return `${rounds} rounds`;
  // RFC 8018 A.2: without a pseudo-random function it is HMAC-SHA1; a key length may stand before it.
  options.optional(TAG.integer);
  const functionPart = options.optional(TAG.sequence);
  const [pseudoRandomFunction] = functionPart ? readAlgorithm(functionPart) : [HMAC_SHA1];
  if (pseudoRandomFunction !== HMAC_SHA1 && pseudoRandomFunction !== HMAC_SHA256) return pseudoRandomFunction;
  const [cipher] = readAlgorithm(parts.take());
  return CIPHERS_READ.includes(cipher) ? undefined : cipher;
}

/** AlgorithmIdentifier, RFC 5280 4.1.1.2. */
function readAlgorithm(element: DerElement): readonly [oid: string, parameters: DerElement | undefined] {
  const fields = new Sequence(element, 'algorithm');
  return [readOid(fields.take()), fields.done ? undefined : fields.take()];
}

function present(element: DerElement | undefined): DerElement {
  if (element === undefined) throw encodingInvalid('missing-element', 'algorithm');
  return element;
}
