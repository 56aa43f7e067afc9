// What a terminal would show of the device's output: rows of text in which a redraw has replaced what it erased. A
// shell that lets log lines interrupt a half-typed command can only be read this way. Memory is bounded.

import { AnsiParser, type TerminalActions } from './ansiParser.ts';

const MAX_ROWS = 512;
const MAX_COLUMNS = 2_048;

export class Screen {
  readonly #parser: AnsiParser;
  readonly #onRow: (text: string) => void;
  #rows: string[] = [''];
  #row = 0;
  #column = 0;

  /** `onRow` is told each row's text when the cursor leaves it downwards. */
  constructor(onRow: (text: string) => void = () => {}) {
    this.#onRow = onRow;
    const actions: TerminalActions = {
      text: (character) => this.#put(character),
      carriageReturn: () => {
        this.#column = 0;
      },
      lineFeed: () => this.#nextRow(),
      backspace: () => this.#move(0, -1),
      move: (rows, columns) => this.#move(rows, columns),
      eraseBelow: () => {
        this.#rows.length = this.#row + 1;
        this.#setRow(this.#current().slice(0, this.#column));
      },
      eraseRight: () => this.#setRow(this.#current().slice(0, this.#column)),
      clear: () => {
        this.#rows = [''];
        this.#row = 0;
        this.#column = 0;
      },
    };
    this.#parser = new AnsiParser(actions);
  }

  write(bytes: Uint8Array): void {
    this.#parser.write(bytes);
  }

  /** Every row since the last {@link forget}, the one under the cursor last. */
  get rows(): readonly string[] {
    return this.#rows.slice(0, this.#row + 1);
  }

  /** Drops the first `count` rows: what was understood need not be kept. The cursor's row always stays. */
  forget(count: number): void {
    const dropped = Math.max(0, Math.min(count, this.#row));
    this.#rows.splice(0, dropped);
    this.#row -= dropped;
  }

  #current(): string {
    return this.#rows[this.#row] ?? '';
  }

  #setRow(text: string): void {
    this.#rows[this.#row] = text;
  }

  #put(character: string): void {
    if (this.#column >= MAX_COLUMNS) this.#nextRow();
    const text = this.#current();
    if (this.#column === text.length) {
      this.#setRow(text + character);
      this.#column += 1;
      return;
    }
    const before = text.length < this.#column ? text.padEnd(this.#column) : text.slice(0, this.#column);
    this.#setRow(before + character + text.slice(this.#column + 1));
    this.#column += 1;
  }

  #nextRow(): void {
    this.#onRow(this.#current());
    this.#row += 1;
    this.#column = 0;
    if (this.#row >= this.#rows.length) this.#rows.push('');
    if (this.#rows.length > MAX_ROWS) {
      this.#rows.shift();
      this.#row -= 1;
    }
  }

  #move(rows: number, columns: number): void {
    this.#row = Math.max(0, Math.min(this.#rows.length - 1, this.#row + rows));
    this.#column = Math.max(0, Math.min(MAX_COLUMNS, this.#column + columns));
  }
}
