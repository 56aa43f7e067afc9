// One device with a Zephyr credential shell, from identity to verified store. What a plan will send stays in here; the
// station holds its digests.

import type { Clock } from '../../domain/clock.ts';
import type { CertificateItem } from '../../domain/credential.ts';
import { type HardwareId, parseHardwareId } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { restartBy } from '../restart.ts';
import type { LineSession } from '../session/lineSession.ts';
import { type InstallJob, installItems } from './install.ts';
import type { ZephyrOptions } from './options.ts';
import { checkSizes, type PlannedItem, planItems } from './plannedItems.ts';
import {
  listCredentials,
  measureBuffer,
  measureLineLimit,
  readCapabilities,
  readFirmware,
  readHardwareId,
} from './probe.ts';
import { isOwn, type ListedCredential, occupiedItems } from './replies.ts';
import { emptyBuffer } from './upload.ts';
import { verifyItems } from './verification.ts';

export interface ZephyrSessionParts {
  readonly line: LineSession;
  readonly options: ZephyrOptions;
  readonly clock: Clock;
  readonly baudRate: number;
  readonly usbSerialNumber: string | undefined;
  /** The key is made and kept by the device: plans hold certificates only. */
  readonly keyOnDevice: boolean;
  /** Puts back what was changed on the device, then releases the port. */
  readonly release: () => Promise<void>;
  readonly ringOverflows: () => number;
  /** The log was stopped for the time of the session. */
  readonly logHalted: boolean;
}

const ITEMS_PER_SLOT = 3;
/** A log line makes the shell draw a half-typed line again, which must not take much longer than typing goes on. */
const LONGEST_REDRAW_MS = 150;
const SHORTEST_LINE_BYTES = 64;

export class ZephyrSession implements DeviceSession {
  readonly #parts: ZephyrSessionParts;
  readonly #plans = new Map<InstallPlan, readonly PlannedItem[]>();
  #lineLimitBytes: number | undefined;
  #bufferCapacityBytes: number | undefined;
  #keyAfloat = false;
  #listed: readonly ListedCredential[] = [];
  #hardwareId: HardwareId | undefined;

  constructor(parts: ZephyrSessionParts) {
    this.#parts = parts;
  }

