// Key material and passphrases. A Secret does not print, log, serialise or compare by accident, and is wiped after use.

const REDACTED = '[secret]';

/** Bytes that must never reach a disk, a log or a transcript. `use` lends them; `wipe` overwrites them. */
export class Secret {
  #bytes: Uint8Array | undefined;

  /** Takes ownership of `bytes`: the caller must not keep a copy. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static fromText(text: string): Secret {
    return new Secret(new TextEncoder().encode(text));
  }

  get sizeBytes(): number {
    return this.#bytes?.length ?? 0;
  }

  get wiped(): boolean {
    return this.#bytes === undefined;
  }

  /** Lends the bytes to `reader`; they must not outlive the call. Throws when the secret was wiped. */
  use<T>(reader: (bytes: Uint8Array) => T): T {
    if (this.#bytes === undefined) throw new Error('a wiped secret was used');
    return reader(this.#bytes);
  }

  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}
