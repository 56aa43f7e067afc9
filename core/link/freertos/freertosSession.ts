// One FreeRTOS device: its key made and kept inside, certificates imported and exported again, and a fresh signed
// request after the installation as proof that the key is still there.

import { pem, pemSize } from '../../der/pemBytes.ts';
import type { CertificateItem } from '../../domain/credential.ts';
import { parseHardwareId } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceKey } from '../../domain/deviceKey.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { InstallMaterial } from '../../domain/install.ts';
import type { KeyAlgorithm } from '../../domain/profile.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { ItemSession, type WriteOptions } from '../plan/itemSession.ts';
import { requireOnDevice } from '../plan/material.ts';
import { compareReadBack } from '../plan/readBack.ts';
import { type StoredPlan, sha256Hex } from '../plan/storedPlan.ts';
import { type CertificationRequest, readCertificationRequest } from '../proof/certificationRequest.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { type Console, lastPem } from './console.ts';
import type { FreertosOptions } from './options.ts';

const CERTIFICATE = 'CERTIFICATE';
const PUBLIC_KEY = 'PUBLIC KEY';
const THING_NAME = /^\s*thing_name\s*=\s*"?([\x21-\x7e]{1,128}?)"?\s*$/m;
const CERTIFICATES: readonly CertificateItem[] = ['ca', 'certificate'];

export class FreertosSession extends ItemSession {
  readonly #console: Console;
  readonly #stream: ByteStream;
  readonly #options: FreertosOptions;
  readonly #usbSerialNumber: string | undefined;

  constructor(
    terminal: Console,
    stream: ByteStream,
    options: FreertosOptions,
    usbSerialNumber: string | undefined,
  ) {
    super(terminal.questions);
    this.#console = terminal;
    this.#stream = stream;
    this.#options = options;
    this.#usbSerialNumber = usbSerialNumber;
  }

  async identify(): Promise<DeviceIdentity> {
    const thingName = await this.readUnit();
    this.meet(thingName);
    return {
      hardwareId: this.#usbSerialNumber === undefined ? undefined : parseHardwareId(this.#usbSerialNumber),
      hardwareIdSource: this.#usbSerialNumber === undefined ? 'none' : 'usb-serial-number',
      firmware: undefined,
      capabilities: { keygen: true, thingName: thingName ?? null },
      occupied: await this.slots(),
      custodyOffered: ['on-device'],
    };
  }

  async generateKey(algorithm: KeyAlgorithm, options: { readonly replace: boolean }): Promise<DeviceKey> {
    requireOnDevice(algorithm);
    const before = await this.#publicKey();
    if (!options.replace && before !== undefined) {
      throw new StationError('slot_taken', { item: 'privateKey' });
    }
    const shown = await this.#makeKey(before);
    const request = await this.#request();
    if (sha256Hex(shown) !== sha256Hex(request.publicKeySpki)) {
      throw new StationError('device_answer_invalid', { what: 'public key', reason: 'request' });
    }
    return {
      publicKeySpki: request.publicKeySpki,
      certificationRequestDer: request.der,
      proof: 'signed-request',
      evidence: { publicKeySha256: sha256Hex(request.publicKeySpki), nullParameter: request.nullParameter },
    };
  }

  /** The new public key. Where the answer was garbled, another one than `before` shows that it was made. */
  async #makeKey(before: Uint8Array | undefined): Promise<Uint8Array> {
    const { publicKey, privateKey } = this.#options.labels;
    const command = `pki generate key ${publicKey} ${privateKey}`;
    let made: Uint8Array | undefined;
    await this.questions.order(
      command,
      async () => {
        made = pemIn(await this.#console.run(command, this.#options.keygenMs), PUBLIC_KEY);
      },
      async () => {
        made = await this.#publicKey();
        return made !== undefined && (before === undefined || sha256Hex(made) !== sha256Hex(before));
      },
    );
    if (made === undefined) throw new StationError('device_answer_invalid', { what: PUBLIC_KEY });
    return made;
  }

