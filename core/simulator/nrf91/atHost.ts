// The at_host front end: no echo, the terminator has no meaning inside quotes, and the receiver is off while the modem
// works on a command, so that what is sent then is lost.

import type { DeviceMemory, LineDevice, Send } from '../lineDevice.ts';
import type { Modem } from './modem.ts';

export interface AtHostOptions {
  readonly terminator: 'cr' | 'lf' | 'crlf';
  /** Command buffer, NUL included. */
  readonly bufferSizeBytes: number;
  /** How long the modem works on a command. */
  readonly executionMs: number;
  /** Said when it starts. */
  readonly banner: string;
}

export const defaultAtHost: AtHostOptions = {
  terminator: 'crlf',
  bufferSizeBytes: 4_096,
  executionMs: 2,
  banner: '*** Booting nRF Connect SDK v2.9.0 ***\r\nThe AT host sample started\r\nReady\r\n',
};

export class AtHost implements LineDevice {
  readonly #modem: Modem;
  readonly #options: AtHostOptions;
  readonly #send: Send;
  #buffer = '';
  #quoted = false;
  #busy: NodeJS.Timeout | undefined;

  constructor(modem: Modem, options: AtHostOptions, send: Send) {
    this.#modem = modem;
    this.#options = options;
    this.#send = send;
  }

  get memory(): DeviceMemory {
    return this.#modem.memory;
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#busy !== undefined) return;
      this.#take(String.fromCharCode(byte));
    }
  }

  reboot(): void {
    clearTimeout(this.#busy);
    this.#busy = undefined;
    this.#buffer = '';
    this.#quoted = false;
    this.#modem.restart();
    this.#send(Buffer.from(this.#options.banner, 'latin1'));
  }

  swap(): void {
    this.#modem.replace();
  }

  powerOff(): void {
    clearTimeout(this.#busy);
  }

  #take(character: string): void {
    const { terminator, bufferSizeBytes } = this.#options;
    if (!this.#quoted) {
      if (character === '\0') return;
      const ends =
        (terminator === 'cr' && character === '\r') ||
        (terminator === 'lf' && character === '\n') ||
        (terminator === 'crlf' && character === '\n' && this.#buffer.endsWith('\r'));
      if (ends) {
        this.#run();
        return;
      }
    }
    if (this.#buffer.length + 1 > bufferSizeBytes - 1) return;
    this.#buffer += character;
    if (character === '"') this.#quoted = !this.#quoted;
  }

  #run(): void {
    const command = this.#buffer;
    this.#buffer = '';
    this.#quoted = false;
    if (command.trim() === '') return;
    this.#busy = setTimeout(() => {
      this.#busy = undefined;
      this.#send(Buffer.from(this.#modem.execute(command), 'latin1'));
    }, this.#options.executionMs);
  }
}
