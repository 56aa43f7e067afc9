// One device of a batch as a line of JSON: what a programming house reads. The line is also the only place where the
// private key stands, so a line can prove by itself that it is whole.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { sha256Hex } from '../../der/fingerprint.ts';
import { readPem, toPem } from '../../der/pem.ts';
import type { CaSigner } from '../signing/signer.ts';
import { readCertificate } from '../x509/certificate.ts';
import type { BatchCertificate, ReservedDevice } from './port.ts';

/** Line ends in PEM are written escaped: JSON.stringify over long texts is slower than making the certificate's names. */
export function outputLine(certificate: BatchCertificate, privateKeyPkcs8: Uint8Array): string {
  const escaped = (label: string, der: Uint8Array): string => toPem(label, der, '\\n');
  return `{"deviceSerial":${JSON.stringify(certificate.deviceSerial)},"certificateSerial":"${
    certificate.certificateSerial
  }","certificateSha256":"${certificate.certificateSha256}","certificate":"${escaped(
    'CERTIFICATE',
    certificate.certificateDer,
  )}","privateKey":"${escaped('PRIVATE KEY', privateKeyPkcs8)}"}\n`;
}

/**
 * Reads a line back that a stopped batch left behind. Undefined unless it is whole: JSON, of a device in `reserved`, with
 * a certificate that `issuer` signed and the key that belongs to it.
 */
export function readOutputLine(
  text: string,
  reserved: ReadonlyMap<string, ReservedDevice>,
  issuer: CaSigner,
): BatchCertificate | undefined {
  try {
    const line = JSON.parse(text) as Record<string, unknown>;
    const device = reserved.get(String(line.deviceSerial));
    const [certificateBlock] = readPem(String(line.certificate));
    if (device === undefined || certificateBlock === undefined) return undefined;
    const certificateDer = certificateBlock.der;
    const { toBeSigned, signature, notBeforeMs, notAfterMs } = readCertificate(certificateDer);
    const certificate = new X509Certificate(certificateDer);
    const whole =
      issuer.verify(toBeSigned, signature) &&
      certificate.serialNumber.toLowerCase() === device.certificateSerial &&
      certificate.checkPrivateKey(createPrivateKey(String(line.privateKey))) &&
      line.certificateSha256 === sha256Hex(certificateDer);
    if (!whole) return undefined;
    return {
      deviceSerial: device.deviceSerial,
      certificateSerial: device.certificateSerial,
      certificateDer,
      notBeforeMs,
      notAfterMs,
      certificateSha256: sha256Hex(certificateDer),
      publicKeySha256: sha256Hex(certificate.publicKey.export({ type: 'spki', format: 'der' })),
    };
  } catch {
    return undefined;
  }
}
