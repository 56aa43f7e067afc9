// One device with MCUmgr: files uploaded piece by piece, hashed on the device, or downloaded and compared.

import type { CertificateItem, CredentialItem } from '../../domain/credential.ts';
import { parseHardwareId, quoteForDisplay } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import { storedContent, storedContentMaxSize } from '../cellular/content.ts';
import type { ItemPaths } from '../plan/itemPaths.ts';
import { ItemSession, type WriteOptions } from '../plan/itemSession.ts';
import { sha256Hex } from '../plan/storedPlan.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import type { SmpOptions } from './options.ts';
import type { SmpClient, SmpMap, SmpRequest } from './smpClient.ts';

const OS = { group: 0, echo: 0, reset: 5, info: 7 } as const;
const FILES = { group: 8, transfer: 0, status: 1, hash: 2 } as const;
const SHELL = { group: 9, execute: 0 } as const;
const DEVICE_ID = /^ID: 0x([0-9a-fA-F]{2,128})\s*$/m;
const GREETING = 'keyline';
/** A device hashes no empty file (FS_MGMT_ERR_FILE_EMPTY), which a write that was cut off leaves. */
const EMPTY_SHA256 = sha256Hex(new Uint8Array(0));

export class SmpSession extends ItemSession {
  readonly #client: SmpClient;
  readonly #stream: ByteStream;
  readonly #options: SmpOptions;
  readonly #paths: ItemPaths;
  readonly #usbSerialNumber: string | undefined;
  #hashes = true;
  #siliconId: string | undefined;

  constructor(
    client: SmpClient,
    stream: ByteStream,
    options: SmpOptions,
    paths: ItemPaths,
    usbSerialNumber: string | undefined,
  ) {
    super(client.questions);
    this.#client = client;
    this.#stream = stream;
    this.#options = options;
    this.#paths = paths;
    this.#usbSerialNumber = usbSerialNumber;
  }

