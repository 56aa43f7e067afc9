// The shell's output side: text, colours and cursor codes, each of which the operator can switch off.

export type Colour = 'normal' | 'red' | 'green' | 'yellow';

const COLOUR_CODES: Readonly<Record<Colour, string>> = {
  normal: '\x1b[m',
  red: '\x1b[1;31m',
  green: '\x1b[1;32m',
  yellow: '\x1b[1;33m',
};

export interface TerminalSettings {
  readonly prompt: string;
  readonly colours: boolean;
  readonly echo: boolean;
  readonly obscured: boolean;
}

export class Terminal {
  /** CONFIG_SHELL_DEFAULT_TERMINAL_WIDTH. */
  readonly width = 80;
  prompt: string;
  colours: boolean;
  cursorCodes = true;
  echo: boolean;
  obscured: boolean;
  #output = '';
  #colour: Colour = 'normal';

  constructor(settings: TerminalSettings) {
    this.prompt = settings.prompt;
    this.colours = settings.colours;
    this.echo = settings.echo;
    this.obscured = settings.obscured;
  }

  /** What was written since the last call, one character per byte. */
  takeOutput(): string {
    const output = this.#output;
    this.#output = '';
    return output;
  }

  /** Writes text; a line feed becomes CR LF. */
  write(text: string): void {
    this.#output += text.replaceAll('\n', '\r\n');
  }

  /** Writes text in a colour and goes back to the one before. */
  print(colour: Colour, text: string): void {
    const before = this.#colour;
    if (!this.colours || colour === before) {
      this.write(text);
      return;
    }
    this.#switchTo(colour);
    this.write(text);
    this.#switchTo(before);
  }

  /** A cursor or screen code, where they are switched on. */
  control(code: string): void {
    if (this.cursorCodes) this.#output += code;
  }

  /** Positive is right. */
  moveHorizontally(columns: number): void {
    if (columns !== 0) this.control(`\x1b[${Math.abs(columns)}${columns > 0 ? 'C' : 'D'}`);
  }

  /** Positive is up. */
  moveUp(rows: number): void {
    if (rows !== 0) this.control(`\x1b[${Math.abs(rows)}${rows > 0 ? 'A' : 'B'}`);
  }

  clearToEnd(): void {
    this.control('\x1b[J');
  }

  #switchTo(colour: Colour): void {
    this.#colour = colour;
    this.control(COLOUR_CODES[colour]);
  }
}
