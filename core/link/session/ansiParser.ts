// Takes a byte stream apart into text, line controls and cursor movements, one byte at a time, so that an escape
// sequence may be cut anywhere. Only what a line editor needs is understood (ECMA-48 8.3); the rest is skipped.

export interface TerminalActions {
  /** One printable character, as its byte (Latin-1). */
  text(byte: number): void;
  carriageReturn(): void;
  lineFeed(): void;
  backspace(): void;
  /** CUU, CUD, CUF, CUB: relative movement in rows and columns. */
  move(rows: number, columns: number): void;
  /** ED 0: from the cursor to the end of the screen. */
  eraseBelow(): void;
  /** EL 0: from the cursor to the end of the row. */
  eraseRight(): void;
  /** ED 2 and CUP: a new, empty screen. */
  clear(): void;
}

const ESCAPE = 0x1b;
const MAX_PARAMETER_LENGTH = 16;
const MAX_MOVE = 1_000;
/** Operating-system commands (ESC ] … BEL) are skipped; a device that never ends one must not swallow everything. */
const MAX_STRING_LENGTH = 256;

type State = 'ground' | 'escape' | 'control' | 'string';

export class AnsiParser {
  readonly #actions: TerminalActions;
  #state: State = 'ground';
  #parameters = '';
  #stringLength = 0;

  constructor(actions: TerminalActions) {
    this.#actions = actions;
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte);
  }

  #take(byte: number): void {
    switch (this.#state) {
      case 'ground':
        this.#ground(byte);
        return;
      case 'escape':
        this.#parameters = '';
        this.#stringLength = 0;
        // ESC [ opens a control sequence, ESC ] a string; other two-byte sequences change nothing that matters here.
        this.#state = byte === 0x5b ? 'control' : byte === 0x5d ? 'string' : 'ground';
        return;
      case 'control':
        this.#control(byte);
        return;
      case 'string':
        this.#stringLength += 1;
        if (byte === ESCAPE) this.#state = 'escape';
        else if (byte === 0x07 || this.#stringLength > MAX_STRING_LENGTH) this.#state = 'ground';
        return;
    }
  }

  #ground(byte: number): void {
    if (byte === ESCAPE) this.#state = 'escape';
    else if (byte === 0x0d) this.#actions.carriageReturn();
    else if (byte === 0x0a) this.#actions.lineFeed();
    else if (byte === 0x08) this.#actions.backspace();
    else if (byte >= 0x20 && byte !== 0x7f) this.#actions.text(byte);
  }

  #control(byte: number): void {
    if (byte === ESCAPE) {
      this.#state = 'escape';
      return;
    }
    if (byte >= 0x20 && byte < 0x40) {
      this.#parameters += String.fromCharCode(byte);
      if (this.#parameters.length > MAX_PARAMETER_LENGTH) this.#state = 'ground';
      return;
    }
    this.#state = 'ground';
    if (byte < 0x40 || byte > 0x7e) {
      this.#ground(byte);
      return;
    }
    this.#dispatch(String.fromCharCode(byte));
  }

  #dispatch(final: string): void {
    const first = Number.parseInt(this.#parameters, 10);
    const count = Math.min(Number.isNaN(first) || first < 1 ? 1 : first, MAX_MOVE);
    const actions = this.#actions;
    if (final === 'A') actions.move(-count, 0);
    else if (final === 'B') actions.move(count, 0);
    else if (final === 'C') actions.move(0, count);
    else if (final === 'D') actions.move(0, -count);
    else if (final === 'K') actions.eraseRight();
    else if (final === 'H' || (final === 'J' && first >= 2)) actions.clear();
    else if (final === 'J') actions.eraseBelow();
  }
}
