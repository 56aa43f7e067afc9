// A sink that keeps a batch's records in memory and holds to the port's promises: for tests, for the bench, and as the
// shortest statement of what a real sink must refuse.

import { newCertificateSerial } from '../../domain/certificateSerial.ts';
import type { Random } from '../../domain/clock.ts';
import type { DeviceSerial } from '../../domain/device.ts';
import type { PatternValues } from '../../domain/profile.ts';
import type { BatchCertificate, BatchSink, BatchState, ReservedDevice } from './port.ts';

export class MemorySink implements BatchSink {
  readonly issued = new Map<DeviceSerial, BatchCertificate>();
  readonly usedSerials = new Set<string>();
  readonly #waiting: DeviceSerial[];
  readonly #reserved = new Map<DeviceSerial, ReservedDevice>();
  readonly #values: PatternValues;
  readonly #random: Random;
  #outputSizeBytes = 0;

  constructor(deviceSerials: readonly DeviceSerial[], values: PatternValues, random: Random) {
    this.#waiting = [...deviceSerials].reverse();
    this.#values = values;
    this.#random = random;
  }

  state(): BatchState {
    const { issued } = this;
    return {
      issuedCount: issued.size,
      outputSizeBytes: this.#outputSizeBytes,
      reserved: [...this.#reserved.values()],
    };
  }

  hasIssued(certificateSerial: string): boolean {
    return [...this.issued.values()].some((one) => one.certificateSerial === certificateSerial);
  }

  reserve(count: number): readonly ReservedDevice[] {
    const devices = Array.from({ length: Math.min(count, this.#waiting.length) }, () => this.#reserveNext());
    for (const device of devices) this.#reserved.set(device.deviceSerial, device);
    return devices;
  }

  commit(certificates: readonly BatchCertificate[], outputSizeBytes: number): void {
    for (const { deviceSerial, certificateSerial } of certificates) {
      if (this.#reserved.get(deviceSerial)?.certificateSerial !== certificateSerial) {
        throw new Error(`${deviceSerial} was not reserved`);
      }
    }
    for (const certificate of certificates) {
      this.#reserved.delete(certificate.deviceSerial);
      this.issued.set(certificate.deviceSerial, certificate);
    }
    this.#outputSizeBytes = outputSizeBytes;
  }

  void(reserved: readonly ReservedDevice[]): void {
    for (const { deviceSerial } of [...reserved].reverse()) {
      if (!this.#reserved.delete(deviceSerial)) throw new Error(`${deviceSerial} was not reserved`);
      this.#waiting.push(deviceSerial);
    }
  }

  #reserveNext(): ReservedDevice {
    const deviceSerial = this.#waiting.pop();
    if (deviceSerial === undefined) throw new Error('nothing left to reserve');
    const certificateSerial = newCertificateSerial(this.#random);
    if (this.usedSerials.has(certificateSerial)) throw new Error('certificate serial drawn twice');
    this.usedSerials.add(certificateSerial);
    return { deviceSerial, certificateSerial, values: this.#values };
  }
}
