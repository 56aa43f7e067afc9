// Takes an existing CA in: its key (PEM, encrypted PKCS#8, PKCS#12) and its certificates, checked together.

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { looksLikePem, readPem } from '../../der/pem.ts';
import { TAG } from '../../der/writer.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { decryptKey } from '../encryptedKey.ts';
import { signatureSchemeOf } from '../signing/signer.ts';
import { orderChain } from './chainCheck.ts';
import { PKCS12_MAX_SIZE_BYTES, readPkcs12 } from './pkcs12.ts';

export interface ImportedCa {
  readonly key: KeyObject;
  /** The CA of the key first, its root last. The same certificate alone when the CA is a root. */
  readonly chainDer: readonly Uint8Array[];
}

export interface CaImportRequest {
  /** One or several files: a PKCS#12 file, or PEM with key and certificates in any order. */
  readonly files: readonly Uint8Array[];
  /** Undefined where the key is not encrypted: it will be, as soon as it is stored. */
  readonly passphrase: Secret | undefined;
  readonly nowMs: number;
}

const KEY_LABELS: readonly string[] = ['PRIVATE KEY', 'EC PRIVATE KEY', 'RSA PRIVATE KEY'];

/**
 * Throws `passphrase_missing`, `passphrase_wrong`, `authority_invalid` (no key, several keys, no certificate for the key),
 * `key_weak`, `chain_invalid`, `encoding_invalid`.
 */
export function importCa(request: CaImportRequest): ImportedCa {
  const keys: KeyObject[] = [];
  const certificatesDer: Uint8Array[] = [];
  for (const file of request.files) {
    if (file.length > PKCS12_MAX_SIZE_BYTES) throw invalid('too-large');
    if (looksLikePem(file)) readPemFile(file, request.passphrase, keys, certificatesDer);
    else if (file[0] !== TAG.sequence) throw invalid('neither-pem-nor-pkcs12');
    else {
      const content = readPkcs12(file, needed(request.passphrase));
      keys.push(...content.keys);
      certificatesDer.push(...content.certificatesDer);
    }
  }
  const [key, ...more] = keys;
  if (key === undefined) throw invalid('no-key');
  if (more.length > 0) throw invalid('several-keys');
  signatureSchemeOf(key);
  const own = certificatesDer.find((der) => belongs(der, key));
  if (own === undefined) throw invalid('no-certificate-for-the-key');
  return { key, chainDer: orderChain(own, certificatesDer, request.nowMs) };
}

function readPemFile(
  file: Uint8Array,
  passphrase: Secret | undefined,
  keys: KeyObject[],
  certificatesDer: Uint8Array[],
): void {
  for (const { label, der } of readPem(Buffer.from(file).toString('latin1'))) {
    if (label === 'CERTIFICATE') certificatesDer.push(der);
    else if (label === 'ENCRYPTED PRIVATE KEY') keys.push(decryptKey(der, needed(passphrase), 'import'));
    else if (KEY_LABELS.includes(label)) keys.push(plainKey(label, der));
  }
}

function plainKey(label: string, der: Uint8Array): KeyObject {
  const type = label === 'PRIVATE KEY' ? 'pkcs8' : label === 'EC PRIVATE KEY' ? 'sec1' : 'pkcs1';
  try {
    return createPrivateKey({ key: Buffer.from(der), format: 'der', type });
  } catch (cause) {
    throw new StationError('authority_invalid', { reason: 'key-unreadable' }, { cause });
  }
}

function belongs(der: Uint8Array, key: KeyObject): boolean {
  try {
    return new X509Certificate(der).checkPrivateKey(key);
  } catch {
    return false;
  }
}

function needed(passphrase: Secret | undefined): Secret {
  if (passphrase === undefined) throw new StationError('passphrase_missing');
  return passphrase;
}

const invalid = (reason: string): StationError => new StationError('authority_invalid', { reason });
