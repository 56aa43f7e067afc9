// A private key under a passphrase, in the form every stack reads: PKCS#8 EncryptedPrivateKeyInfo, PBES2 with
// PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018). node's own export spends only 2,048 rounds, so it is built here.

import { createCipheriv, createPrivateKey, type KeyObject, pbkdf2Sync } from 'node:crypto';
import type { Random } from '../domain/clock.ts';
import { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import {
  type DerValue,
  expectTag,
  readChildren,
  readDer,
  readObjectIdentifier,
  readSmallInteger,
} from './x509/derReader.ts';
import { der, objectIdentifier, sequence, smallInteger, TAG } from './x509/derWriter.ts';

/** OWASP's 2023 figure for PBKDF2-HMAC-SHA256; about 0.2 s on the reference machine. */
export const PBKDF2_ROUNDS = 600_000;
/** A key file that asks for more would only hang the station. */
const MAX_PBKDF2_ROUNDS = 20_000_000;

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_SHA256 = '1.2.840.113549.2.9';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';
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
      objectIdentifier(PBKDF2),
      sequence(
        der(TAG.octetString, salt),
        smallInteger(rounds),
        sequence(objectIdentifier(HMAC_SHA256), der(TAG.null)),
      ),
    );
    const scheme = sequence(objectIdentifier(AES_256_CBC), der(TAG.octetString, initialVector));
    return sequence(
      sequence(objectIdentifier(PBES2), sequence(derivation, scheme)),
      der(TAG.octetString, encrypted),
    );
  } finally {
    key.fill(0);
  }
}

/**
 * Decrypts what {@link encryptKey} or any other tool made; `source` names the file in errors. Throws `authority_invalid`
 * for what is not an encrypted key, `passphrase_wrong` for one that this passphrase does not open.
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

function checkForm(encryptedDer: Uint8Array, source: string): void {
  try {
    const [algorithm, encrypted, ...rest] = readChildren(readDer(encryptedDer), TAG.sequence);
    expectTag(encrypted, TAG.octetString);
    if (rest.length > 0) throw new RangeError('too many fields');
    const [oid, parameters] = readChildren(expectTag(algorithm, TAG.sequence), TAG.sequence);
    if (readObjectIdentifier(oid) === PBES2) checkRounds(parameters);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StationError('authority_invalid', {
      path: source,
      reason: `not an encrypted key: ${error.message}`,
    });
  }
}

function checkRounds(pbes2: DerValue | undefined): void {
  const [derivation] = readChildren(expectTag(pbes2, TAG.sequence), TAG.sequence);
  const [oid, parameters] = readChildren(expectTag(derivation, TAG.sequence), TAG.sequence);
  if (readObjectIdentifier(oid) !== PBKDF2) return;
  const [, rounds] = readChildren(expectTag(parameters, TAG.sequence), TAG.sequence);
  if (readSmallInteger(rounds) > MAX_PBKDF2_ROUNDS) throw new RangeError('too many rounds');
}
