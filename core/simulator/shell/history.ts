// The lines that were run, newest first, in a buffer of fixed size. Chunks of a private key stay in it until a reset.

/** A list node and a length stand before each line, and all of it is aligned, on a 64-bit build. */
const ITEM_OVERHEAD_BYTES = 20;

export class History {
  #items: string[] = [];
  #sizeBytes: number;
  /** The line shown now; -1: none. */
  #current = -1;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  get lines(): readonly string[] {
    return this.#items;
  }

  get active(): boolean {
    return this.#current >= 0;
  }

  purge(): void {
    this.#items = [];
    this.#current = -1;
  }

  leave(): void {
    this.#current = -1;
  }

  put(line: string): void {
    this.leave();
    if (line === '' || this.#items[0] === line) return;
    this.#items.unshift(line);
    while (this.#items.length > 0 && this.#usedBytes() > this.#sizeBytes) this.#items.pop();
  }

  /** The next older or newer line; undefined: past the end, and the history is left. */
  step(direction: 'older' | 'newer'): string | undefined {
    this.#current += direction === 'older' ? 1 : -1;
    const line = this.#items[this.#current];
    if (line === undefined) this.#current = -1;
    return line;
  }

  #usedBytes(): number {
    return this.#items.reduce(
      (sum, line) => sum + Math.ceil((ITEM_OVERHEAD_BYTES + line.length + 1) / 8) * 8,
      0,
    );
  }
}
