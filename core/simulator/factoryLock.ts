// A lock that closes once: a fuse, or a flag in flash that nothing clears. It outlives a restart.

export class FactoryLock {
  #closed: boolean;
  readonly #onClose: () => void;

  /** `onClose` is called before closing is acknowledged. */
  constructor(closed: boolean, onClose: () => void) {
    this.#closed = closed;
    this.#onClose = onClose;
  }

  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }
}
