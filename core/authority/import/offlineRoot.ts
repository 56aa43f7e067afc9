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
import { exportPkcs8, importPkcs8 } from '../encryptedKey.ts';
import { StationKeyMaker } from '../keys.ts';
import { writeEncryptedKey } from '../keyVault.ts';
import { checkPassphrase } from '../passphrase.ts';
import { bareSigner } from '../signing/signer.ts';
import type { ImportedCa } from './caImport.ts';
import type { Surroundings } from './offlineCeremony.ts';

/**
 * Makes the root's key under `passphrase` and its certificate; gives the certificate. Throws `authority_exists`,
 * `passphrase_weak`, `name_value_invalid`, and those of the disk.
 */
export function createOfflineRoot(at: Surroundings, passphrase: Secret, names: CaNames): Uint8Array {
  checkPassphrase(passphrase);
  const subject = caSubject(names);
  refuseExistingRoot(at.folder);
  makeFolder(at.folder);
  const { publicKeySpki, privateKeyPkcs8 } = new StationKeyMaker().generate('P-256');
  try {
    const certificateDer = rootCertificate(
      at,
      { subject, publicKeySpki },
      bareSigner(importPkcs8(privateKeyPkcs8)),
    );
    keepRoot(at, passphrase, privateKeyPkcs8, certificateDer);
    return certificateDer;
  } finally {
    privateKeyPkcs8.wipe();
  }
}

/**
 * The same for a root that exists: its key is stored again, under `passphrase`. Throws `chain_invalid` for a CA that is no
 * root, and what {@link createOfflineRoot} throws.
 */
export function installOfflineRoot(at: Surroundings, passphrase: Secret, imported: ImportedCa): Uint8Array {
  checkPassphrase(passphrase);
  const [certificateDer, ...above] = imported.chainDer;
  if (certificateDer === undefined || above.length > 0) {
    throw new StationError('chain_invalid', { reason: 'not-a-root', meaning: 'import-files-unfit' });
  }
  refuseExistingRoot(at.folder);
  makeFolder(at.folder);
  const pkcs8 = exportPkcs8(imported.key);
  try {
    keepRoot(at, passphrase, pkcs8, certificateDer);
    return certificateDer;
  } finally {
    pkcs8.wipe();
  }
}

function refuseExistingRoot(folder: string): void {
  const path = join(folder, AUTHORITY_FILES.root);
  if (existsSync(path)) throw new StationError('authority_exists', { path });
}

/** The key first: a folder with a certificate is a whole one, and one without may be begun anew. */
function keepRoot(at: Surroundings, passphrase: Secret, pkcs8: Secret, certificateDer: Uint8Array): void {
  writeEncryptedKey(join(at.folder, AUTHORITY_FILES.rootKey), pkcs8, passphrase, at.random);
  writeNewFile(join(at.folder, AUTHORITY_FILES.root), toPem('CERTIFICATE', certificateDer), PUBLIC_MODE);
  syncFolder(at.folder);
}
