// A root CA alone, on a machine that is never online. What it signs is carried to it and away again.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toPem } from '../../der/pem.ts';
import { PUBLIC_MODE, writeNewFile } from '../../disk/durableFile.ts';
import { makeFolder, syncFolder } from '../../disk/durableFolder.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { type CaNames, caSubject, rootCertificate } from '../caCertificate.ts';
import { AUTHORITY_FILES } from '../chain.ts';
import { importPkcs8 } from '../encryptedKey.ts';
import { StationKeyMaker } from '../keys.ts';
import { writeEncryptedKey } from '../keyVault.ts';
import { checkPassphrase } from '../passphrase.ts';
import { bareSigner } from '../signing/signer.ts';
import type { Surroundings } from './offlineCeremony.ts';

/**
 * Makes the root's key under `passphrase` and its certificate; gives the certificate. Throws `authority_exists`,
 * `passphrase_weak`, `name_value_invalid`, and those of the disk.
 */
export function createOfflineRoot(at: Surroundings, passphrase: Secret, names: CaNames): Uint8Array {
  checkPassphrase(passphrase);
  const subject = caSubject(names);
  const path = join(at.folder, AUTHORITY_FILES.root);
  if (existsSync(path)) throw new StationError('authority_exists', { path });
  makeFolder(at.folder);
  const { publicKeySpki, privateKeyPkcs8 } = new StationKeyMaker().generate('P-256');
  try {
    const certificateDer = rootCertificate(
      at,
      { subject, publicKeySpki },
      bareSigner(importPkcs8(privateKeyPkcs8)),
    );
    // The key first: a folder with a certificate is a whole one, and one without may be begun anew.
    writeEncryptedKey(join(at.folder, AUTHORITY_FILES.rootKey), privateKeyPkcs8, passphrase, at.random);
    writeNewFile(path, toPem('CERTIFICATE', certificateDer), PUBLIC_MODE);
    syncFolder(at.folder);
    return certificateDer;
  } finally {
    privateKeyPkcs8.wipe();
  }
}
