// One ESP32 in its loader: where its credential belongs, what stands there, a whole partition written, digested and
// read back.

import { createHash } from 'node:crypto';
import { isSecretItem } from '../../domain/credential.ts';
import { parseHardwareId } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { ITEMS, refuseTaken } from '../plan/material.ts';
import { compareItem, StoredPlan, sha256Hex } from '../plan/storedPlan.ts';
import { buildCredentialImage, checkImageFit, readCredentialImage } from './credentialImage.ts';
import {
  findPartition,
  PARTITION_TABLE,
  type Partition,
  readPartitionTable,
} from './image/partitionTable.ts';
import { SECURE_CERT_PARTITION } from './image/secureCertImage.ts';
import type { Chip, ChipLoader } from './loader/chipLoader.ts';
import type { Esp32Options, ImageForm } from './options.ts';

const md5Hex = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

/** After these a second attempt would be the same or worse. */
const FINAL_CODES: readonly string[] = ['device_gone', 'device_changed', 'interrupted', 'capability_missing'];

export class Esp32Session implements DeviceSession {
  readonly #loader: ChipLoader;
  readonly #chip: Chip;
  readonly #options: Esp32Options & ImageForm;
  readonly #images = new WeakMap<StoredPlan, Uint8Array>();
  readonly #plans: StoredPlan[] = [];
  #partition: Partition | undefined;
  /** What stood in the partition when it was identified. */
  #found: { readonly md5: string; readonly occupied: readonly SlotItem[] } | undefined;
  #left: Promise<boolean> | undefined;

  constructor(loader: ChipLoader, chip: Chip, options: Esp32Options & ImageForm) {
    this.#loader = loader;
    this.#chip = chip;
    this.#options = options;
  }

  async identify(): Promise<DeviceIdentity> {
    const { chip: wanted, format } = this.#options;
    if (wanted !== undefined && wanted !== this.#chip.name) {
      throw new StationError('device_protocol_unknown', { expected: wanted, found: this.#chip.name });
    }
    // Encrypted flash would take plain bytes and give the firmware rubbish; comparing is impossible too.
    if (this.#chip.flashEncrypted) {
      throw new StationError('capability_missing', {
        capability: 'writing plain flash',
        reason: 'flash-encryption',
        chip: this.#chip.name,
      });
    }
    const partition = await this.#findPartition();
    const content = await this.#loader.read(partition.offset, partition.sizeBytes);
    const occupied = this.#readOccupied(content);
    this.#found = { md5: md5Hex(content), occupied };
    return {
      hardwareId: parseHardwareId(`mac:${this.#chip.mac}`),
      hardwareIdSource: 'silicon',
      firmware: undefined,
      capabilities: {
        chip: this.#chip.name,
        description: this.#chip.description,
        format,
        partition: partition.name,
        partitionOffset: partition.offset,
        partitionSizeBytes: partition.sizeBytes,
      },
      occupied,
      custodyOffered: ['station-memory'],
    };
  }

  checkFit(sizes: InstallSizes): void {
    checkImageFit(sizes, this.#options, this.#known().sizeBytes);
  }

  plan(material: InstallMaterial): InstallPlan {
    const partition = this.#known();
    const { image, items } = buildCredentialImage(material, this.#options, partition.sizeBytes);
    const plan = new StoredPlan(items, {
      chip: this.#chip.name,
      format: this.#options.format,
      partition: partition.name,
      offset: partition.offset,
      imageSizeBytes: image.length,
      imageSha256: sha256Hex(image),
      custody: 'station-memory',
    });
    this.#images.set(plan, image);
    this.#plans.push(plan);
    return plan;
  }

  async install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject> {
    const image = this.#imageOf(plan);
    const partition = this.#known();
    await this.#checkSameChip();
    const taken = await this.#occupiedNow(partition);
    refuseTaken(taken, options.replace);
    const attempts = await this.#twice(() =>
      this.#loader.write(partition.offset, image, (sentBytes, totalBytes) =>
        options.onProgress({ sentBytes, totalBytes }),
      ),
    );
    return { partition: partition.name, offset: partition.offset, attempts, replaced: taken.length };
  }

  async verify(plan: InstallPlan): Promise<readonly ItemVerification[]> {
    const image = this.#imageOf(plan);
    const partition = this.#known();
    await this.#checkSameChip();
    const expectedMd5 = md5Hex(image);
    const actualMd5 = await this.#loader.md5(partition.offset, image.length);
    const stored = await this.#loader.read(partition.offset, partition.sizeBytes);
    const same = Buffer.compare(stored, image) === 0;
    if (actualMd5 !== expectedMd5 || !same) {
      throw new StationError('verification_mismatch', { partition: partition.name, expectedMd5, actualMd5 });
    }
    const found = this.#readOccupied(stored);
    return StoredPlan.of(plan).items.map((item) =>
      compareItem(plan, item, 'read-back', found.find((slot) => slot.item === item)?.sha256),
    );
  }

  /** Out of the loader and into the firmware, where DTR and RTS reach the chip. What stands in flash is read anew afterwards. */
  restart(): Promise<boolean> {
    return this.#leave();
  }

  async close(): Promise<void> {
    for (const plan of this.#plans) {
      plan.wipe();
      this.#images.get(plan)?.fill(0);
    }
    await this.#leave();
  }

  /** Once: a second pulse on EN would be a second restart. */
  #leave(): Promise<boolean> {
    this.#left ??= this.#loader.leave();
    return this.#left;
  }

  /** Where the board's own table says the credential belongs. */
  async #findPartition(): Promise<Partition> {
    const table = readPartitionTable(
      await this.#loader.read(PARTITION_TABLE.offset, PARTITION_TABLE.sizeBytes),
    );
    const type = this.#options.format === 'nvs' ? 0x01 : SECURE_CERT_PARTITION.type;
    this.#partition = findPartition(table, this.#options.partition, type);
    return this.#partition;
  }

