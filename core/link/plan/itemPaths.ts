// Where a device that has files keeps each item.

import { type CertificateItem, CREDENTIAL_ITEMS, type CredentialItem } from '../../domain/credential.ts';
import { StationError } from '../../domain/stationError.ts';
import type { PasswordSlot } from '../../domain/target.ts';

export class ItemPaths {
  readonly #paths: Readonly<Partial<Record<CredentialItem, string>>>;

  constructor(paths: Readonly<Record<CertificateItem, string>>, passwordSlot: PasswordSlot | undefined) {
    this.#paths = { ...paths, ...passwordSlot };
  }

  /** Those that have a place, in the order written. */
  get items(): readonly CredentialItem[] {
    return CREDENTIAL_ITEMS.filter((item) => this.#paths[item] !== undefined);
  }

  of(item: CredentialItem): string {
    const path = this.#paths[item];
    if (path === undefined) throw new StationError('internal', { message: `no place for ${item}` });
    return path;
  }

  /** For the record. */
  get summary(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.items.map((item) => [item, this.of(item)]));
  }
}
