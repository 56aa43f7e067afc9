// A plain list of what was issued, for consumers that pin certificates and for people with a spreadsheet.

import { sha256Hex } from '../../der/fingerprint.ts';
import { toHex } from '../../domain/hex.ts';
import { readCertificate } from '../x509/certificate.ts';
import { csvLine, type ExportedDevice } from './files.ts';

/** CSV lines with a header: device serial, certificate serial, SHA-256 of certificate and public key, dates (UTC). */
export function* fingerprintLines(devices: Iterable<ExportedDevice>): Generator<string> {
  yield csvLine([
    'deviceSerial',
    'certificateSerial',
    'certificateSha256',
    'publicKeySha256',
    'notBefore',
    'notAfter',
  ]);
  for (const { deviceSerial, certificateDer } of devices) {
    const certificate = readCertificate(certificateDer);
    yield csvLine([
      deviceSerial,
      toHex(certificate.serialBytes),
      sha256Hex(certificateDer),
      sha256Hex(certificate.spkiDer),
      new Date(certificate.notBeforeMs).toISOString(),
      new Date(certificate.notAfterMs).toISOString(),
    ]);
  }
}