  #known(): Partition {
    if (this.#partition === undefined)
      throw new StationError('internal', { message: 'identify comes first' });
    return this.#partition;
  }

  #imageOf(plan: InstallPlan): Uint8Array {
    const image = this.#images.get(StoredPlan.of(plan));
    if (image === undefined) throw new StationError('internal', { message: 'a plan of another session' });
    return image;
  }

  /** By its digest the chip tells in a few bytes that nothing has changed since `identify`; what has is read again. */
  async #occupiedNow({ offset, sizeBytes }: Partition): Promise<readonly SlotItem[]> {
    const md5 = await this.#loader.md5(offset, sizeBytes);
    if (md5 === this.#found?.md5) return this.#found.occupied;
    return this.#readOccupied(await this.#loader.read(offset, sizeBytes));
  }

  #readOccupied(bytes: Uint8Array): readonly SlotItem[] {
    if (bytes.every((byte) => byte === 0xff)) return [];
    const unreadable: readonly SlotItem[] = ITEMS.map((item) => ({ item, sha256: undefined }));
    // What is neither erased nor understood is still somebody's: a foreign format, or a torn write.
    try {
      const items = readCredentialImage(bytes, this.#options);
      const slots = [...items].map(([item, data]): SlotItem => ({ item, sha256: sha256Hex(data) }));
      for (const [item, data] of items) if (isSecretItem(item)) data.fill(0);
      return slots.length > 0 ? slots : unreadable;
    } catch (error) {
      if (error instanceof StationError && error.code === 'device_answer_invalid') return unreadable;
      throw error;
    }
  }

  async #checkSameChip(): Promise<void> {
    const mac = (await this.#loader.readMac()).toLowerCase();
    if (mac !== this.#chip.mac)
      throw new StationError('device_changed', { before: this.#chip.mac, now: mac });
  }

  /** Does the work, and once more from a fresh connection if it fails; how often it was done. */
  async #twice(work: () => Promise<void>): Promise<number> {
    try {
      await work();
      return 1;
    } catch (error) {
      if (error instanceof StationError && FINAL_CODES.includes(error.code)) throw error;
      const chip = await this.#loader.reconnect();
      if (chip.mac !== this.#chip.mac) {
        throw new StationError('device_changed', { before: this.#chip.mac, now: chip.mac });
      }
      await work();
      return 2;
    }
  }
}