  /** Throws `device_silent` where nobody speaks this protocol, `device_answer_invalid` where the echo is wrong. */
  async greet(): Promise<void> {
    const request: SmpRequest = {
      operation: 'write',
      ...{ group: OS.group, command: OS.echo },
      body: { d: GREETING },
      shownAs: 'os echo',
      isQuestion: true,
    };
    await this.#client.ask(request, ({ r }) => {
      if (r !== GREETING) throw new StationError('device_answer_invalid', { what: 'echo' });
    });
  }

  async identify(): Promise<DeviceIdentity> {
    const firmware = await this.#info('a');
    this.#siliconId = await this.#readSiliconId();
    const node = await this.#info('n');
    this.meet(unitOf(node, this.#siliconId));
    this.#hashes = await this.#client.exchange(
      this.#fileRequest('read', FILES.hash, 'ca', { type: 'sha256' }),
      (probe) => 'map' in probe || isMissing(probe.failure),
    );
    return {
      ...this.#identity(),
      firmware,
      capabilities: { digest: this.#hashes, node: node ?? null },
      occupied: await this.slots(),
      custodyOffered: ['station-memory'],
    };
  }

  /** `os reset`: the device answers, then restarts (Zephyr doc, smp_group_0). Firmware may leave it out. */
  restart(): Promise<boolean> {
    const request: SmpRequest = {
      operation: 'write',
      group: OS.group,
      command: OS.reset,
      body: {},
      shownAs: 'os reset',
      isQuestion: false,
    };
    return this.#client.exchange(request, (answer) => 'map' in answer);
  }

  holdsBeginning(item: 'ca' | 'certificate', der: Uint8Array, storedSha256: Sha256Hex): Promise<boolean> {
    return this.beginsAs(item, this.content(item, der), storedSha256);
  }

  protected override planSummary(): JsonObject {
    return { paths: this.#paths.summary };
  }

  protected content(item: CertificateItem, der: Uint8Array): Uint8Array {
    return storedContent(item, der, this.#form).bytes;
  }

  protected override get passwordLimitBytes(): number {
    return this.#options.maxSizeBytes;
  }

  protected room(item: CertificateItem, derSizeBytes: number) {
    const sizeBytes = storedContentMaxSize(item, derSizeBytes, this.#form);
    return { sizeBytes, limitBytes: this.#options.maxSizeBytes };
  }

  protected async leave(): Promise<void> {
    this.#stream.release();
  }

  get #form() {
    const { encoding, privateKey, maxSizeBytes } = this.#options;
    return { encoding, privateKey, maxSizeBytes, lineEnd: 'lf' } as const;
  }

  /** Offset 0 begins the file anew; the device says how far it got, and that is where the next piece starts. */
  protected async write(item: CredentialItem, content: Uint8Array, { onPiece }: WriteOptions): Promise<void> {
    for (let offset = 0; offset < content.length; ) {
      const data = content.subarray(offset, offset + this.#options.pieceBytes);
      const length: SmpMap = offset === 0 ? { len: content.length } : {};
      const { off } = await this.#client.ask(
        this.#fileRequest('write', FILES.transfer, item, { off: offset, data, ...length }),
        (map) => map,
      );
      const next = offset + data.length;
      if (off !== next) {
        throw new StationError('device_answer_invalid', {
          what: 'upload offset',
          expected: next,
          actual: Number(off),
        });
      }
      onPiece(data.length);
      offset = next;
    }
  }

  #hash(item: CredentialItem): Promise<Sha256Hex> {
    const request = this.#fileRequest('read', FILES.hash, item, { type: 'sha256' });
    return this.#client.ask(request, ({ output }) => {
      if (!(output instanceof Uint8Array) || output.length !== 32) {
        throw new StationError('device_answer_invalid', { what: 'file hash', item });
      }
      return Buffer.from(output).toString('hex') as Sha256Hex;
    });
  }

  protected async read(item: CredentialItem): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let received = 0;
    for (let sizeBytes: number | undefined; sizeBytes === undefined || received < sizeBytes; ) {
      const request = this.#fileRequest('read', FILES.transfer, item, { off: received });
      const { data, len } = await this.#client.ask(request, (map) => map);
      if (typeof len === 'number') sizeBytes = len;
      const known = sizeBytes !== undefined && sizeBytes <= this.#options.maxSizeBytes;
      if (!known || !(data instanceof Uint8Array) || (data.length === 0 && sizeBytes !== 0)) {
        throw new StationError('device_answer_invalid', { what: 'file content', item });
      }
      parts.push(data);
      received += data.length;
    }
    return Buffer.concat(parts);
  }

  protected async slots(): Promise<readonly SlotItem[]> {
    const slots: SlotItem[] = [];
    for (const item of this.#paths.items) {
      const request = this.#fileRequest('read', FILES.status, item, {});
      const answer = await this.#client.exchange(request, (found) => found);
      if ('map' in answer) {
        const isEmpty = answer.map.len === 0;
        slots.push({
          item,
          sha256: isEmpty ? EMPTY_SHA256 : this.#hashes ? await this.#hash(item) : undefined,
        });
      } else if (!isMissing(answer.failure)) {
        throw new StationError('device_refused', { command: 'file status', smpCode: answer.failure.code });
      }
    }
    return slots;
  }

  /** `os info`; firmware without it says so, and that is no failure. */
  #info(format: string): Promise<string | undefined> {
    const request: SmpRequest = {
      operation: 'read',
      group: OS.group,
      command: OS.info,
      body: { format },
      shownAs: 'os info',
      isQuestion: true,
    };
    return this.#client.exchange(request, (answer) => {
      const output = 'map' in answer ? answer.map.output : undefined;
      return typeof output === 'string' ? quoteForDisplay(output, 120) : undefined;
    });
  }

  #identity(): Pick<DeviceIdentity, 'hardwareId' | 'hardwareIdSource'> {
    if (this.#siliconId !== undefined) {
      return { hardwareId: parseHardwareId(this.#siliconId), hardwareIdSource: 'silicon' };
    }
    if (this.#usbSerialNumber === undefined) return { hardwareId: undefined, hardwareIdSource: 'none' };
    return { hardwareId: parseHardwareId(this.#usbSerialNumber), hardwareIdSource: 'usb-serial-number' };
  }

  /** `hwinfo devid` by way of the shell group (Zephyr doc, smp_group_9), which firmware may leave out. */
  #readSiliconId(): Promise<string | undefined> {
    const request: SmpRequest = {
      operation: 'write',
      group: SHELL.group,
      command: SHELL.execute,
      body: { argv: ['hwinfo', 'devid'] },
      shownAs: 'shell hwinfo devid',
      isQuestion: true,
    };
    return this.#client.exchange(request, (answer) => {
      const output = 'map' in answer ? answer.map.o : undefined;
      return typeof output === 'string' ? DEVICE_ID.exec(output)?.[1]?.toLowerCase() : undefined;
    });
  }

  #fileRequest(operation: 'read' | 'write', command: number, item: CredentialItem, more: SmpMap): SmpRequest {
    const name = this.#paths.of(item);
    const shownAs = `file ${operation} ${command} ${name}`;
    const isQuestion = operation === 'read';
    return { operation, group: FILES.group, command, body: { ...more, name }, shownAs, isQuestion };
  }

  protected async readUnit(): Promise<string> {
    const node = await this.#info('n');
    return unitOf(node, this.#siliconId === undefined ? undefined : await this.#readSiliconId());
  }
}

/** The node's name is not unique alone, but another board in its place may show by it. */
const unitOf = (node: string | undefined, siliconId: string | undefined): string =>
  [node, siliconId].filter((part) => part !== undefined).join(' ');

/** Version 1: ENOENT is 5. Version 2: FILE_NOT_FOUND of the file group is 3. */
const isMissing = (failure: { readonly group: number | undefined; readonly code: number }): boolean =>
  failure.group === undefined ? failure.code === 5 : failure.group === FILES.group && failure.code === 3;
