// Reads PKCS#12 files (RFC 7292) in DER, as openssl, GnuTLS and Java write them: one key and certificates.

import { createHmac, createPrivateKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import { bmpPassword, KDF_PURPOSE, type KdfHash, PKCS12_OID, pkcs12Derive } from '../../der/pkcs12.ts';
import {
  childrenOf,
  type DerElement,
  expectTag,
  readElement,
  readOid,
  readSmallInteger,
  Sequence,
} from '../../der/reader.ts';
import { TAG } from '../../der/writer.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { checkRounds, pbeDecrypt } from './pbeDecrypt.ts';

const MAC_HASHES: Readonly<Record<string, KdfHash>> = {
  '1.3.14.3.2.26': 'sha1',
  [PKCS12_OID.sha256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
export const PKCS12_MAX_SIZE_BYTES = 256 * 1024;

export interface Pkcs12Content {
  readonly keys: readonly KeyObject[];
  readonly certificatesDer: readonly Uint8Array[];
}

/**
 * Throws `passphrase_wrong`, `authority_invalid` for what is not supported (no password integrity, RC2, PBMAC1),
 * `encoding_invalid` for what is no PKCS#12 file.
 */
export function readPkcs12(file: Uint8Array, passphrase: Secret): Pkcs12Content {
  if (file.length > PKCS12_MAX_SIZE_BYTES) throw invalid('too-large', String(file.length));
  const outer = new Sequence(readElement(file), 'PKCS#12');
  if (readSmallInteger(outer.take(TAG.integer)) !== 3) throw invalid('version');
  const content = readContent(outer.take(TAG.sequence));
  if (content.type !== PKCS12_OID.data) throw invalid('public-key-integrity');
  const safe = expectTag(content.value, TAG.octetString).content;
  const mac = outer.optional(TAG.sequence);
  if (mac === undefined) throw invalid('no-mac');
  // A passphrase in a JavaScript string cannot be wiped; OpenSSL's own interfaces leave no other way to UTF-16.
  const password = passphrase.use((bytes) => Buffer.from(bytes).toString('utf8'));
  checkMac(mac, safe, password);
  const keys: KeyObject[] = [];
  const certificatesDer: Uint8Array[] = [];
  for (const part of childrenOf(readElement(safe))) {
    for (const bag of childrenOf(readElement(bagsOf(part, password)))) {
      readBag(bag, password, keys, certificatesDer);
    }
  }
  return { keys, certificatesDer };
}

interface Content {
  readonly type: string;
  readonly value: DerElement;
}

function readContent(info: DerElement): Content {
  const fields = new Sequence(info, 'ContentInfo');
  const type = readOid(fields.take(TAG.oid));
  return { type, value: only(fields.take(0xa0)) };
}

/** The SafeContents of one part, decrypted where it is encrypted. */
function bagsOf(part: DerElement, password: string): Uint8Array {
  const { type, value } = readContent(part);
  if (type === PKCS12_OID.data) return expectTag(value, TAG.octetString).content;
  if (type !== PKCS12_OID.encryptedData) throw invalid('content-type', type);
  const fields = new Sequence(value, 'EncryptedData');
  readSmallInteger(fields.take(TAG.integer));
  const info = new Sequence(fields.take(TAG.sequence), 'EncryptedContentInfo');
  readOid(info.take(TAG.oid));
  const algorithm = info.take(TAG.sequence).raw;
  return pbeDecrypt(algorithm, info.take(0x80).content, password);
}

function readBag(bag: DerElement, password: string, keys: KeyObject[], certificatesDer: Uint8Array[]): void {
  const fields = new Sequence(bag, 'SafeBag');
  const type = readOid(fields.take(TAG.oid));
  const value = only(fields.take(0xa0));
  switch (type) {
    case PKCS12_OID.keyBag:
      keys.push(createPrivateKey({ key: Buffer.from(value.raw), format: 'der', type: 'pkcs8' }));
      return;
    case PKCS12_OID.shroudedKeyBag: {
      const encrypted = new Sequence(value, 'EncryptedPrivateKeyInfo');
      const algorithm = encrypted.take(TAG.sequence).raw;
      const pkcs8 = Buffer.from(pbeDecrypt(algorithm, encrypted.take(TAG.octetString).content, password));
      keys.push(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
      pkcs8.fill(0);
      return;
    }
    case PKCS12_OID.certificateBag: {
      const certificate = new Sequence(value, 'CertBag');
      readOid(certificate.take(TAG.oid));
      certificatesDer.push(expectTag(only(certificate.take(0xa0)), TAG.octetString).content);
      return;
    }
    default:
      // CRLs, secrets and nested contents are not what a CA is imported from.
      return;
  }
}

/** RFC 7292 4 and appendix B. It is also what tells a wrong passphrase for certain. */
function checkMac(mac: DerElement, safe: Uint8Array, password: string): void {
  const fields = new Sequence(mac, 'MacData');
  const digestInfo = new Sequence(fields.take(TAG.sequence), 'DigestInfo');
  const algorithm = readOid(new Sequence(digestInfo.take(TAG.sequence), 'digest').take(TAG.oid));
  const expected = digestInfo.take(TAG.octetString).content;
  const salt = fields.take(TAG.octetString).content;
  const roundsField = fields.optional(TAG.integer);
  const rounds = checkRounds(roundsField === undefined ? 1 : readSmallInteger(roundsField));
  const hash = MAC_HASHES[algorithm];
  if (hash === undefined) throw invalid('mac-unsupported', algorithm);
  const key = pkcs12Derive(hash, KDF_PURPOSE.macKey, bmpPassword(password), salt, rounds, expected.length);
  const actual = createHmac(hash, key).update(safe).digest();
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new StationError('passphrase_wrong', { what: 'PKCS#12' });
  }
}

function only(parent: DerElement): DerElement {
  const [child] = childrenOf(parent);
  if (child === undefined) throw invalid('empty');
  return child;
}

const invalid = (reason: string, what?: string): StationError =>
  new StationError('authority_invalid', what === undefined ? { reason } : { reason, what });
