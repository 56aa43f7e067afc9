// One device's folder: its files written whole or not at all, readable by their owner only, flushed to the disk, and read
// back.

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CredentialItem, isSecretItem } from '../../domain/credential.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { checkImageFit } from '../esp32/credentialImage.ts';
import { refuseTaken } from '../plan/material.ts';
import { compareItem, StoredPlan, sha256Hex } from '../plan/storedPlan.ts';
import { FILE_NAMES } from './fileNames.ts';
import { type FileParts, type PlannedFile, planFiles, wipeFile } from './plannedFile.ts';

const OWNER_ONLY = 0o600;
const FOLDER_OWNER_ONLY = 0o700;
/** Nothing that is written here is larger; what is was put there by somebody else. */
const LARGEST_FILE_BYTES = 65_536;

export class FilesSession implements DeviceSession {
  readonly #folder: string;
  readonly #parts: FileParts;
  readonly #files = new Map<StoredPlan, readonly PlannedFile[]>();

  constructor(folder: string, parts: FileParts) {
    this.#folder = folder;
    this.#parts = parts;
  }

  async identify(): Promise<DeviceIdentity> {
    return {
      hardwareId: undefined,
      hardwareIdSource: 'none',
      firmware: undefined,
      capabilities: { formats: this.#parts.options.formats },
      occupied: await this.#occupied(),
      custodyOffered: ['file'],
    };
  }

  /** A disk has room for a credential, or says so when it is written; a partition's image has only so much. */
  checkFit(sizes: InstallSizes): void {
    const { passwordSlot } = this.#parts;
    const { esp32Image } = this.#parts.options;
    if (esp32Image === undefined) return;
    checkImageFit(sizes, { ...esp32Image, passwordSlot }, esp32Image.partitionSizeBytes);
  }

  plan(material: InstallMaterial): InstallPlan {
    const files = planFiles(material, this.#parts);
    const items = new Map<CredentialItem, Uint8Array>();
    // The record's digest of an item is that of its first file.
    for (const file of files) {
      for (const [item, bytes] of file.items) if (!items.has(item)) items.set(item, bytes);
    }
    const plan = new StoredPlan(items, { custody: 'file', files: files.map(({ name }) => name) });
    this.#files.set(plan, files);
    return plan;
  }

  async install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject> {
    const files = this.#filesOf(plan);
    const given = StoredPlan.of(plan);
    // A username and a password that this plan does not touch are in nobody's way.
    const taken = (await this.#occupied()).filter(
      ({ item }) => given.has(item) || (item !== 'username' && item !== 'password'),
    );
    refuseTaken(taken, options.replace);
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_OWNER_ONLY });
    const totalBytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
    let sentBytes = 0;
    for (const file of files) {
      await this.#write(file);
      sentBytes += file.bytes.length;
      options.onProgress({ sentBytes, totalBytes });
    }
    await flushFolder(this.#folder);
    return { folder: this.#folder, files: files.map(({ name }) => name), replaced: taken.length };
  }

  async verify(plan: InstallPlan): Promise<readonly ItemVerification[]> {
    const results = new Map<CredentialItem, ItemVerification>();
    for (const { name, bytes, items, readItems } of this.#filesOf(plan)) {
      const held = await readFile(join(this.#folder, name)).catch(() => undefined);
      const actualSha256 = held === undefined ? undefined : sha256Hex(held);
      if (held === undefined || actualSha256 !== sha256Hex(bytes)) {
        throw new StationError('verification_mismatch', { file: name, actualSha256 });
      }
      const found = readItems(held);
      for (const [item, expected] of items) {
        const stored = found.get(item);
        const itemSha256 = stored === undefined ? undefined : sha256Hex(stored);
        if (itemSha256 !== sha256Hex(expected)) {
          throw new StationError('verification_mismatch', { item, file: name, actualSha256: itemSha256 });
        }
        if (!results.has(item)) results.set(item, compareItem(plan, item, 'read-back', itemSha256));
      }
      for (const [item, stored] of found) if (isSecretItem(item)) stored.fill(0);
    }
    return [...results.values()];
  }

  async close(): Promise<void> {
    for (const files of this.#files.values()) files.forEach(wipeFile);
    this.#parts.passphrase?.wipe();
  }

  #filesOf(plan: InstallPlan): readonly PlannedFile[] {
    const files = this.#files.get(StoredPlan.of(plan));
    if (files === undefined) throw new StationError('internal', { message: 'a plan of another session' });
    return files;
  }

  /** Beside its place first, then moved there: a power cut leaves the old file or the new one. */
  async #write({ name, bytes }: PlannedFile): Promise<void> {
    const partial = join(this.#folder, `.${name}.${randomUUID()}.partial`);
    try {
      const file = await open(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, OWNER_ONLY);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, join(this.#folder, name));
    } catch (cause) {
      await rm(partial, { force: true });
      throw storageFailure(cause, join(this.#folder, name));
    }
  }

  /** With its digest where one file holds an item and nothing else: what an interrupted run left is known again by it. */
  async #occupied(): Promise<readonly SlotItem[]> {
    const slots = new Map<CredentialItem, Sha256Hex | undefined>();
    const { options, passwordSlot } = this.#parts;
    const { username, password } = (options.esp32Image === undefined ? passwordSlot : undefined) ?? {};
    const names: readonly (readonly [string | undefined, readonly CredentialItem[]])[] = [
      ...Object.entries(FILE_NAMES),
      [username, ['username']],
      [password, ['password']],
    ];
    for (const [name, items] of names) {
      if (name === undefined) continue;
      const path = join(this.#folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found === undefined) continue;
      // A pipe would be waited for without end.
      const alone = items.length === 1 && found.isFile() && found.size <= LARGEST_FILE_BYTES;
      const held = alone ? await readFile(path).catch(() => undefined) : undefined;
      const sha256 = held === undefined ? undefined : sha256Hex(held);
      held?.fill(0);
      for (const item of items) slots.set(item, slots.has(item) ? undefined : sha256);
    }
    return [...slots].map(([item, sha256]) => ({ item, sha256 }));
  }
}

/** A rename is durable once its folder is flushed; Windows has no such thing and needs none. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined);
  try {
    await handle?.sync().catch(() => {});
  } finally {
    await handle?.close();
  }
}

function storageFailure(cause: unknown, path: string): StationError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new StationError('disk_full', { path }, { cause });
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new StationError('storage_read_only', { path }, { cause });
  }
  return new StationError('storage_failed', { path, reason: String(code) }, { cause });
}
