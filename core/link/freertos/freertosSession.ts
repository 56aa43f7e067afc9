// One FreeRTOS device: its key made and kept inside, certificates imported and exported again, and a fresh signed
// request after the installation as proof that the key is still there.

import type { CredentialItem } from '../../domain/credential.ts';
import { parseHardwareId } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceKey } from '../../domain/deviceKey.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from '../../domain/install.ts';
import type { KeyAlgorithm } from '../../domain/profile.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { compareItem, StoredPlan, sha256Hex } from '../plan/storedPlan.ts';
import { type CertificationRequest, readCertificationRequest } from '../proof/certificationRequest.ts';
import { certifiedKey } from '../proof/certifiedKey.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { pem, pemSize } from '../zephyr/encoding.ts';
import { type Console, lastPem } from './console.ts';
import type { FreertosOptions } from './options.ts';

const CERTIFICATE = 'CERTIFICATE';
const CERTIFICATES: readonly ('ca' | 'certificate')[] = ['ca', 'certificate'];

export class FreertosSession implements DeviceSession {
  readonly #console: Console;
  readonly #stream: ByteStream;
  readonly #options: FreertosOptions;
  readonly #usbSerialNumber: string | undefined;
  #thingName: string | undefined;

  constructor(
    terminal: Console,
    stream: ByteStream,
    options: FreertosOptions,
    usbSerialNumber: string | undefined,
  ) {
    this.#console = terminal;
    this.#stream = stream;
    this.#options = options;
    this.#usbSerialNumber = usbSerialNumber;
  }

