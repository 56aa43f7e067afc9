// A simulated cellular module: commands by line, and the phase in which it takes exactly so many raw bytes. Too few bytes
// time out, one too many begins the next command, as with the real ones.

import type { DeviceMemory, LineDevice, Send } from '../lineDevice.ts';

/** Text is the whole answer; a count opens the data phase. */
export type ModuleAnswer =
  | string
  | {
      readonly mark: string;
      readonly sizeBytes: number;
      /** Said after each so many bytes. */
      readonly acknowledge?: { readonly everyBytes: number; readonly text: string };
      /** Follows the bytes and is eaten. */
      readonly suffix?: string;
      readonly store: (content: Uint8Array) => string;
    };

/** A family's commands over its own store. */
export interface ModuleFamily {
  /** With `cr` a LF that follows is the next thing typed, and in the data phase the first byte of the content. */
  readonly terminator: 'cr' | 'crlf';
  readonly memory: DeviceMemory;
  answer(command: string, raw: (content: Uint8Array) => void): ModuleAnswer | undefined;
  /** Another module: the store is empty. */
  clear(): void;
  /** What is stored under a name, for a test. */
  stored(name: string): Uint8Array | undefined;
}

export const OK = '\r\nOK\r\n';
export const ERROR = '\r\nERROR\r\n';

const RESTART_MS = 20;

export interface ModuleOptions {
  readonly imei: string;
  readonly dataTimeoutMs: number;
  /** The store takes nothing more: announcing content is refused. */
  readonly full?: boolean;
}

// Longer than a loaded computer keeps a sender waiting; real modules wait seconds.
export const defaultModule: ModuleOptions = { imei: '861234567890123', dataTimeoutMs: 1_500 };

export class CellularModule implements LineDevice {
  readonly family: ModuleFamily;
  readonly #options: ModuleOptions;
  readonly #send: Send;
  #imei: string;
  #echo = true;
  #line = '';
  #data: { readonly answer: Exclude<ModuleAnswer, string>; content: number[] } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #restart: NodeJS.Timeout | undefined;

  constructor(family: ModuleFamily, options: ModuleOptions, send: Send) {
    this.family = family;
    this.#options = options;
    this.#imei = options.imei;
    this.#send = send;
  }

  get memory(): DeviceMemory {
    return this.family.memory;
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#data === undefined) this.#type(byte);
      else this.#takeData(byte);
    }
  }

  reboot(): void {
    this.#leaveData();
    this.#line = '';
    this.#echo = true;
    this.#say('\r\nRDY\r\n\r\n+CFUN: 1\r\n');
  }

  swap(): void {
    this.#imei = String(Number(this.#imei) + 1);
    this.family.clear();
  }

  powerOff(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#restart);
  }

  #type(byte: number): void {
    const character = String.fromCharCode(byte);
    if (this.#echo) this.#say(character);
    const crlf = this.family.terminator === 'crlf';
    if (character === (crlf ? '\r' : '\n')) return;
    if (character !== (crlf ? '\n' : '\r')) {
      this.#line = (this.#line + character).slice(-1_024);
      return;
    }
    const line = this.#line.trim();
    this.#line = '';
    if (line !== '') this.#run(line);
  }

  #run(line: string): void {
    if (!/^AT/i.test(line)) {
      this.#say(ERROR);
      return;
    }
    const answer = this.#general(line) ?? this.family.answer(line, (content) => this.#send(content)) ?? ERROR;
    if (typeof answer === 'string') {
      this.#say(answer);
      return;
    }
    if (this.#options.full === true) {
      this.#say(ERROR);
      return;
    }
    this.#data = { answer, content: [] };
    this.#say(answer.mark === '>' ? '\r\n> ' : `\r\n${answer.mark}\r\n`);
    this.#waitForData();
  }

  #general(line: string): string | undefined {
    if (line === 'AT' || line.startsWith('AT+CMEE=')) return OK;
    if (line === 'ATE0' || line === 'ATE1') {
      this.#echo = line === 'ATE1';
      return OK;
    }
    if (line === 'AT+CFUN=1,1' || line === 'AT+CFUN=16' || line === 'AT+RST') {
      this.#restart = setTimeout(() => this.reboot(), RESTART_MS);
      return OK;
    }
    if (line === 'AT+CGSN' || line === 'AT+CGSN=1') return `\r\n${this.#imei}\r\n${OK}`;
    if (line === 'AT+CGMR' || line === 'AT+GMR') return `\r\nFW-01.23\r\n${OK}`;
    return undefined;
  }

  #takeData(byte: number): void {
    const data = this.#data;
    if (data === undefined) return;
    const { sizeBytes, acknowledge, suffix = '', store } = data.answer;
    data.content.push(byte);
    const { length } = data.content;
    if (acknowledge !== undefined && length % acknowledge.everyBytes === 0 && length <= sizeBytes) {
      this.#say(acknowledge.text);
    }
    this.#waitForData();
    if (length < sizeBytes + suffix.length) return;
    const content = Uint8Array.from(data.content.slice(0, sizeBytes));
    this.#leaveData();
    this.#say(store(content));
  }

  #waitForData(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#leaveData();
      this.#say(ERROR);
    }, this.#options.dataTimeoutMs);
  }

  #leaveData(): void {
    clearTimeout(this.#timer);
    this.#data = undefined;
  }

  #say(text: string): void {
    this.#send(Buffer.from(text, 'latin1'));
  }
}