  async identify(): Promise<DeviceIdentity> {
    const { line, options } = this.#parts;
    const firmware = await readFirmware(line);
    const hardware = await this.#readHardware();
    this.#hardwareId = hardware.hardwareId;
    const shell = await readCapabilities(line);
    const lineLimitBytes = await this.#learnLineLimit();
    const bufferSizeBytes = (await this.#learnBufferCapacity(lineLimitBytes)) + 1;
    this.#listed = await listCredentials(line);
    return {
      ...hardware,
      firmware,
      capabilities: {
        // A store without entries shows no digest, and no entry is made only to see one.
        digest: this.#listed.length === 0 ? null : this.#listed.some(({ sha256 }) => sha256 !== undefined),
        bufLoad: shell.bufferLoad,
        subcommands: shell.subcommands,
        echo: line.echo,
        logHalted: this.#parts.logHalted,
        prompt: line.quote(line.prompt),
        lineLimitBytes,
        bufferSizeBytes,
        bufferMeasured: options.measureCredentialBuffer,
        credentialsStored: this.#listed.length,
      },
      occupied: this.#occupied(),
      custodyOffered: ['station-memory'],
    };
  }

  checkFit(sizes: InstallSizes): void {
    const { options } = this.#parts;
    checkSizes(sizes, options, this.#capacityBytes());
    const others = this.#listed.filter((entry) => !isOwn(entry, options.securityTag)).length;
    // A device that already holds more than the target believes has a larger store than it says.
    if (options.slotCount === undefined || this.#listed.length > options.slotCount) return;
    if (others + ITEMS_PER_SLOT > options.slotCount) {
      throw new StationError('device_store_full', {
        reason: 'slots',
        otherCredentials: others,
        limit: options.slotCount,
      });
    }
  }

  plan(material: InstallMaterial): InstallPlan {
    const { options, keyOnDevice } = this.#parts;
    if ((material.privateKeyPkcs8 === undefined) !== keyOnDevice) {
      throw new StationError('custody_not_offered', {
        custody: keyOnDevice ? 'station-memory' : 'on-device',
      });
    }
    const items = planItems(material, options, this.#capacityBytes());
    const storedDigests: Partial<Record<CertificateItem, Sha256Hex>> = {};
    for (const { item, storedSha256 } of items) storedDigests[item] = storedSha256;
    const plan: InstallPlan = {
      storedDigests,
      summary: {
        securityTag: options.securityTag,
        items: items.map(({ item, format, storedSizeBytes, textSizeBytes }) => ({
          item,
          format,
          storedSizeBytes,
          textSizeBytes,
        })),
      },
    };
    this.#plans.set(plan, items);
    return plan;
  }

  async install(plan: InstallPlan, { replace, onProgress }: InstallOptions): Promise<JsonObject> {
    const { line, options, clock, ringOverflows } = this.#parts;
    await this.#requireSameUnit();
    const job: InstallJob = {
      line,
      clock,
      items: this.#itemsOf(plan),
      securityTag: options.securityTag,
      limits: { lineLimitBytes: await this.#learnLineLimit(), windowBytes: line.windowBytes },
      replace,
      onProgress,
    };
    const overflowsBefore = ringOverflows();
    const evidence = await installItems(job).catch(async (error: unknown) => {
      this.#keyAfloat = true;
      await this.#emptyBuffer();
      throw error;
    });
    return { ...evidence, ringOverflowWarnings: ringOverflows() - overflowsBefore };
  }

  async verify(plan: InstallPlan): Promise<readonly ItemVerification[]> {
    await this.#requireSameUnit();
    return verifyItems(this.#parts.line, this.#itemsOf(plan), this.#parts.options.securityTag);
  }

  restart(): Promise<boolean> {
    const send = async (): Promise<boolean> => {
      await this.#parts.line.run({ text: 'kernel reboot cold' });
      return false;
    };
    return restartBy(send, ['device_rebooted']);
  }

  async close(): Promise<void> {
    for (const items of this.#plans.values()) for (const { text } of items) text.wipe();
    this.#plans.clear();
    this.#parts.line.outliveAbort();
    if (this.#keyAfloat) await this.#emptyBuffer();
    await this.#parts.release();
  }

  /** After a failure nothing of a key may stay on the device's line or in its buffer. Never throws: it may be gone. */
  async #emptyBuffer(): Promise<void> {
    try {
      await emptyBuffer(this.#parts.line);
      this.#keyAfloat = false;
    } catch {
      // Tried once more when the session is closed, which an abort does not prevent.
    }
  }

  #itemsOf(plan: InstallPlan): readonly PlannedItem[] {
    const items = this.#plans.get(plan);
    if (items === undefined) throw new StationError('internal', { message: 'a plan of another session' });
    return items;
  }

  #occupied(): readonly SlotItem[] {
    return occupiedItems(this.#listed, this.#parts.options.securityTag);
  }

  #capacityBytes(): number {
    return this.#bufferCapacityBytes ?? this.#parts.options.credentialBufferSizeBytes - 1;
  }

  /** Whether the same unit is still there, where it can say who it is. */
  async #requireSameUnit(): Promise<void> {
    if (this.#hardwareId === undefined) return;
    const before = this.#hardwareId;
    if ((await this.#readHardware()).hardwareId === before) return;
    // Noise may have changed a digit; another board says who it is once more.
    this.#parts.line.questions.record('identity', 'device_changed');
    const { hardwareId: now } = await this.#readHardware();
    if (now !== before) throw new StationError('device_changed', { before, now });
  }

  async #readHardware(): Promise<Pick<DeviceIdentity, 'hardwareId' | 'hardwareIdSource'>> {
    const silicon: HardwareId | undefined = await readHardwareId(this.#parts.line);
    if (silicon !== undefined) return { hardwareId: silicon, hardwareIdSource: 'silicon' };
    const { usbSerialNumber } = this.#parts;
    if (usbSerialNumber === undefined) return { hardwareId: undefined, hardwareIdSource: 'none' };
    return { hardwareId: parseHardwareId(usbSerialNumber), hardwareIdSource: 'usb-serial-number' };
  }

  async #learnLineLimit(): Promise<number> {
    const { line, options, baudRate } = this.#parts;
    const redrawLimitBytes = Math.max(
      SHORTEST_LINE_BYTES,
      Math.floor((baudRate / 10_000) * LONGEST_REDRAW_MS),
    );
    this.#lineLimitBytes ??= await measureLineLimit(line, Math.min(options.lineLimitBytes, redrawLimitBytes));
    return this.#lineLimitBytes;
  }

  async #learnBufferCapacity(lineLimitBytes: number): Promise<number> {
    const { line, options } = this.#parts;
    if (options.measureCredentialBuffer) {
      this.#bufferCapacityBytes ??= await measureBuffer(line, this.#capacityBytes(), lineLimitBytes);
    }
    return this.#capacityBytes();
  }
}