  async identify(): Promise<DeviceIdentity> {
    this.#thingName = await this.#readThingName();
    return {
      hardwareId: this.#usbSerialNumber === undefined ? undefined : parseHardwareId(this.#usbSerialNumber),
      hardwareIdSource: this.#usbSerialNumber === undefined ? 'none' : 'usb-serial-number',
      firmware: undefined,
      capabilities: { keygen: true, thingName: this.#thingName ?? null },
      occupied: await this.#slots(),
      custodyOffered: ['on-device'],
    };
  }

  async generateKey(algorithm: KeyAlgorithm, options: { readonly replace: boolean }): Promise<DeviceKey> {
    if (algorithm !== 'P-256') {
      throw new StationError('capability_missing', { capability: `${algorithm} key on the device` });
    }
    if (!options.replace && (await this.#publicKey()) !== undefined) {
      throw new StationError('slot_taken', { item: 'privateKey' });
    }
    const { publicKey, privateKey } = this.#options.labels;
    const answer = await this.#console.run(
      `pki generate key ${publicKey} ${privateKey}`,
      this.#options.keygenMs,
    );
    const shown = lastPem(answer, 'PUBLIC KEY');
    const request = await this.#request();
    if (shown === undefined || sha256Hex(shown) !== sha256Hex(request.publicKeySpki)) {
      throw new StationError('device_answer_invalid', { what: 'public key', reason: 'request' });
    }
    return {
      publicKeySpki: request.publicKeySpki,
      certificationRequestDer: request.der,
      proof: 'signed-request',
      evidence: { publicKeySha256: sha256Hex(request.publicKeySpki), nullParameter: request.nullParameter },
    };
  }

  checkFit(sizes: InstallSizes): void {
    const limitBytes = this.#options.maxSizeBytes;
    for (const [item, derSize] of [
      ['ca', sizes.caDerSizeBytes],
      ['certificate', sizes.certificateDerMaxSizeBytes],
    ] as const) {
      const sizeBytes = pemSize(CERTIFICATE, derSize);
      if (sizeBytes > limitBytes)
        throw new StationError('credential_too_large', { item, sizeBytes, limitBytes });
    }
  }

  plan(material: InstallMaterial): InstallPlan {
    const leaf = material.chainDer[0];
    if (leaf === undefined) throw new StationError('internal', { message: 'a chain without a certificate' });
    // The console imports public keys only: a private key never crosses this line.
    if (material.privateKeyPkcs8 !== undefined) {
      throw new StationError('custody_not_offered', { custody: 'station-memory' });
    }
    // Both sides hold DER inside; PEM is only how it travels.
    const items = new Map<CredentialItem, Uint8Array>([
      ['ca', Uint8Array.from(material.caDer)],
      ['certificate', Uint8Array.from(leaf)],
    ]);
    return new StoredPlan(items, { custody: 'on-device', labels: this.#options.labels });
  }

  async install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject> {
    const stored = StoredPlan.of(plan);
    await this.#checkSameDevice();
    const taken = (await this.#slots()).filter(({ item }) => stored.has(item));
    if (taken.length > 0 && !options.replace) {
      throw new StationError('slot_taken', { items: taken.map(({ item }) => item).join(', ') });
    }
    let sentBytes = 0;
    for (const item of CERTIFICATES) {
      const der = stored.bytes(item);
      const text = Buffer.from(pem(CERTIFICATE, der)).toString('latin1');
      const answer = await this.#console.import(`pki import cert ${this.#options.labels[item]}`, text);
      const taken = lastPem(answer, CERTIFICATE);
      if (taken === undefined || sha256Hex(taken) !== sha256Hex(der)) {
        throw new StationError('bytes_lost', { item, sentBytes: text.length });
      }
      sentBytes += der.length;
      options.onProgress({ sentBytes, totalBytes: stored.totalBytes });
    }
    return { replaced: taken.length };
  }

  async verify(plan: InstallPlan): Promise<readonly ItemVerification[]> {
    const stored = StoredPlan.of(plan);
    await this.#checkSameDevice();
    const results: ItemVerification[] = [];
    for (const item of CERTIFICATES) {
      const held = await this.#exported(item);
      results.push(compareItem(plan, item, 'read-back', held === undefined ? undefined : sha256Hex(held)));
    }
    // Signed now, after the installation, with the key that the certificate names.
    const actualSha256 = sha256Hex((await this.#request()).publicKeySpki);
    const expectedSha256 = sha256Hex(certifiedKey(stored.bytes('certificate')));
    if (actualSha256 !== expectedSha256) {
      throw new StationError('verification_mismatch', { item: 'privateKey', expectedSha256, actualSha256 });
    }
    return [...results, { item: 'privateKey', check: 'proof-of-possession', expectedSha256, actualSha256 }];
  }

  async close(): Promise<void> {
    this.#stream.release();
  }

  async #request(): Promise<CertificationRequest> {
    const command = `pki generate csr ${this.#options.labels.privateKey}`;
    const der = lastPem(await this.#console.run(command, this.#options.keygenMs), 'CERTIFICATE REQUEST');
    if (der === undefined)
      throw new StationError('device_answer_invalid', { what: 'certification request', reason: 'empty' });
    return readCertificationRequest(der);
  }

  async #slots(): Promise<readonly SlotItem[]> {
    const slots: SlotItem[] = [];
    for (const item of CERTIFICATES) {
      const held = await this.#exported(item);
      if (held !== undefined) slots.push({ item, sha256: sha256Hex(held) });
    }
    if ((await this.#publicKey()) !== undefined) slots.push({ item: 'privateKey', sha256: undefined });
    return slots;
  }

  #exported(item: 'ca' | 'certificate'): Promise<Uint8Array | undefined> {
    return this.#optional(`pki export cert ${this.#options.labels[item]}`, CERTIFICATE);
  }

  #publicKey(): Promise<Uint8Array | undefined> {
    return this.#optional(`pki export key ${this.#options.labels.publicKey}`, 'PUBLIC KEY');
  }

  /** An export of something that is not there is refused, and that is an answer. */
  async #optional(command: string, label: string): Promise<Uint8Array | undefined> {
    try {
      return lastPem(await this.#console.run(command), label);
    } catch (error) {
      if (error instanceof StationError && error.code === 'device_refused') return undefined;
      throw error;
    }
  }

  async #readThingName(): Promise<string | undefined> {
    const answer = await this.#console.run('conf get');
    return /^\s*thing_name\s*=\s*"?([\x21-\x7e]{1,128}?)"?\s*$/m.exec(answer)?.[1];
  }

  async #checkSameDevice(): Promise<void> {
    const now = await this.#readThingName();
    if (now !== this.#thingName) throw new StationError('device_changed', { before: this.#thingName, now });
  }
}
