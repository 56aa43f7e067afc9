// A simulated MicroPython board: the friendly REPL, the raw REPL, and raw-paste mode with its windows. What the code does
// is left to an interpreter, so that tests can put a real one behind it.

import type { DeviceMemory, LineDevice, Send } from '../lineDevice.ts';

export interface Outcome {
  readonly output: string;
  /** A traceback; empty when all went well. */
  readonly failure: string;
}

export interface Interpreter {
  /** What its file system keeps. */
  readonly memory?: DeviceMemory;
  run(code: string): Outcome | Promise<Outcome>;
  /** A soft reset: variables are gone, files stay. */
  restart(): void;
  /** Another board. */
  replace(): void;
}

export interface BoardOptions {
  /** Firmware 1.15 and older has none. */
  readonly rawPaste: 'yes' | 'refused' | 'unknown';
  /** Half the receive buffer; the default of the real firmware is 128. */
  readonly windowBytes: number;
  /** A program that ignores Ctrl-C holds the line. */
  readonly holdsLine: boolean;
}

export const defaultBoard: BoardOptions = { rawPaste: 'yes', windowBytes: 128, holdsLine: false };

const RAW_BANNER = 'raw REPL; CTRL-B to exit\r\n>';
const PROMPT =
  '\r\nMicroPython v1.24.1 on 2024-11-29; Raspberry Pi Pico with RP2040\r\nType "help()" for more information.\r\n>>> ';
/** The chip's own reset, which no interpreter could play. */
const RESET = /\bmachine\.reset\(\)/;
const CODE_LIMIT = 64 * 1024;

type Mode = 'friendly' | 'raw' | 'paste' | 'busy';

export class MicropythonBoard implements LineDevice {
  readonly #interpreter: Interpreter;
  readonly #options: BoardOptions;
  readonly #send: Send;
  #mode: Mode = 'friendly';
  #code = '';
  #window = 0;
  #generation = 0;

  constructor(interpreter: Interpreter, options: BoardOptions, send: Send) {
    this.#interpreter = interpreter;
    this.#options = options;
    this.#send = send;
  }

  receive(bytes: Uint8Array): void {
    if (this.#options.holdsLine) return;
    for (const byte of bytes) this.#take(byte);
  }

  reboot(): void {
    this.#generation += 1;
    this.#interpreter.restart();
    this.#mode = 'friendly';
    this.#code = '';
    this.#say(`\r\nMPY: soft reboot${PROMPT}`);
  }

  swap(): void {
    this.#interpreter.replace();
  }

  get memory(): DeviceMemory | undefined {
    return this.#interpreter.memory;
  }

  powerOff(): void {
    this.#generation += 1;
  }

  #take(byte: number): void {
    switch (this.#mode) {
      case 'busy':
        return;
      case 'friendly':
        this.#friendly(byte);
        return;
      case 'raw':
        this.#raw(byte);
        return;
      case 'paste':
        this.#paste(byte);
        return;
    }
  }

  #friendly(byte: number): void {
    if (byte === 0x01) this.#enterRaw();
    else if (byte === 0x03) this.#say('\r\nKeyboardInterrupt: \r\n>>> ');
    else if (byte === 0x0d) this.#say('\r\n>>> ');
    else if (byte >= 0x20) this.#say(String.fromCharCode(byte));
  }

  #raw(byte: number): void {
    if (byte === 0x01) this.#enterRaw();
    else if (byte === 0x02) {
      this.#mode = 'friendly';
      this.#say(PROMPT);
    } else if (byte === 0x03) {
      this.#code = '';
    } else if (byte === 0x04) {
      this.#say('OK');
      this.#execute();
    } else {
      this.#code = (this.#code + String.fromCharCode(byte)).slice(-CODE_LIMIT);
      if (this.#code === '\x05A') this.#expectPasteRequest();
    }
  }

  /** `05 41 01`: the 01 would also enter the raw REPL, so old firmware answers with the banner. */
  #expectPasteRequest(): void {
    const { rawPaste } = this.#options;
    if (rawPaste === 'unknown') return;
    this.#mode = 'paste';
    this.#window = -1;
  }

  #paste(byte: number): void {
    if (this.#window < 0) {
      this.#code = '';
      if (this.#options.rawPaste === 'refused') {
        this.#mode = 'raw';
        this.#send(Uint8Array.of(0x52, 0x00));
        return;
      }
      this.#window = this.#options.windowBytes;
      // The size says that one window is free, the mark after it that a second one is (shared/runtime/pyexec.c).
      this.#send(Uint8Array.of(0x52, 0x01, this.#window & 0xff, this.#window >> 8, 0x01));
      return;
    }
    if (byte === 0x04) {
      this.#send(Uint8Array.of(0x04));
      this.#execute();
      return;
    }
    this.#code = (this.#code + String.fromCharCode(byte)).slice(-CODE_LIMIT);
    this.#window -= 1;
    // The next window is granted when one is used up, while the host may be in the middle of another.
    if (this.#window === 0) {
      this.#window = this.#options.windowBytes;
      this.#send(Uint8Array.of(0x01));
    }
  }

  #enterRaw(): void {
    this.#mode = 'raw';
    this.#code = '';
    this.#say(`\r\n${RAW_BANNER}`);
  }

  #execute(): void {
    const code = this.#code;
    const generation = this.#generation;
    this.#code = '';
    if (RESET.test(code)) {
      this.reboot();
      return;
    }
    this.#mode = 'busy';
    void Promise.resolve(this.#interpreter.run(code)).then(({ output, failure }) => {
      if (generation !== this.#generation) return;
      this.#mode = 'raw';
      this.#say(`${output}\x04${failure}\x04>`);
    });
  }

  #say(text: string): void {
    this.#send(Buffer.from(text, 'latin1'));
  }
}
