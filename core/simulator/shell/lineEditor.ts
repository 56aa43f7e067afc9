// The line being typed: its text, the cursor in it, and the codes that keep a terminal of 80 columns in step.

import type { Terminal } from './terminal.ts';

export class LineEditor {
  text = '';
  position = 0;
  #terminal: Terminal;
  #sizeBytes: number;

  /** `sizeBytes` counts the final NUL: one character less fits, and what does not fit is dropped without a sign. */
  constructor(terminal: Terminal, sizeBytes: number) {
    this.#terminal = terminal;
    this.#sizeBytes = sizeBytes;
  }

  clear(): void {
    this.text = '';
    this.position = 0;
  }

  /** Removes white space around the text, as the shell does before it remembers a line. */
  trim(): void {
    this.text = this.text.trim();
    this.position = this.text.length;
  }

  insert(addition: string): void {
    if (this.text.length + addition.length >= this.#sizeBytes) return;
    const after = this.text.length - this.position;
    this.text = this.text.slice(0, this.position) + addition + this.text.slice(this.position);
    if (this.#terminal.echo) this.#reprint(after, false, this.position);
    else this.position += addition.length;
  }

  backspace(): void {
    if (this.position === 0) return;
    this.move(-1);
    this.deleteAtCursor();
  }

  deleteAtCursor(): void {
    const after = this.text.length - this.position;
    if (after === 0) return;
    this.text = this.text.slice(0, this.position) + this.text.slice(this.position + 1);
    this.#reprint(after - 1, true, this.position);
  }

  deleteToEnd(): void {
    this.text = this.text.slice(0, this.position);
    this.#terminal.clearToEnd();
  }

  deleteWord(): void {
    if (this.position === 0) return;
    const head = this.text.slice(0, this.position);
    const kept = head.replace(/[^ ]* *$/, '');
    const tail = this.text.slice(this.position);
    this.move(kept.length - head.length);
    this.text = kept + tail;
    this.#terminal.control('\x1b7');
    this.#terminal.print('normal', tail);
    this.#terminal.clearToEnd();
    this.#terminal.control('\x1b8');
  }

  /** Moves the cursor within the text. */
  move(characters: number): void {
    const target = Math.min(Math.max(this.position + characters, 0), this.text.length);
    this.#terminal.moveUp(this.#row(this.position) - this.#row(target));
    this.#terminal.moveHorizontally(this.#column(target) - this.#column(this.position));
    this.position = target;
  }

  moveHome(): void {
    this.move(-this.position);
  }

  moveEnd(): void {
    this.move(this.text.length - this.position);
  }

  /** Goes to a fresh line, unless the cursor stands at the start of one because the text filled its row. */
  finishRow(): void {
    if (!this.#cursorInEmptyRow()) this.#terminal.write('\n');
  }

  /** Wipes prompt and line from the screen; the text stays. A log line is about to be printed. */
  erase(): void {
    this.#terminal.moveHorizontally(-this.#column(this.position));
    this.#terminal.moveUp(this.#row(this.position));
    this.#terminal.clearToEnd();
  }

  /** Draws the prompt and, where echo is on, the line typed so far. */
  draw(): void {
    this.#terminal.print('green', this.#terminal.prompt);
    if (!this.#terminal.echo) return;
    this.#printText();
    if (this.#fullRow()) this.#terminal.write('\n');
    this.#terminal.moveUp(this.#row(this.text.length) - this.#row(this.position));
    this.#terminal.moveHorizontally(this.#column(this.position) - this.#column(this.text.length));
  }

  /** Shows another line in place of this one: recall from the history. */
  replace(text: string): void {
    this.moveHome();
    this.#terminal.clearToEnd();
    this.text = text;
    this.#printText();
    this.position = text.length;
    if (this.#cursorInEmptyRow() || this.#fullRow()) this.#terminal.write('\n');
  }

  #row(position: number): number {
    return Math.floor((position + this.#terminal.prompt.length) / this.#terminal.width);
  }

  #column(position: number): number {
    return (position + this.#terminal.prompt.length) % this.#terminal.width;
  }

  #fullRow(): boolean {
    const length = this.text.length + this.#terminal.prompt.length;
    return length !== 0 && length % this.#terminal.width === 0;
  }

  #cursorInEmptyRow(): boolean {
    return this.#column(this.#terminal.echo ? this.position : 0) === 0;
  }

  #shown(text: string): string {
    return this.#terminal.obscured ? '*'.repeat(text.length) : text;
  }

  #printText(): void {
    const shown = this.#shown(this.text);
    let room = this.#terminal.width - this.#terminal.prompt.length;
    let from = 0;
    while (shown.length - from > room) {
      this.#terminal.write(`${shown.slice(from, from + room)}\n`);
      from += room;
      room = this.#terminal.width;
    }
    this.#terminal.write(shown.slice(from));
  }

  /** Prints from `from` to the end and puts the cursor `after` characters before the end. */
  #reprint(after: number, removed: boolean, from: number): void {
    if (removed) this.#terminal.clearToEnd();
    const shown = this.#shown(this.text.slice(from));
    if (this.#row(from) === this.#row(this.text.length)) this.#terminal.print('normal', shown);
    else {
      for (let index = 0; index < shown.length; index += 1) {
        const startsRow = this.#column(from + index) === 0;
        this.#terminal.print('normal', startsRow ? `\n${shown.charAt(index)}` : shown.charAt(index));
      }
    }
    this.position = this.text.length;
    if (this.#fullRow() && (!removed || after > 0)) this.#terminal.write('\n');
    this.move(-after);
  }
}
