// Opens the key of a CA, whatever holds it: an encrypted file, or a PKCS#11 token. Nobody else knows the difference.

import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PUBLIC_MODE, replaceFile } from '../../disk/durableFile.ts';
import type { Clock, Random } from '../../domain/clock.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { AUTHORITY_FILES } from '../chain.ts';
import { readCertificateFile, readEncryptedKey, readTextFile } from '../keyVault.ts';
import { guardPassphrase } from '../passphraseGuard.ts';
import { type CaSigner, keySigner, verifierOf } from '../signing/signer.ts';

/** Where a key on a token is found. */
export interface TokenReference {
  /** The shared library of the token's maker. */
  readonly module: string;
  readonly slot: number;
  /** CKA_LABEL of the private key. */
  readonly keyLabel: string;
}

/** Logs in to a token and opens its key. Given by the host: not every one has tokens. */
export type TokenOpener = (reference: TokenReference, pin: Secret) => TokenKey;

/** A key that never leaves its token. */
export interface TokenKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  /** The signature as it stands in a certificate. */
  sign(toBeSigned: Uint8Array): Uint8Array;
  /** Logs out. */
  close(): void;
}

export interface ClosableSigner extends CaSigner {
  /** Logs out; the signer is of no use afterwards. */
  close(): void;
}

export interface CaPlace {
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly openToken?: TokenOpener | undefined;
}

const FILES = {
  issuing: {
    certificate: AUTHORITY_FILES.issuing,
    key: AUTHORITY_FILES.issuingKey,
    token: 'issuing.pkcs11.json',
  },
  root: { certificate: AUTHORITY_FILES.root, key: AUTHORITY_FILES.rootKey, token: 'root.pkcs11.json' },
} as const;
export type CaKind = keyof typeof FILES;

const referenceSchema = z.strictObject({
  module: z.string().min(1),
  slot: z.int().min(0),
  keyLabel: z.string().min(1).max(64),
});

/** The reference of a CA whose key is on a token; undefined where it is a file. Throws `authority_invalid`. */
export function tokenReferenceOf(folder: string, ca: CaKind): TokenReference | undefined {
  const path = join(folder, FILES[ca].token);
  if (!existsSync(path)) return undefined;
  try {
    return referenceSchema.parse(JSON.parse(readTextFile(path)));
  } catch (cause) {
    throw new StationError('authority_invalid', { path, reason: 'token-reference' }, { cause });
  }
}

export function writeTokenReference(at: CaPlace, ca: CaKind, reference: TokenReference): void {
  const text = `${JSON.stringify(referenceSchema.parse(reference), null, 2)}\n`;
  replaceFile(join(at.folder, FILES[ca].token), text, PUBLIC_MODE);
}

/** Whether a CA's key is here, as a file or on a token. */
export const hasCaKey = (folder: string, ca: CaKind): boolean =>
  [FILES[ca].key, FILES[ca].token].some((file) => existsSync(join(folder, file)));

/**
 * Opens a CA's key with its passphrase, or its token with the PIN; close it after use. Throws `passphrase_wrong`,
 * `passphrase_delayed`, `authority_missing`, `authority_invalid`, `capability_missing` on a host without tokens.
 */
export function openCaSigner(at: CaPlace, ca: CaKind, passphrase: Secret): ClosableSigner {
  const certificateDer = readCertificateFile(join(at.folder, FILES[ca].certificate));
  const reference = tokenReferenceOf(at.folder, ca);
  return guardPassphrase(at, () => {
    if (reference === undefined) {
      const key = readEncryptedKey(join(at.folder, FILES[ca].key), passphrase);
      return { ...keySigner(certificateDer, key), close: () => undefined };
    }
    if (at.openToken === undefined) throw new StationError('capability_missing', { what: 'PKCS#11' });
    return tokenSigner(certificateDer, at.openToken(reference, passphrase));
  });
}

function tokenSigner(certificateDer: Uint8Array, key: TokenKey): ClosableSigner {
  const { publicKey } = new X509Certificate(certificateDer);
  if (Buffer.compare(publicKey.export({ type: 'spki', format: 'der' }), key.publicKeySpki) !== 0) {
    key.close();
    throw new StationError('authority_invalid', { reason: 'key-of-another-ca' });
  }
  return {
    ...verifierOf(publicKey),
    certificateDer,
    sign: (toBeSigned) => key.sign(toBeSigned),
    close: () => key.close(),
  };
}
