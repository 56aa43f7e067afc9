// The edge server's certificate and encrypted key as files of the data folder.

import type { KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEncryptedKey, writeEncryptedKey } from '../authority/keyVault.ts';
import { decodePem, encodePem } from '../authority/x509/pem.ts';
import type { Random } from '../domain/clock.ts';
import type { Secret } from '../domain/secret.ts';
import type { EdgeCredentialStore } from '../station/ports/edgeCredential.ts';
import { writeFileAtomically } from './atomicFile.ts';
import { storageErrors } from './storageErrors.ts';

export interface EdgeFiles extends EdgeCredentialStore {
  readKey(): KeyObject;
}

export function edgeFiles(folder: string, passphrase: Secret, random: Random): EdgeFiles {
  const certificatePath = join(folder, 'server.pem');
  const keyPath = join(folder, 'server.key.pem');
  return {
    certificateDer() {
      try {
        return decodePem('CERTIFICATE', readFileSync(certificatePath, 'utf8'))[0];
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw thrown;
      }
    },
    writeCertificate: (der) =>
      storageErrors(folder, () => writeFileAtomically(certificatePath, encodePem('CERTIFICATE', der))),
    writeKey(pkcs8) {
      storageErrors(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
      writeEncryptedKey(keyPath, pkcs8, passphrase, random);
    },
    readKey: () => readEncryptedKey(keyPath, passphrase),
  };
}
