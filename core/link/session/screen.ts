// What a terminal would show of the device's output: rows of text in which a redraw has replaced what it erased. A
// shell that lets log lines interrupt a half-typed command can only be read this way. Memory is bounded.

import { AnsiParser, type TerminalActions } from './ansiParser.ts';

const MAX_ROWS = 512;
const MAX_COLUMNS = 2_048;

export class Screen {
  readonly #parser: AnsiParser;
  readonly #onRow: (text: string) => void;
  /** The cursor's own row is stale in here while it is written to. */
  #rows: string[] = [''];
  #row = 0;
  #column = 0;
  /** The cursor's row as bytes: a string that grows by single characters takes twenty times its length in memory. */
  readonly #line = Buffer.alloc(MAX_COLUMNS);
  #length = 0;

  /** `onRow` is told each row's text when the cursor leaves it downwards. */
  constructor(onRow: (text: string) => void = () => {}) {
    this.#onRow = onRow;
    const actions: TerminalActions = {
      text: (byte) => this.#put(byte),
      carriageReturn: () => {
        this.#column = 0;
      },
      lineFeed: () => this.#nextRow(),
      backspace: () => this.#move(0, -1),
      move: (rows, columns) => this.#move(rows, columns),
      eraseBelow: () => {
        this.#rows.length = this.#row + 1;
        this.#eraseRight();
      },
      eraseRight: () => this.#eraseRight(),
      clear: () => {
        this.#rows = [''];
        this.#row = 0;
        this.#column = 0;
        this.#length = 0;
      },
    };
    this.#parser = new AnsiParser(actions);
  }

  write(bytes: Uint8Array): void {
    this.#parser.write(bytes);
  }

  /** Every row since the last {@link forget}, the one under the cursor last. */
  get rows(): readonly string[] {
    return [...this.#rows.slice(0, this.#row), this.#text()];
  }

  /** Drops the first `count` rows: what was understood need not be kept. The cursor's row always stays. */
  forget(count: number): void {
    const dropped = Math.max(0, Math.min(count, this.#row));
    this.#rows.splice(0, dropped);
    this.#row -= dropped;
  }

  /** The row under the cursor. */
  #text(): string {
    return this.#line.toString('latin1', 0, this.#length);
  }

  #eraseRight(): void {
    this.#length = Math.min(this.#length, this.#column);
  }

  #put(byte: number): void {
    if (this.#column >= MAX_COLUMNS) this.#nextRow();
    if (this.#column > this.#length) this.#line.fill(' ', this.#length, this.#column);
    this.#line[this.#column] = byte;
    this.#column += 1;
    this.#length = Math.max(this.#length, this.#column);
  }

  #nextRow(): void {
    this.#onRow(this.#text());
    this.#column = 0;
    if (this.#row + 1 >= this.#rows.length) this.#rows.push('');
    this.#goTo(this.#row + 1);
    if (this.#rows.length > MAX_ROWS) {
      this.#rows.shift();
      this.#row -= 1;
    }
  }

  #goTo(row: number): void {
    this.#rows[this.#row] = this.#text();
    this.#row = row;
    this.#length = this.#line.write(this.#rows[row] ?? '', 'latin1');
  }

  #move(rows: number, columns: number): void {
    const row = Math.max(0, Math.min(this.#rows.length - 1, this.#row + rows));
    if (row !== this.#row) this.#goTo(row);
    this.#column = Math.max(0, Math.min(MAX_COLUMNS, this.#column + columns));
  }
}
