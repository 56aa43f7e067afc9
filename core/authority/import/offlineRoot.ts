// A root CA alone, on a machine that is never online. What it signs is carried to it and away again.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newCertificateSerial } from '../../domain/certificateSerial.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import { AUTHORITY_FILES } from '../chain.ts';
import { wholeSeconds } from '../content.ts';
import { bitString, sequence } from '../der/writer.ts';
import { makeFolder, PUBLIC_MODE, syncFolder, writeNewFile } from '../durableFile.ts';
import { importPkcs8 } from '../encryptedKey.ts';
import { StationKeyMaker } from '../keys.ts';
import { writeEncryptedKey } from '../keyVault.ts';
import { lintCertificate, refuseFindings } from '../lint/lint.ts';
import { checkPassphrase } from '../passphrase.ts';
import { signatureSchemeOf } from '../signing/signer.ts';
import { checkNameValue } from '../x509/nameEncoder.ts';
import { encodePem } from '../x509/pem.ts';
import { buildToBeSigned } from '../x509/tbsBuilder.ts';
import { requestKeyOf } from './issuingRequest.ts';
import type { Surroundings } from './offlineCeremony.ts';

const ROOT_YEARS = 30;
const BACKDATE_MS = 86_400_000;

/**
 * Makes the root's key under `passphrase` and its certificate; gives the certificate. Throws `authority_exists`,
 * `passphrase_weak`, `name_value_invalid`, and those of the disk.
 */
export function createOfflineRoot(at: Surroundings, passphrase: Secret, site: string): Uint8Array {
  checkPassphrase(passphrase);
  const subject = [
    { attribute: 'O', value: site },
    { attribute: 'CN', value: `${site} Root CA` },
  ] as const;
  for (const { attribute, value } of subject) checkNameValue(attribute, value);
  const path = join(at.folder, AUTHORITY_FILES.root);
  if (existsSync(path)) throw new StationError('authority_exists', { path });
  makeFolder(at.folder);
  const pair = new StationKeyMaker().generate('P-256');
  try {
    const key = importPkcs8(pair.privateKeyPkcs8);
    const { algorithmDer } = signatureSchemeOf(key);
    const notBeforeMs = wholeSeconds(at.clock.nowMs() - BACKDATE_MS);
    const end = new Date(notBeforeMs);
    end.setUTCFullYear(end.getUTCFullYear() + ROOT_YEARS);
    const toBeSigned = buildToBeSigned(
      {
        certificateSerial: newCertificateSerial(at.random),
        issuerNameDer: undefined,
        subject,
        notBeforeMs,
        notAfterMs: end.getTime() - 1000,
        publicKeySpki: pair.publicKeySpki,
        extensions: {
          certificateAuthority: { pathLength: 1 },
          keyUsage: ['keyCertSign', 'cRLSign'],
          extendedKeyUsage: [],
          authorityKeyIdentifier: undefined,
          altNames: [],
        },
      },
      { algorithmDer, digest: null, maxSignatureSizeBytes: 0 },
    );
    const signature = requestKeyOf(key).sign(toBeSigned);
    const certificateDer = sequence(toBeSigned, algorithmDer, bitString(signature));
    refuseFindings(lintCertificate(certificateDer, { kind: 'ca', issuerDer: certificateDer }));
    // The key first: a folder with a certificate is a whole one, and one without may be begun anew.
    writeEncryptedKey(join(at.folder, AUTHORITY_FILES.rootKey), pair.privateKeyPkcs8, passphrase, at.random);
    writeNewFile(path, encodePem('CERTIFICATE', certificateDer), PUBLIC_MODE);
    syncFolder(at.folder);
    return certificateDer;
  } finally {
    pair.privateKeyPkcs8.wipe();
  }
}
