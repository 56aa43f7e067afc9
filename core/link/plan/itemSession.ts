// A device that stores CA, certificate and key, and perhaps username and password, as separate things, whatever its protocol:
// planned, written one after the other, compared. A family says how one item is written and listed, and how its device is
// recognised.

import type { CertificateItem, CredentialItem } from '../../domain/credential.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { certifiedKey } from '../proof/certifiedKey.ts';
import type { Questions } from '../session/questions.ts';
import { derSizesOf, ITEMS, leafOf, passwordItems, refuseTaken, stationKeyOf } from './material.ts';
import { compareReadBack } from './readBack.ts';
import { compareItem, StoredPlan, sha256Hex } from './storedPlan.ts';

export interface WriteOptions {
  /** Something stands in the item's place. */
  readonly replaces: boolean;
  readonly onPiece: (pieceBytes: number) => void;
}

export abstract class ItemSession<Slot extends SlotItem = SlotItem> implements DeviceSession {
  protected readonly questions: Questions;
  readonly #plans: StoredPlan[] = [];
  #unit: { readonly id: string | undefined } | undefined;

  constructor(questions: Questions) {
    this.questions = questions;
  }

  abstract identify(): Promise<DeviceIdentity>;
  /** What tells this unit from another one, read anew each time. */
  protected abstract readUnit(): Promise<string | undefined>;
  /** What stands in the places that this target uses. */
  protected abstract slots(): Promise<readonly Slot[]>;
  /** An item's DER as the device stores it; a copy, which is wiped. */
  protected abstract content(item: CertificateItem, der: Uint8Array): Uint8Array;
  /** The most that so much DER takes of a limit. */
  protected abstract room(
    item: CertificateItem,
    derSizeBytes: number,
  ): { sizeBytes: number; limitBytes: number };
  protected abstract write(item: CredentialItem, content: Uint8Array, options: WriteOptions): Promise<void>;
  /** Bytes as stored, where they can be read. */
  protected abstract read(item: CredentialItem, sizeBytes: number): Promise<Uint8Array>;
  /** Leaves the device as it was found and stops listening. */
  protected abstract leave(): Promise<void>;

  /** Remembers who is there; another one later on is a stop. */
  protected meet(id: string | undefined): void {
    this.#unit = { id };
  }

  /** Whether the plan of this material has no key in it: the device holds its own. Checked against the leaf. */
  protected keyIsOnDevice(_material: InstallMaterial): boolean {
    return false;
  }

  checkFit(sizes: InstallSizes): void {
    const derSizes = derSizesOf(sizes);
    for (const item of ITEMS) {
      // Nothing to send of a key that the device makes.
      if (derSizes[item] === 0) continue;
      const { sizeBytes, limitBytes } = this.room(item, derSizes[item]);
      if (sizeBytes > limitBytes) {
        throw new StationError('credential_too_large', { item, sizeBytes, limitBytes });
      }
    }
    const { usernameSizeBytes = 0, passwordSizeBytes = 0 } = sizes.password ?? {};
    const limitBytes = this.passwordLimitBytes;
    for (const [item, sizeBytes] of [
      ['username', usernameSizeBytes],
      ['password', passwordSizeBytes],
    ] as const) {
      if (sizeBytes > limitBytes)
        throw new StationError('credential_too_large', { item, sizeBytes, limitBytes });
    }
  }

  plan(material: InstallMaterial): InstallPlan {
    const leaf = leafOf(material);
    const onDevice = this.keyIsOnDevice(material);
    const items = new Map<CredentialItem, Uint8Array>([
      ['ca', this.content('ca', material.caDer)],
      ['certificate', this.content('certificate', leaf)],
    ]);
    if (!onDevice) {
      const bytes = stationKeyOf(material).use((der) => this.content('privateKey', der));
      items.set('privateKey', bytes);
    }
    if (material.password !== undefined) {
      for (const [item, bytes] of passwordItems(material.password)) items.set(item, bytes);
    }
    const custody = onDevice ? 'on-device' : 'station-memory';
    const plan = new StoredPlan(items, { custody, ...this.planSummary() });
    this.#plans.push(plan);
    return plan;
  }

