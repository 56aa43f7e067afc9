// Password-based decryption as PKCS#12 files use it: PBES2 with PBKDF2 and AES (today's tools), and SHA-1 with triple DES
// (older ones). RC2, which the oldest used for certificates, is refused by name.

import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import { bmpPassword, KDF_PURPOSE, pkcs12Derive } from '../../der/pkcs12.ts';
import { type DerElement, readElement, readOid, readSmallInteger, Sequence } from '../../der/reader.ts';
import { TAG } from '../../der/writer.ts';
import { StationError } from '../../domain/stationError.ts';

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const SHA1_TRIPLE_DES = '1.2.840.113549.1.12.1.3';
const PSEUDO_RANDOM_FUNCTIONS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keySizeBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keySizeBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keySizeBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keySizeBytes: 32 },
};
/** A file that asks for more would only hang the station. */
export const MAX_ROUNDS = 20_000_000;

/** Throws `passphrase_wrong` when the padding shows it, `authority_invalid` for an encryption that is not supported. */
export function pbeDecrypt(algorithmDer: Uint8Array, encrypted: Uint8Array, password: string): Uint8Array {
  const fields = new Sequence(readElement(algorithmDer), 'encryption algorithm');
  const scheme = readOid(fields.take(TAG.oid));
  const parameters = fields.take(TAG.sequence);
  const { name, key, initialVector } =
    scheme === PBES2
      ? pbes2Key(parameters, password)
      : scheme === SHA1_TRIPLE_DES
        ? tripleDesKey(parameters, password)
        : unsupported(scheme);
  try {
    const decipher = createDecipheriv(name, key, initialVector);
    return Buffer.concat([decipher.update(encrypted), decipher.final()]);
  } catch (cause) {
    throw new StationError('passphrase_wrong', { what: 'PKCS#12' }, { cause });
  } finally {
    key.fill(0);
  }
}

interface CipherKey {
  readonly name: string;
  readonly key: Uint8Array;
  readonly initialVector: Uint8Array;
}

/** RFC 8018 A.4. */
function pbes2Key(parameters: DerElement, password: string): CipherKey {
  const fields = new Sequence(parameters, 'PBES2');
  const derivation = new Sequence(fields.take(TAG.sequence), 'key derivation');
  const encryption = new Sequence(fields.take(TAG.sequence), 'cipher');
  const derivationType = readOid(derivation.take(TAG.oid));
  if (derivationType !== PBKDF2) return unsupported(derivationType);
  const options = new Sequence(derivation.take(TAG.sequence), 'PBKDF2');
  const salt = options.take(TAG.octetString).content;
  const rounds = checkRounds(readSmallInteger(options.take(TAG.integer)));
  options.optional(TAG.integer);
  const functionField = options.optional(TAG.sequence);
  // RFC 8018 A.2: HMAC-SHA1 unless another is named.
  const functionType = functionField && readOid(new Sequence(functionField, 'PRF').take(TAG.oid));
  const digest = functionType === undefined ? 'sha1' : PSEUDO_RANDOM_FUNCTIONS[functionType];
  if (digest === undefined) return unsupported(functionType ?? '');
  const cipherType = readOid(encryption.take(TAG.oid));
  const cipher = CIPHERS[cipherType];
  if (cipher === undefined) return unsupported(cipherType);
  const initialVector = encryption.take(TAG.octetString).content;
  const key = pbkdf2Sync(password, salt, rounds, cipher.keySizeBytes, digest);
  return { name: cipher.name, key, initialVector };
}

/** RFC 7292 appendix C. */
function tripleDesKey(parameters: DerElement, password: string): CipherKey {
  const fields = new Sequence(parameters, 'PBE');
  const salt = fields.take(TAG.octetString).content;
  const rounds = checkRounds(readSmallInteger(fields.take(TAG.integer)));
  const bytes = bmpPassword(password);
  const derive = (purpose: number, size: number): Uint8Array =>
    pkcs12Derive('sha1', purpose, bytes, salt, rounds, size);
  return {
    name: 'des-ede3-cbc',
    key: derive(KDF_PURPOSE.encryptionKey, 24),
    initialVector: derive(KDF_PURPOSE.initialVector, 8),
  };
}

export function checkRounds(rounds: number): number {
  return rounds >= 1 && rounds <= MAX_ROUNDS ? rounds : unsupported(`${rounds} rounds`);
}

function unsupported(what: string): never {
  throw new StationError('authority_invalid', { reason: 'encryption-unsupported', what });
}
