// The device's credential store: slots filled in order, looked up by security tag and type, as tls_credentials.c keeps them.

import { EEXIST, ENOENT, ENOMEM } from './errno.ts';

export const CREDENTIAL_TYPES = [
  'CA_CERT',
  'SERVER_CERT',
  'PRIVATE_KEY',
  'PRIVATE_KEY_PSA',
  'PRE_SHARED_KEY',
  'PRE_SHARED_KEY_ID',
] as const;
export type CredentialType = (typeof CREDENTIAL_TYPES)[number];

export interface StoredCredential {
  readonly tag: number;
  readonly type: CredentialType;
  readonly bytes: Uint8Array;
}

/** TLS_SEC_TAG_NONE. A credential stored under it takes a slot and is never listed. */
export const NO_TAG = -1;

export class CredentialStore {
  #slots: (StoredCredential | undefined)[];
  #onChange: (slots: readonly (StoredCredential | undefined)[]) => void;

  /** `onChange` gets every change before it is acknowledged: protected storage writes it down there. */
  constructor(
    slots: readonly (StoredCredential | undefined)[],
    slotCount: number,
    onChange: (slots: readonly (StoredCredential | undefined)[]) => void,
  ) {
    this.#slots = Array.from({ length: slotCount }, (_, index) => slots[index]);
    this.#onChange = onChange;
  }

  get(tag: number, type: CredentialType): StoredCredential | undefined {
    return this.#slots.find((one) => one?.tag === tag && one.type === type);
  }

  /** All credentials of a tag, by slot. */
  ofTag(tag: number): readonly StoredCredential[] {
    return this.#slots.filter((one) => one?.tag === tag).flatMap((one) => one ?? []);
  }

  /** Returns 0, EEXIST or ENOMEM. */
  add(credential: StoredCredential): number {
    if (this.get(credential.tag, credential.type)) return EEXIST;
    const free = this.#slots.indexOf(undefined);
    if (free < 0) return ENOMEM;
    this.#commit(this.#slots.with(free, credential));
    return 0;
  }

  /** Returns 0 or ENOENT. */
  delete(tag: number, type: CredentialType): number {
    const index = this.#slots.findIndex((one) => one?.tag === tag && one.type === type);
    if (index < 0) return ENOENT;
    this.#commit(this.#slots.with(index, undefined));
    return 0;
  }

  /**
   * The lowest tag above `after`, NO_TAG at the end. Kept as Zephyr has it, defect included: a credential stored under
   * tag -1 resets the search for the lowest and so can hide the others.
   */
  nextTag(after: number): number {
    let lowest = NO_TAG;
    for (const one of this.#slots) {
      if (one === undefined || (one.tag <= after && after !== NO_TAG)) continue;
      if (lowest === NO_TAG || one.tag < lowest) lowest = one.tag;
    }
    return lowest;
  }

  #commit(slots: (StoredCredential | undefined)[]): void {
    this.#onChange(slots);
    this.#slots = slots;
  }
}
