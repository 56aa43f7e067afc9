// The secure storage of a simulated device: keys that it made, by number. They outlive a restart, and no command shows them.

import { DeviceKey } from './proof/deviceKey.ts';

/** A key as the device's flash keeps it. */
export interface KeptKey {
  readonly tag: number;
  readonly pkcs8: Uint8Array;
}

export class KeyVault {
  readonly #keys: Map<number, DeviceKey>;
  readonly #onChange: () => void;

  /** `onChange` is called after every change, before it is acknowledged. */
  constructor(kept: readonly KeptKey[], onChange: () => void) {
    this.#keys = new Map(kept.map(({ tag, pkcs8 }) => [tag, new DeviceKey(pkcs8)]));
    this.#onChange = onChange;
  }

  get entries(): readonly KeptKey[] {
    return [...this.#keys].map(([tag, { pkcs8 }]) => ({ tag, pkcs8 }));
  }

  get(tag: number): DeviceKey | undefined {
    return this.#keys.get(tag);
  }

  generate(tag: number): void {
    this.#keys.set(tag, new DeviceKey());
    this.#onChange();
  }

  delete(tag: number): void {
    if (this.#keys.delete(tag)) this.#onChange();
  }
}
