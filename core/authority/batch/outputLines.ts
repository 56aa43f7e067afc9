// The devices of a block as lines of JSON: what a programming house reads. The private keys stand nowhere else, so a line can
// prove by itself that it is whole; and they go from bytes to bytes, because a string cannot be overwritten.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { sha256Hex } from '../../der/fingerprint.ts';
import { readPem } from '../../der/pem.ts';
import { pemWriter } from '../../der/pemBytes.ts';
import type { CaSigner } from '../signing/signer.ts';
import { readCertificate } from '../x509/certificate.ts';
import type { BatchCertificate, ReservedDevice } from './port.ts';

const ESCAPED_LINE_FEED = Buffer.from('\\n', 'latin1');
const CERTIFICATE = pemWriter('CERTIFICATE', ESCAPED_LINE_FEED);
const PRIVATE_KEY = pemWriter('PRIVATE KEY', ESCAPED_LINE_FEED);
const BEFORE_KEY = Buffer.from('","privateKey":"', 'latin1');
const LINE_END = Buffer.from('"}\n', 'latin1');
/** Of one line, P-256 keys: more is made room for when it is needed. */
const USUAL_SIZE_BYTES = 1500;

/** The lines of one block after another, all in the same buffer: a new one for each would keep the garbage collector at work. */
export class OutputLines {
  #buffer: Buffer = Buffer.alloc(0);
  #sizeBytes = 0;

  /** Begins anew; what {@link bytes} lent before is overwritten. */
  restart(expectedLines: number): void {
    this.wipe();
    this.#sizeBytes = 0;
    this.#makeRoom(expectedLines * USUAL_SIZE_BYTES);
  }

  add(certificate: BatchCertificate, privateKeyPkcs8: Uint8Array): void {
    const { certificateSha256, certificateDer } = certificate;
    const facts = `${lineHead(certificate)}${certificateSha256}","certificate":"`;
    this.#makeRoom(
      Buffer.byteLength(facts) +
        CERTIFICATE.size(certificateDer.length) +
        BEFORE_KEY.length +
        PRIVATE_KEY.size(privateKeyPkcs8.length) +
        LINE_END.length,
    );
    const buffer = this.#buffer;
    let offset = this.#sizeBytes;
    offset += buffer.write(facts, offset, 'utf8');
    offset = CERTIFICATE.write(buffer, offset, certificateDer);
    buffer.set(BEFORE_KEY, offset);
    offset = PRIVATE_KEY.write(buffer, offset + BEFORE_KEY.length, privateKeyPkcs8);
    buffer.set(LINE_END, offset);
    this.#sizeBytes = offset + LINE_END.length;
  }

  /** All lines, lent until the next {@link restart}; whoever receives them overwrites them after use. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#sizeBytes);
  }

  wipe(): void {
    this.#buffer.fill(0, 0, this.#sizeBytes);
  }

  #makeRoom(sizeBytes: number): void {
    if (this.#sizeBytes + sizeBytes <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * this.#sizeBytes + sizeBytes);
    grown.set(this.bytes());
    this.wipe();
    this.#buffer = grown;
  }
}

/** How a device's line begins. */
export const lineHead = (device: Pick<ReservedDevice, 'deviceSerial' | 'certificateSerial'>): string =>
  `{"deviceSerial":${JSON.stringify(device.deviceSerial)},"certificateSerial":"${device.certificateSerial}","certificateSha256":"`;

/** The certificate serial in a line's head; undefined for what is no batch's line. The rest is not looked at. */
export const serialOfLine = (text: string): string | undefined =>
  /^\{"deviceSerial":"[^"]+","certificateSerial":"([0-9a-f]+)","certificateSha256":"/.exec(text)?.[1];

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
