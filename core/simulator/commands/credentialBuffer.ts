// The buffer that `cred buf` fills piece by piece and `cred add` stores from.

import { ENOMEM } from '../errno.ts';
import type { Terminal } from '../shell/terminal.ts';

const CTRL_C = 0x03;

export class CredentialBuffer {
  #bytes: Uint8Array = new Uint8Array(0);
  #terminal: Terminal;
  #sizeBytes: number;

  constructor(terminal: Terminal, sizeBytes: number) {
    this.#terminal = terminal;
    this.#sizeBytes = sizeBytes;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  set(bytes: Uint8Array): void {
    this.#bytes = bytes;
  }

  /** Empties the buffer and says so if there was anything in it. */
  clear(): void {
    if (this.#bytes.length > 0) this.#terminal.write('Credential buffer cleared.\n');
    this.#bytes = new Uint8Array(0);
  }

  /** Appends one argument and reports its size; without room the whole buffer is lost. */
  appendText(text: string): number {
    const chunk = new Uint8Array(Buffer.from(text, 'latin1'));
    if (!this.#append(chunk)) return ENOMEM;
    this.#terminal.write(`Stored ${chunk.length} bytes.\n`);
    return 0;
  }

  /** Takes raw bytes up to Ctrl-C; what follows it in the same read is dropped. True: loading is over. */
  load(bytes: Uint8Array): boolean {
    const end = bytes.indexOf(CTRL_C);
    if (!this.#append(end < 0 ? bytes : bytes.subarray(0, end))) return true;
    if (end < 0) return false;
    this.#terminal.write(`Stored ${this.#bytes.length} bytes.\n`);
    return true;
  }

  #append(chunk: Uint8Array): boolean {
    if (this.#bytes.length + chunk.length >= this.#sizeBytes) {
      this.#terminal.print(
        'red',
        'Not enough room in credential buffer for provided data. Increase CONFIG_TLS_CREDENTIALS_SHELL_CRED_BUF_SIZE.\n',
      );
      this.clear();
      return false;
    }
    const joined = new Uint8Array(this.#bytes.length + chunk.length);
    joined.set(this.#bytes);
    joined.set(chunk, this.#bytes.length);
    this.#bytes = joined;
    return true;
  }
}