  protected override planSummary(): JsonObject {
    return { labels: this.#options.labels };
  }

  /** The console imports public keys only: a private key never crosses this line. */
  protected override keyIsOnDevice(material: InstallMaterial): boolean {
    if (material.privateKeyPkcs8 === undefined) return true;
    throw new StationError('custody_not_offered', { custody: 'station-memory' });
  }

  /** Both sides hold DER inside; PEM is only how it travels. */
  protected content(_: CertificateItem, der: Uint8Array): Uint8Array {
    return Uint8Array.from(der);
  }

  protected room(_: CertificateItem, derSizeBytes: number) {
    return { sizeBytes: pemSize(CERTIFICATE, derSizeBytes), limitBytes: this.#options.maxSizeBytes };
  }

  protected async write(item: CertificateItem, der: Uint8Array, _: WriteOptions): Promise<void> {
    const text = Buffer.from(pem(CERTIFICATE, der)).toString('latin1');
    const answer = await this.#console.import(`pki import cert ${this.#labelOf(item)}`, text);
    const taken = lastPem(answer, CERTIFICATE);
    if (taken === undefined || sha256Hex(taken) !== sha256Hex(der)) {
      throw new StationError('bytes_lost', { item, sentBytes: text.length });
    }
  }

  /** What the list tells was read back already. */
  protected override verifyItem(plan: StoredPlan, item: CertificateItem, held: SlotItem) {
    const expectedSha256 = sha256Hex(plan.bytes(item));
    return compareReadBack(this.questions, { item, expectedSha256 }, () => this.read(item), held.sha256);
  }

  /** Signed now, after the installation, with the key that the certificate names. */
  protected override async verifyOwnKey(expectedSha256: Sha256Hex): Promise<ItemVerification> {
    const actualSha256 = sha256Hex((await this.#request()).publicKeySpki);
    if (actualSha256 !== expectedSha256) {
      throw new StationError('verification_mismatch', { item: 'privateKey', expectedSha256, actualSha256 });
    }
    return { item: 'privateKey', check: 'proof-of-possession', expectedSha256, actualSha256 };
  }

  protected async leave(): Promise<void> {
    this.#stream.release();
  }

  #request(): Promise<CertificationRequest> {
    const command = `pki generate csr ${this.#options.labels.privateKey}`;
    const read = (answer: string) => readCertificationRequest(pemIn(answer, 'CERTIFICATE REQUEST'));
    return this.#console.question(command, read, this.#options.keygenMs);
  }

  protected async slots(): Promise<readonly SlotItem[]> {
    const slots: SlotItem[] = [];
    for (const item of CERTIFICATES) {
      const held = await this.#exported(item);
      if (held !== undefined) slots.push({ item, sha256: sha256Hex(held) });
    }
    if ((await this.#publicKey()) !== undefined) slots.push({ item: 'privateKey', sha256: undefined });
    return slots;
  }

  protected async read(item: CertificateItem): Promise<Uint8Array> {
    const held = await this.#exported(item);
    if (held === undefined) throw new StationError('verification_mismatch', { item, reason: 'not listed' });
    return held;
  }

  #labelOf(item: CertificateItem): string {
    return this.#options.labels[item];
  }

  #exported(item: CertificateItem): Promise<Uint8Array | undefined> {
    return this.#optional(`pki export cert ${this.#labelOf(item)}`, CERTIFICATE);
  }

  #publicKey(): Promise<Uint8Array | undefined> {
    return this.#optional(`pki export key ${this.#options.labels.publicKey}`, PUBLIC_KEY);
  }

  /** An export of something that is not there is refused, and that is an answer. */
  async #optional(command: string, label: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#console.question(command, (answer) => pemIn(answer, label));
    } catch (error) {
      if (error instanceof StationError && error.code === 'device_refused') return undefined;
      throw error;
    }
  }

  protected readUnit(): Promise<string | undefined> {
    return this.#console.question('conf get', (answer) => THING_NAME.exec(answer)?.[1]);
  }
}

/** The DER of a PEM block that the answer must hold. */
function pemIn(answer: string, label: string): Uint8Array {
  const der = lastPem(answer, label);
  if (der === undefined) throw new StationError('device_answer_invalid', { what: label, reason: 'empty' });
  return der;
}
