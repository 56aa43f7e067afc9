// Encrypted private keys as files. No unencrypted key is ever written, or accepted.

import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pemBlocks, toPem } from '../der/pem.ts';
import { PRIVATE_MODE, replaceFile } from '../disk/durableFile.ts';
import { storageErrors, systemErrorCode } from '../disk/storageErrors.ts';
import type { Random } from '../domain/clock.ts';
import type { Secret } from '../domain/secret.ts';
import { StationError } from '../domain/stationError.ts';
import { decryptKey, encryptKey } from './encryptedKey.ts';

/**
 * Stores a PKCS#8 key under a passphrase, readable by its owner only, replacing a key that is there. After a power cut
 * the file holds the old key or the new one. Throws `disk_full`, `storage_read_only`, `storage_failed`.
 */
export function writeEncryptedKey(path: string, pkcs8: Secret, passphrase: Secret, random: Random): void {
  const pem = toPem('ENCRYPTED PRIVATE KEY', encryptKey(pkcs8, passphrase, random));
  replaceFile(path, pem, PRIVATE_MODE);
}

/**
 * Opens a key file. Throws `authority_missing` when it is not there, `authority_invalid` when it is no encrypted key,
 * `passphrase_wrong`. Takes as long as its rounds ask for.
 */
export function readEncryptedKey(path: string, passphrase: Secret): KeyObject {
  return decryptKey(onlyBlock('ENCRYPTED PRIVATE KEY', path, 'not-an-encrypted-key'), passphrase, path);
}

/** The certificate that a file of the authority's folder holds, DER. Throws `authority_missing`, `authority_invalid`. */
export const readCertificateFile = (path: string): Uint8Array =>
  onlyBlock('CERTIFICATE', path, 'not-one-certificate');

function onlyBlock(label: string, path: string, reason: string): Uint8Array {
  const text = readTextFile(path);
  let blocks: readonly Uint8Array[];
  try {
    blocks = pemBlocks(label, text);
  } catch (cause) {
    throw new StationError('authority_invalid', { path, reason }, { cause });
  }
  const [only, ...more] = blocks;
  if (only === undefined || more.length > 0) throw new StationError('authority_invalid', { path, reason });
  return only;
}

/** A file of the authority's folder; `authority_missing` when it is not there. */
export function readTextFile(path: string): string {
  try {
    return storageErrors(path, () => readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof StationError && systemErrorCode(error.cause) === 'ENOENT') {
      throw new StationError('authority_missing', { path });
    }
    throw error;
  }
}
