// A simulated FreeRTOS device with the `pki` and `conf` commands: it echoes, has a small receive buffer that loses what
// comes too fast, and never shows a private key.

import type { DeviceMemory, LineDevice, Send } from '../lineDevice.ts';
import { DeviceKey } from '../proof/deviceKey.ts';

export interface FreertosOptions {
  readonly thingName: string;
  /** Bytes that it takes at once; the console task empties the buffer every millisecond. */
  readonly receiveBufferBytes: number;
  readonly pemMaxLength: number;
  /** Its storage takes no certificate more. */
  readonly full?: boolean;
}

export const defaultFreertos: FreertosOptions = {
  thingName: 'stm32u5-0001',
  receiveBufferBytes: 128,
  pemMaxLength: 2_048,
};

const PROMPT = '> ';

export class FreertosDevice implements LineDevice {
  readonly certificates = new Map<string, string>();
  readonly #options: FreertosOptions;
  readonly #send: Send;
  readonly #keys = new Map<string, DeviceKey>();
  #thingName: string;
  #buffer: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #line = '';
  #importing: { readonly label: string; lines: string[]; blank: number } | undefined;

  constructor(options: FreertosOptions, send: Send) {
    this.#options = options;
    this.#thingName = options.thingName;
    this.#send = send;
  }

  /** Certificates as text, keys as PKCS#8 under the labels that name them. */
  get memory(): DeviceMemory {
    return {
      save: () =>
        new Map<string, Uint8Array>([
          ...[...this.certificates].map(
            ([label, text]) => [`certificate ${label}`, Buffer.from(text)] as const,
          ),
          ...[...this.#keys].map(([label, key]) => [`key ${label}`, key.pkcs8] as const),
        ]),
      load: (kept) => {
        for (const [name, bytes] of kept) {
          const [kind, label = ''] = name.split(' ');
          if (kind === 'key') this.#keys.set(label, new DeviceKey(bytes));
          else this.certificates.set(label, Buffer.from(bytes).toString('latin1'));
        }
      },
    };
  }

  receive(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#buffer.length < this.#options.receiveBufferBytes) this.#buffer.push(byte);
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const byte of this.#buffer.splice(0)) this.#type(byte);
    }, 1);
  }

  reboot(): void {
    this.powerOff();
    this.#buffer = [];
    this.#line = '';
    this.#importing = undefined;
    this.#say(`\r\nFreeRTOS 10.5.1 starting\r\n${PROMPT}`);
  }

  swap(): void {
    this.#thingName = `${this.#thingName}-b`;
    this.certificates.clear();
    this.#keys.clear();
  }

  powerOff(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #type(byte: number): void {
    if (byte === 0x03) {
      this.#line = '';
      this.#importing = undefined;
      this.#say(`\r\n${PROMPT}`);
      return;
    }
    if (byte === 0x0a) {
      this.#endLine();
      return;
    }
    if (byte < 0x20) return;
    this.#line = (this.#line + String.fromCharCode(byte)).slice(0, 256);
    this.#say(String.fromCharCode(byte));
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = '';
    this.#say('\r\n');
    if (this.#importing !== undefined) {
      this.#takePemLine(line);
      return;
    }
    if (line.trim() !== '') this.#run(line.trim().split(/\s+/));
    if (this.#importing === undefined) this.#say(PROMPT);
  }

  #run(words: readonly string[]): void {
    const [command, verb, object, label = '', second = ''] = words;
    if (command === 'conf' && verb === 'get') {
      this.#say(`thing_name="${this.#thingName}"\r\nmqtt_endpoint=""\r\n`);
      return;
    }
    if (command !== 'pki') {
      this.#say(`<ERR> Unknown command: ${command}\r\n`);
      return;
    }
    if (verb === 'generate' && object === 'key') this.#generate(label, second);
    else if (verb === 'generate' && object === 'csr') this.#request(label);
    else if (verb === 'export' && object === 'cert')
      this.#say(this.certificates.get(label) ?? '<ERR> Certificate not found.\r\n');
    else if (verb === 'export' && object === 'key') this.#exportKey(label);
    else if (verb === 'import' && object === 'cert') this.#importing = { label, lines: [], blank: 0 };
    else this.#say('<ERR> Invalid arguments.\r\n');
  }

  #generate(publicLabel: string, privateLabel: string): void {
    const key = new DeviceKey();
    this.#keys.set(publicLabel, key);
    this.#keys.set(privateLabel, key);
    this.#exportKey(publicLabel);
  }

  #request(label: string): void {
    const key = this.#keys.get(label);
    if (key === undefined) this.#say('<ERR> Failed to load private key.\r\n');
    else
      this.#say(
        pemOf('CERTIFICATE REQUEST', key.request({ commonName: this.#thingName, nullParameter: false })),
      );
  }

  #exportKey(label: string): void {
    const key = this.#keys.get(label);
    this.#say(key === undefined ? '<ERR> Key not found.\r\n' : pemOf('PUBLIC KEY', key.publicKeySpki));
  }

  #takePemLine(line: string): void {
    const importing = this.#importing;
    if (importing === undefined) return;
    importing.blank = line === '' ? importing.blank + 1 : 0;
    if (line !== '') importing.lines.push(line);
    const length = importing.lines.reduce((sum, text) => sum + text.length + 1, 0);
    if (importing.blank < 2 && length <= this.#options.pemMaxLength) return;
    this.#importing = undefined;
    const text = `${importing.lines.join('\r\n')}\r\n`;
    if (this.#options.full === true) {
      this.#say('<ERR> Failed to write certificate.\r\n');
    } else if (
      /^-----BEGIN CERTIFICATE-----\r\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\r\n$/.test(text)
    ) {
      this.certificates.set(importing.label, text);
      this.#say(text);
    } else {
      this.#say('<ERR> Failed to parse certificate.\r\n');
    }
    this.#say(PROMPT);
  }

  #say(text: string): void {
    this.#send(Buffer.from(text, 'latin1'));
  }
}

const pemOf = (label: string, der: Uint8Array): string => {
  const rows =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...rows, `-----END ${label}-----`, ''].join('\r\n');
};
