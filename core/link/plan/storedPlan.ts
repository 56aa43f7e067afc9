// What a driver is about to store, byte for byte. The bytes stand in private fields: a plan goes into records, and a
// key must not go with it.

import { createHash } from 'node:crypto';
import { type CredentialItem, isSecretItem, type StoredDigests } from '../../domain/credential.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { InstallPlan } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import { type ItemVerification, toldDigests, type VerificationCheck } from '../../domain/verification.ts';

export const sha256Hex = (bytes: Uint8Array): Sha256Hex =>
  createHash('sha256').update(bytes).digest('hex') as Sha256Hex;

export class StoredPlan implements InstallPlan {
  readonly storedDigests: StoredDigests;
  readonly summary: JsonObject;
  readonly #items: ReadonlyMap<CredentialItem, Uint8Array>;

  /** Takes ownership of the bytes; the items are sent in the map's order. */
  constructor(items: ReadonlyMap<CredentialItem, Uint8Array>, summary: JsonObject = {}) {
    this.#items = items;
    this.storedDigests = Object.fromEntries([...items].map(([item, bytes]) => [item, sha256Hex(bytes)]));
    const sizes = Object.fromEntries([...items].map(([item, bytes]) => [`${item}SizeBytes`, bytes.length]));
    this.summary = { ...sizes, ...summary };
  }

  /** The plan as this driver made it; another's plan is a mistake of the caller (`internal`). */
  static of(plan: InstallPlan): StoredPlan {
    if (plan instanceof StoredPlan) return plan;
    throw new StationError('internal', { message: 'a plan of another session' });
  }

  get items(): readonly CredentialItem[] {
    return [...this.#items.keys()];
  }

  get totalBytes(): number {
    return [...this.#items.values()].reduce((size, bytes) => size + bytes.length, 0);
  }

  has(item: CredentialItem): boolean {
    return this.#items.has(item);
  }

  bytes(item: CredentialItem): Uint8Array {
    const bytes = this.#items.get(item);
    if (bytes === undefined) throw new StationError('internal', { message: `the plan has no ${item}` });
    return bytes;
  }

  /** Overwrites the private key and the password. */
  wipe(): void {
    for (const [item, bytes] of this.#items) if (isSecretItem(item)) bytes.fill(0);
  }
}

/** Compares one item; throws `verification_mismatch` when the device holds something else. */
export function compareItem(
  plan: InstallPlan,
  item: CredentialItem,
  check: VerificationCheck,
  actualSha256: Sha256Hex | undefined,
): ItemVerification {
  const expectedSha256 = plan.storedDigests[item];
  if (expectedSha256 === undefined)
    throw new StationError('internal', { message: `the plan has no ${item}` });
  if (actualSha256 !== expectedSha256 && (check === 'device-digest' || check === 'read-back')) {
    const digests = toldDigests(item, { expectedSha256, actualSha256 });
    throw new StationError('verification_mismatch', { item, ...digests });
  }
  return { item, check, expectedSha256, actualSha256 };
}
