// Enough of Python for a training device: the statements that a station sends, on files in memory. A real interpreter
// can take its place (tests do that).

import { createHash } from 'node:crypto';
import { filesMemory } from '../keptDevice.ts';
import type { Interpreter, Outcome } from './board.ts';

export interface SmallInterpreterOptions {
  readonly uniqueId: string;
  /** Some ports leave hashlib out. */
  readonly hashlib: boolean;
  /** CircuitPython while its drive is mounted. */
  readonly readOnly: boolean;
  readonly capacityBytes: number;
}

export const defaultSmallInterpreter: SmallInterpreterOptions = {
  uniqueId: 'e660583883724a32',
  hashlib: true,
  readOnly: false,
  capacityBytes: 100_000,
};

class PythonError extends Error {}

export class SmallInterpreter implements Interpreter {
  readonly files = new Map<string, Buffer>();
  readonly memory = filesMemory(this.files);
  readonly #options: SmallInterpreterOptions;
  #uniqueId: string;
  #openForWriting: string | undefined;

  constructor(options: SmallInterpreterOptions) {
    this.#options = options;
    this.#uniqueId = options.uniqueId;
  }

  run(code: string): Outcome {
    try {
      return { output: this.#run(code), failure: '' };
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      const trace = `Traceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\n${error.message}\r\n`;
      return { output: '', failure: trace };
    }
  }

  restart(): void {
    this.#openForWriting = undefined;
  }

  replace(): void {
    this.#uniqueId = this.#uniqueId.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    this.files.clear();
  }

  #run(code: string): string {
    const write = /^w\(b'((?:\\x[0-9a-f]{2})*)'\)$/.exec(code);
    if (write !== null) return this.#write(Buffer.from((write[1] ?? '').replaceAll('\\x', ''), 'hex'));
    if (code.includes('f.tell()')) return `KL-position ${this.#file(this.#openForWriting ?? '').length}\r\n`;
    const path = /(?:open|stat)\('([^']+)'/.exec(code)?.[1] ?? '';
    if (code.includes('sys.implementation')) return this.#identify();
    if (code.includes("'wb'")) return this.#create(path);
    if (code.startsWith('f.close()')) {
      this.restart();
      return '';
    }
    if (code.includes('os.stat')) return `KL-there ${this.files.has(path) ? 'yes' : 'no'}\r\n`;
    if (code.includes('hashlib.sha256()')) return this.#digest(path);
    if (code.includes('KL-data')) return this.#dump(path);
    throw new PythonError('SyntaxError: invalid syntax');
  }

  #identify(): string {
    return [
      'KL-firmware micropython 1.24.1 rp2',
      `KL-id ${this.#uniqueId}`,
      `KL-hash ${this.#options.hashlib ? 'yes' : 'no'}`,
      '',
    ].join('\r\n');
  }

  #create(path: string): string {
    if (this.#options.readOnly) throw new PythonError('OSError: [Errno 30] Read-only filesystem');
    this.files.set(path, Buffer.alloc(0));
    this.#openForWriting = path;
    return '';
  }

  #write(content: Buffer): string {
    const path = this.#openForWriting;
    if (path === undefined) throw new PythonError("NameError: name 'w' isn't defined");
    const size = [...this.files.values()].reduce((sum, file) => sum + file.length, content.length);
    if (size > this.#options.capacityBytes) throw new PythonError('OSError: [Errno 28] ENOSPC');
    this.files.set(path, Buffer.concat([this.#file(path), content]));
    return `${content.length}\r\n`;
  }

  #digest(path: string): string {
    if (!this.#options.hashlib) throw new PythonError("ImportError: no module named 'hashlib'");
    return `KL-sha256 ${createHash('sha256').update(this.#file(path)).digest('hex')}\r\n`;
  }

  #dump(path: string): string {
    const rows =
      this.#file(path)
        .toString('hex')
        .match(/.{1,96}/g) ?? [];
    return rows.map((row) => `KL-data ${row}\r\n`).join('');
  }

  #file(path: string): Buffer {
    const content = this.files.get(path);
    if (content === undefined) throw new PythonError('OSError: [Errno 2] ENOENT');
    return content;
  }
}
