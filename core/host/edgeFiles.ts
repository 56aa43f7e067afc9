// The edge server's certificate and encrypted key as files of the data folder.

import { type KeyObject, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEncryptedKey, writeEncryptedKey } from '../authority/keyVault.ts';
import { pemBlocks, toPem } from '../der/pem.ts';
import { replaceFile } from '../disk/durableFile.ts';
import { storageErrors } from '../disk/storageErrors.ts';
import type { Random } from '../domain/clock.ts';
import type { Secret } from '../domain/secret.ts';
import { asStationError } from '../domain/stationError.ts';
import type { EdgeCredentialStore } from '../station/ports/edgeCredential.ts';

export interface EdgeFiles extends EdgeCredentialStore {
  /** The stored certificate's key; undefined when it is missing, damaged, under another passphrase, or another's. */
  keyOfCertificate(): KeyObject | undefined;
}

export function edgeFiles(folder: string, passphrase: Secret, random: Random): EdgeFiles {
  const certificatePath = join(folder, 'server.pem');
  const keyPath = join(folder, 'server.key.pem');
  const certificateDer = (): Uint8Array | undefined => {
    try {
      return storageErrors(folder, () => pemBlocks('CERTIFICATE', readFileSync(certificatePath, 'utf8'))[0]);
    } catch (thrown) {
      return unlessUnusable(thrown);
    }
  };
  return {
    certificateDer,
    writeCertificate: (der) => replaceFile(certificatePath, toPem('CERTIFICATE', der)),
    writeKey(pkcs8) {
      storageErrors(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
      writeEncryptedKey(keyPath, pkcs8, passphrase, random);
    },
    keyOfCertificate() {
      const certificate = certificateDer();
      if (certificate === undefined) return undefined;
      try {
        const key = readEncryptedKey(keyPath, passphrase);
        return new X509Certificate(certificate).checkPrivateKey(key) ? key : undefined;
      } catch (thrown) {
        return unlessUnusable(thrown);
      }
    },
  };
}

/** A file that is not there or holds nothing usable is made anew; a disk that cannot be read is a failure. */
function unlessUnusable(thrown: unknown): undefined {
  const { code, details } = asStationError(thrown);
  if (code === 'storage_failed' && details.reason === 'ENOENT') return undefined;
  if (
    code === 'authority_missing' ||
    code === 'authority_invalid' ||
    code === 'encoding_invalid' ||
    code === 'passphrase_wrong'
  )
    return undefined;
  throw thrown;
}
