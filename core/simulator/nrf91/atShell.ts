// The AT shell front end: a Zephyr shell that passes one quoted argument to the modem. It echoes, wraps its echo at 80
// columns, colours its prompt, cuts lines that are too long without a word, and has a small receive ring.

import type { DeviceMemory, LineDevice, Send } from '../lineDevice.ts';
import type { Modem } from './modem.ts';

export interface AtShellOptions {
  /** CONFIG_SHELL_CMD_BUFF_SIZE, NUL included. */
  readonly lineSizeBytes: number;
  /** CONFIG_SHELL_BACKEND_SERIAL_RX_RING_BUFFER_SIZE. */
  readonly receiveRingSizeBytes: number;
  /** CONFIG_AT_SHELL_UNESCAPE_LF. */
  readonly unescapeLf: boolean;
  readonly banner: string;
}

export const defaultAtShell: AtShellOptions = {
  lineSizeBytes: 2_048,
  receiveRingSizeBytes: 64,
  unescapeLf: true,
  banner: '*** Booting nRF Connect SDK v2.9.0 ***\r\n',
};

const PROMPT = '\x1b[1;32muart:~$ \x1b[m';
const PROMPT_WIDTH = 8;
const COLUMNS = 80;

export class AtShell implements LineDevice {
  readonly #modem: Modem;
  readonly #options: AtShellOptions;
  readonly #send: Send;
  #line = '';
  #ring: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(modem: Modem, options: AtShellOptions, send: Send) {
    this.#modem = modem;
    this.#options = options;
    this.#send = send;
  }

  get memory(): DeviceMemory {
    return this.#modem.memory;
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      // The ring takes what fits; the rest is gone, and nothing says so.
      if (this.#ring.length < this.#options.receiveRingSizeBytes) this.#ring.push(byte);
    }
    this.#timer ??= setTimeout(() => this.#drain(), 1);
  }

  reboot(): void {
    this.powerOff();
    this.#line = '';
    this.#ring = [];
    this.#modem.restart();
    this.#say(this.#options.banner + PROMPT);
  }

  swap(): void {
    this.#modem.replace();
  }

  powerOff(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #drain(): void {
    this.#timer = undefined;
    for (const byte of this.#ring.splice(0)) this.#type(byte);
  }

  #type(byte: number): void {
    if (byte === 0x0d) {
      this.#run();
      return;
    }
    if (byte === 0x03) {
      this.#line = '';
      this.#say(`\r\n${PROMPT}`);
      return;
    }
    if (byte < 0x20 || this.#line.length >= this.#options.lineSizeBytes - 1) return;
    this.#line += String.fromCharCode(byte);
    this.#say(String.fromCharCode(byte));
    if ((PROMPT_WIDTH + this.#line.length) % COLUMNS === 0) this.#say('\r\n');
  }

  #run(): void {
    const line = this.#line;
    this.#line = '';
    this.#say('\r\n');
    if (line.trim() !== '') this.#say(this.#answer(line.trim()));
    this.#say(PROMPT);
  }

  #answer(line: string): string {
    const match = /^at\s+(?:'([^']*)'|(\S+))$/.exec(line);
    if (match === null) {
      const word = line.split(/\s/)[0] ?? '';
      return word === 'at' ? 'at: wrong parameter count\r\n' : `${word}: command not found\r\n`;
    }
    const argument = match[1] ?? match[2] ?? '';
    const command = this.#options.unescapeLf ? argument.replaceAll('\\n', '\r\n') : argument;
    return `${this.#modem.execute(command)}\r\n`;
  }

  #say(text: string): void {
    this.#send(Buffer.from(text, 'latin1'));
  }
}
