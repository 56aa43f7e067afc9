// One device's folder: its files written whole or not at all, readable by their owner only, flushed to the disk, and read
// back.

import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../../domain/clock.ts';
import type { CredentialItem } from '../../domain/credential.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { InstallMaterial, InstallOptions, InstallPlan } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import type { Secret } from '../../domain/secret.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { leafOf, refuseTaken, stationKeyOf } from '../plan/material.ts';
import { compareItem, StoredPlan, sha256Hex } from '../plan/storedPlan.ts';
import { concatenate, pem } from '../zephyr/encoding.ts';
import type { FilesOptions } from './options.ts';
import { buildPkcs12 } from './pkcs12.ts';

const OWNER_ONLY = 0o600;
const FOLDER_OWNER_ONLY = 0o700;

interface PlannedFile {
  readonly name: string;
  readonly item: CredentialItem;
  readonly bytes: Uint8Array;
}

export class FilesSession implements DeviceSession {
  readonly #folder: string;
  readonly #options: FilesOptions;
  readonly #passphrase: Secret | undefined;
  readonly #random: Random;
  readonly #files = new Map<StoredPlan, readonly PlannedFile[]>();

  constructor(folder: string, options: FilesOptions, passphrase: Secret | undefined, random: Random) {
    this.#folder = folder;
    this.#options = options;
    this.#passphrase = passphrase;
    this.#random = random;
  }

  async identify(): Promise<DeviceIdentity> {
    return {
      hardwareId: undefined,
      hardwareIdSource: 'none',
      firmware: undefined,
      capabilities: { formats: this.#options.formats },
      occupied: await this.#occupied(),
      custodyOffered: ['file'],
    };
  }

  /** A disk has room for a credential, or says so when it is written. */
  checkFit(): void {}

  plan(material: InstallMaterial): InstallPlan {
    const leaf = leafOf(material);
    const secret = stationKeyOf(material);
    const files = this.#options.formats.flatMap((format) =>
      this.#plannedFiles(format, material, leaf, secret),
    );
    const items = new Map<CredentialItem, Uint8Array>();
    // The record's digest of an item is that of its first file.
    for (const { item, bytes } of files) if (!items.has(item)) items.set(item, bytes);
    const plan = new StoredPlan(items, { custody: 'file', files: files.map(({ name }) => name) });
    this.#files.set(plan, files);
    return plan;
  }

  async install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject> {
    const files = this.#filesOf(plan);
    const taken = await this.#occupied();
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
    for (const { name, item, bytes } of this.#filesOf(plan)) {
      const held = await readFile(join(this.#folder, name)).catch(() => undefined);
      const actualSha256 = held === undefined ? undefined : sha256Hex(held);
      if (actualSha256 !== sha256Hex(bytes)) {
        throw new StationError('verification_mismatch', { item, file: name, actualSha256 });
      }
      if (!results.has(item)) results.set(item, compareItem(plan, item, 'read-back', actualSha256));
    }
    return [...results.values()];
  }

  async close(): Promise<void> {
    for (const files of this.#files.values()) {
      for (const { item, bytes } of files) if (item === 'privateKey') bytes.fill(0);
    }
    this.#passphrase?.wipe();
  }

  #plannedFiles(
    format: FilesOptions['formats'][number],
    material: InstallMaterial,
    leaf: Uint8Array,
    secret: Secret,
  ): readonly PlannedFile[] {
    const { caDer, chainDer } = material;
    switch (format) {
      case 'pem':
        return [
          { name: 'ca.pem', item: 'ca', bytes: pem('CERTIFICATE', caDer) },
          {
            name: 'chain.pem',
            item: 'certificate',
            bytes: concatenate(chainDer.map((der) => pem('CERTIFICATE', der))),
          },
          { name: 'key.pem', item: 'privateKey', bytes: secret.use((der) => pem('PRIVATE KEY', der)) },
        ];
      case 'der':
        return [
          { name: 'ca.der', item: 'ca', bytes: Uint8Array.from(caDer) },
          { name: 'certificate.der', item: 'certificate', bytes: Uint8Array.from(leaf) },
          { name: 'key.der', item: 'privateKey', bytes: secret.use((der) => Uint8Array.from(der)) },
        ];
      case 'pkcs12': {
        if (this.#passphrase === undefined) throw new StationError('passphrase_missing', { what: 'PKCS#12' });
        const bytes = buildPkcs12(secret, [...chainDer, caDer], this.#passphrase, this.#random);
        return [{ name: 'credential.p12', item: 'privateKey', bytes }];
      }
    }
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

  async #occupied(): Promise<readonly SlotItem[]> {
    const names: Readonly<Record<string, CredentialItem>> = {
      'ca.pem': 'ca',
      'ca.der': 'ca',
      'chain.pem': 'certificate',
      'certificate.der': 'certificate',
      'key.pem': 'privateKey',
      'key.der': 'privateKey',
      'credential.p12': 'privateKey',
    };
    const found = new Set<CredentialItem>();
    for (const [name, item] of Object.entries(names)) {
      if ((await stat(join(this.#folder, name)).catch(() => undefined)) !== undefined) found.add(item);
    }
    return [...found].map((item) => ({ item, sha256: undefined }));
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