  async install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject> {
    const stored = StoredPlan.of(plan);
    await this.#requireSameUnit();
    const taken = (await this.slots()).filter(({ item }) => stored.has(item));
    refuseTaken(taken, options.replace);
    await this.beforeWriting();
    let sentBytes = 0;
    for (const item of stored.items) {
      const bytes = stored.bytes(item);
      const doneBytes = sentBytes + bytes.length;
      const write = (): Promise<void> =>
        this.write(item, bytes, {
          replaces: taken.some((slot) => slot.item === item),
          onPiece: (pieceBytes) => {
            sentBytes = Math.min(doneBytes, sentBytes + pieceBytes);
            options.onProgress({ sentBytes, totalBytes: stored.totalBytes });
          },
        });
      if (this.isAskedAfterWriting) {
        await this.questions.order(`writing ${item}`, write, () => this.#stands(stored, item));
      } else await write();
      sentBytes = doneBytes;
      options.onProgress({ sentBytes, totalBytes: stored.totalBytes });
    }
    await this.afterWriting();
    return { replaced: taken.length, ...this.installEvidence() };
  }

  async verify(plan: InstallPlan): Promise<readonly ItemVerification[]> {
    const stored = StoredPlan.of(plan);
    await this.#requireSameUnit();
    const slots = await this.#listed(stored);
    const results: ItemVerification[] = [];
    for (const item of stored.items) {
      const slot = slots.find((found) => found.item === item);
      if (slot === undefined) throw new StationError('verification_mismatch', { item, reason: 'not listed' });
      results.push(await this.verifyItem(stored, item, slot));
    }
    if (stored.has('privateKey')) return results;
    const expectedSha256 = sha256Hex(certifiedKey(stored.bytes('certificate')));
    return [...results, await this.verifyOwnKey(expectedSha256, slots)];
  }

  async close(): Promise<void> {
    for (const plan of this.#plans) plan.wipe();
    await this.leave();
  }

  /** The most that a username or a password may have; 0 where the target has no place for them. */
  protected get passwordLimitBytes(): number {
    return 0;
  }

  /** Whether a device whose reply to a write was garbled can be asked what came of it. */
  protected get isAskedAfterWriting(): boolean {
    return true;
  }

  protected planSummary(): JsonObject {
    return {};
  }

  protected installEvidence(): JsonObject {
    return {};
  }

  protected async beforeWriting(): Promise<void> {}

  protected async afterWriting(): Promise<void> {}

  /** By the digest that the device listed, else by reading back. */
  protected async verifyItem(plan: StoredPlan, item: CredentialItem, slot: Slot): Promise<ItemVerification> {
    if (slot.sha256 !== undefined) return compareItem(plan, item, 'device-digest', slot.sha256);
    const bytes = plan.bytes(item);
    return compareReadBack(this.questions, { item, expectedSha256: sha256Hex(bytes) }, () =>
      this.read(item, bytes.length),
    );
  }

  /** Shows that the device holds the key that the certificate names. */
  protected verifyOwnKey(
    _expectedSha256: ItemVerification['expectedSha256'],
    _slots: readonly Slot[],
  ): Promise<ItemVerification> {
    throw new StationError('internal', { message: 'a plan without a key' });
  }

  /** Whether a file holds this content, which has that digest, or the beginning of it. */
  protected async beginsAs(item: CredentialItem, content: Uint8Array, sha256: Sha256Hex): Promise<boolean> {
    if (sha256Hex(content) !== sha256) return false;
    const held = await this.#readUpTo(item, content.length);
    if (held === undefined) return false;
    return held.length <= content.length && Buffer.from(held).equals(content.subarray(0, held.length));
  }

  /** Undefined for what is larger than anything that this target stores. */
  async #readUpTo(item: CredentialItem, sizeBytes: number): Promise<Uint8Array | undefined> {
    try {
      return await this.read(item, sizeBytes);
    } catch (error) {
      const isTooLarge =
        error instanceof StationError && ['device_answer_invalid', 'device_babbles'].includes(error.code);
      if (isTooLarge) return undefined;
      throw error;
    }
  }

  /** Whether the device shows that an item stands there byte for byte. */
  async #stands(stored: StoredPlan, item: CredentialItem): Promise<boolean> {
    const slot = (await this.slots()).find((found) => found.item === item);
    if (slot === undefined) return false;
    try {
      const { check } = await this.verifyItem(stored, item, slot);
      return check === 'device-digest' || check === 'read-back';
    } catch (error) {
      if (error instanceof StationError && error.code === 'verification_mismatch') return false;
      throw error;
    }
  }

  /** What is missing from a list may stand in it where noise was: it is asked for once again. */
  async #listed(stored: StoredPlan): Promise<readonly Slot[]> {
    const slots = await this.slots();
    const missing = stored.items.find((item) => !slots.some((slot) => slot.item === item));
    if (missing === undefined) return slots;
    this.questions.record(`list without ${missing}`, 'verification_mismatch');
    return this.slots();
  }

  /** Operators swap boards: what is installed and verified must be what was identified. */
  async #requireSameUnit(): Promise<void> {
    if (this.#unit === undefined) return;
    const before = this.#unit.id;
    if ((await this.readUnit()) === before) return;
    // Noise may have changed a digit; another board says who it is once more.
    this.questions.record('identity', 'device_changed');
    const now = await this.readUnit();
    if (now !== before) throw new StationError('device_changed', { before, now });
  }
}
