// What the tests of the batch path share: a CA, a profile, device serials, and a sink in a file that survives kill -9.

import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { BatchCertificate, BatchSink, ReservedDevice } from '../../core/authority/batch/port.ts';
import { type CertificateSerial, newCertificateSerial } from '../../core/domain/certificateSerial.ts';
import { type DeviceSerial, parseDeviceSerial } from '../../core/domain/device.ts';
import { type Profile, parseProfile } from '../../core/domain/profile.ts';

export const systemRandom = { bytes: (sizeBytes: number): Uint8Array => randomBytes(sizeBytes) };

export const deviceProfile = (changes: Record<string, unknown> = {}): Profile =>
  parseProfile(
    {
      name: 'tls-client',
      version: 1,
      description: 'test',
      subject: [
        { attribute: 'O', value: 'Acme' },
        { attribute: 'CN', value: '{deviceSerial}' },
      ],
      subjectAltName: { uris: ['urn:dev:{deviceSerial}'] },
      validity: { days: 365 },
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['clientAuth'],
      ...changes,
    },
    'test',
  );

export const deviceSerials = (count: number): readonly DeviceSerial[] =>
  Array.from({ length: count }, (_, index) => parseDeviceSerial(`SN-${String(index + 1).padStart(7, '0')}`));

/** One JSON line per transaction, forced to the disk; a torn last line is a transaction that never was. */
export class FileSink implements BatchSink {
  readonly issued = new Map<string, string>();
  readonly voidedSerials: string[] = [];
  readonly #path: string;
  readonly #all: readonly DeviceSerial[];
  readonly #reserved = new Map<string, ReservedDevice>();
  #outputSizeBytes = 0;

  constructor(path: string, all: readonly DeviceSerial[]) {
    this.#path = path;
    this.#all = all;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) appendFileSync(path, '\n');
    for (const line of whole.split('\n')) if (line !== '') this.#apply(line);
  }

  state() {
    return {
      issuedCount: this.issued.size,
      outputSizeBytes: this.#outputSizeBytes,
      reserved: [...this.#reserved.values()],
    };
  }

  hasIssued(certificateSerial: string): boolean {
    return [...this.issued.values()].includes(certificateSerial);
  }

  reserve(count: number): readonly ReservedDevice[] {
    const devices: ReservedDevice[] = [];
    for (const deviceSerial of this.#all) {
      if (devices.length === count) break;
      if (this.issued.has(deviceSerial) || this.#reserved.has(deviceSerial)) continue;
      devices.push({ deviceSerial, certificateSerial: newCertificateSerial(systemRandom), values: {} });
    }
    if (devices.length > 0) this.#write({ reserve: devices });
    return devices;
  }

  commit(certificates: readonly BatchCertificate[], outputSizeBytes: number): void {
    const commit = certificates.map((one) => [one.deviceSerial, one.certificateSerial]);
    this.#write({ commit, outputSizeBytes });
  }

  void(reserved: readonly ReservedDevice[]): void {
    this.#write({ void: reserved.map((one) => [one.deviceSerial, one.certificateSerial]) });
  }

  #write(entry: object): void {
    const line = JSON.stringify(entry);
    const file = openSync(this.#path, 'a');
    try {
      writeSync(file, `${line}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#apply(line);
  }

  #apply(line: string): void {
    let entry: {
      reserve?: ReservedDevice[];
      commit?: [string, CertificateSerial][];
      void?: [string, CertificateSerial][];
      outputSizeBytes?: number;
    };
    try {
      entry = JSON.parse(line);
    } catch {
      return;
    }
    for (const device of entry.reserve ?? []) this.#reserved.set(device.deviceSerial, device);
    for (const [deviceSerial, serial] of [...(entry.commit ?? []), ...(entry.void ?? [])]) {
      if (this.#reserved.get(deviceSerial)?.certificateSerial !== serial)
        throw new Error(`${serial} was not reserved`);
      this.#reserved.delete(deviceSerial);
    }
    for (const [deviceSerial, serial] of entry.commit ?? []) this.issued.set(deviceSerial, serial);
    for (const [, serial] of entry.void ?? []) this.voidedSerials.push(serial);
    this.#outputSizeBytes = entry.outputSizeBytes ?? this.#outputSizeBytes;
  }
}
