// The families of modules that are simulated, each with its own commands, names, limits and ways of checking.

import { createHash } from 'node:crypto';
import { filesMemory } from '../keptDevice.ts';
import { ERROR, type ModuleAnswer, type ModuleFamily, OK } from './module.ts';

type Handler = (...groups: readonly string[]) => ModuleAnswer;
export type Command = readonly [RegExp, Handler];

export abstract class Family implements ModuleFamily {
  readonly terminator: 'cr' | 'crlf' = 'cr';
  protected readonly files = new Map<string, Uint8Array>();
  readonly memory = filesMemory(this.files);
  protected abstract readonly commands: readonly Command[];
  /** Sends bytes that are not text, before the rest of an answer. */
  protected raw: (content: Uint8Array) => void = () => {};

  answer(command: string, raw: (content: Uint8Array) => void): ModuleAnswer | undefined {
    this.raw = raw;
    for (const [pattern, handle] of this.commands) {
      const match = pattern.exec(command);
      if (match !== null) return handle(...match.slice(1).map((group) => group ?? ''));
    }
    return undefined;
  }

  clear(): void {
    this.files.clear();
  }

  stored(name: string): Uint8Array | undefined {
    return this.files.get(name);
  }

  protected remove(name: string, missing = ERROR): string {
    return this.files.delete(name) ? OK : missing;
  }

  /** Answers with bytes of a file between two texts. */
  protected show(before: string, content: Uint8Array, after: string): string {
    this.raw(Buffer.concat([Buffer.from(before, 'latin1'), content]));
    return after;
  }
}

const derOf = (content: Uint8Array): Uint8Array => {
  const text = Buffer.from(content).toString('latin1');
  return text.startsWith('-----')
    ? Buffer.from(text.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    : Uint8Array.from(content);
};

/** SARA and its like: MD5 of the DER, replaces without a word, wants keys in their traditional form. */
export class Ublox extends Family {
  protected readonly commands: readonly Command[] = [
    [
      /^AT\+USECMNG=0,(\d),"([^"]{1,32})",(\d+)$/,
      (type, name, size) => this.#write(`${type}`, `${name}`, Number(size)),
    ],
    [/^AT\+USECMNG=2,(\d),"([^"]+)"$/, (type, name) => this.remove(`${type}/${name}`)],
    [/^AT\+USECMNG=3$/, () => this.#list()],
    [/^AT\+USECMNG=4,(\d),"([^"]+)"$/, (type, name) => this.#digest(4, `${type}`, `${name}`)],
  ];

  #write(type: string, name: string, sizeBytes: number): ModuleAnswer {
    if (sizeBytes < 1 || sizeBytes > 8_192)
      return '\r\n+CME ERROR: USECMNG invalid certificate/key format\r\n';
    return {
      mark: '>',
      sizeBytes,
      store: (content) => {
        const text = Buffer.from(content).toString('latin1');
        if (/BEGIN PRIVATE KEY|EC PARAMETERS/.test(text)) {
          return '\r\n+CME ERROR: USECMNG invalid certificate/key format\r\n';
        }
        this.files.set(`${type}/${name}`, content);
        return this.#digest(0, type, name);
      },
    };
  }

  #digest(operation: number, type: string, name: string): string {
    const content = this.files.get(`${type}/${name}`);
    if (content === undefined) return ERROR;
    const md5 = createHash('md5').update(derOf(content)).digest('hex');
    return `\r\n+USECMNG: ${operation},${type},"${name}","${md5}"\r\n${OK}`;
  }

  #list(): string {
    const kinds = ['CA', 'CC', 'PK', 'SC'];
    const rows = [...this.files.keys()].map((file) => {
      const [type, name] = file.split('/');
      return `\r\n"${kinds[Number(type)]}","${name}"${type === '2' ? '' : ',"device","2036/01/01 00:00:00"'}`;
    });
    return `${rows.join('')}\r\n${OK}`;
  }
}

/** BG95 and its like: files, a 16-bit XOR, no overwriting, an acknowledgement each 1024 bytes if asked for. */
export class Quectel extends Family {
  protected readonly commands: readonly Command[] = [
    [
      /^AT\+QFUPL="([^"]+)",(\d+),\d+(,1)?$/,
      (name, size, ack) => this.#write(`${name}`, Number(size), ack !== ''),
    ],
    [/^AT\+QFLST(?:="\*")?$/, () => this.#list()],
    [/^AT\+QFDEL="([^"]+)"$/, (name) => this.remove(`${name}`, '\r\n+CME ERROR: 405\r\n')],
    [/^AT\+QFDWL="([^"]+)"$/, (name) => this.#read(`${name}`)],
  ];

  #write(name: string, sizeBytes: number, acknowledged: boolean): ModuleAnswer {
    if (this.files.has(name)) return '\r\n+CME ERROR: 407\r\n';
    return {
      mark: 'CONNECT',
      sizeBytes,
      ...(acknowledged ? { acknowledge: { everyBytes: 1_024, text: 'A' } } : {}),
      store: (content) => {
        this.files.set(name, content);
        return `\r\n+QFUPL: ${sizeBytes},${xorOf(content)}\r\n${OK}`;
      },
    };
  }

  #list(): string {
    return `${[...this.files].map(([name, content]) => `\r\n+QFLST: "${name}",${content.length}`).join('')}\r\n${OK}`;
  }

  #read(name: string): string {
    const content = this.files.get(name);
    if (content === undefined) return '\r\n+CME ERROR: 405\r\n';
    return this.show('\r\nCONNECT\r\n', content, `\r\n+QFDWL: ${content.length},${xorOf(content)}\r\n${OK}`);
  }
}

const xorOf = (content: Uint8Array): string => {
  const even = Buffer.concat([content, Buffer.alloc(content.length % 2)]);
  let sum = 0;
  for (let offset = 0; offset < even.length; offset += 2) sum ^= even.readUInt16BE(offset);
  return sum.toString(16);
};

/** SIM7600 and A76xx: a list of names, and nothing else to check by. */
export class SimcomA76 extends Family {
  protected readonly commands: readonly Command[] = [
    [
      /^AT\+CCERTDOWN="([^"]{5,108}\.(?:pem|der))",(\d{1,5})$/,
      (name, size) => this.#write(`${name}`, Number(size)),
    ],
    [
      /^AT\+CCERTLIST$/,
      () => `${[...this.files.keys()].map((name) => `\r\n+CCERTLIST: "${name}"`).join('')}\r\n${OK}`,
    ],
    [/^AT\+CCERTDELE="([^"]+)"$/, (name) => this.remove(`${name}`)],
  ];

  #write(name: string, sizeBytes: number): ModuleAnswer {
    if (sizeBytes > 10_240) return ERROR;
    return {
      mark: '>',
      sizeBytes,
      store: (content) => {
        this.files.set(name, content);
        return OK;
      },
    };
  }
}

/** SIM7000, 7070, 7080: a file system that must be opened first. */
export class SimcomSim70 extends Family {
  #open = false;
  protected readonly commands: readonly Command[] = [
    [/^AT\+CFSINIT$/, () => this.#setOpen(true)],
    [/^AT\+CFSTERM$/, () => this.#setOpen(false)],
    [/^AT\+CFSWFILE=3,"([^"]+)",0,(\d+),\d+$/, (name, size) => this.#write(`${name}`, Number(size))],
    [/^AT\+CFSGFIS=3,"([^"]+)"$/, (name) => this.#size(`${name}`)],
    [/^AT\+CFSRFILE=3,"([^"]+)",0,(\d+),0$/, (name, size) => this.#read(`${name}`, Number(size))],
    [/^AT\+CFSDFILE=3,"([^"]+)"$/, (name) => this.remove(`${name}`)],
  ];

  override clear(): void {
    super.clear();
    this.#open = false;
  }

  #setOpen(open: boolean): string {
    if (this.#open === open) return ERROR;
    this.#open = open;
    return OK;
  }

  #write(name: string, sizeBytes: number): ModuleAnswer {
    if (!this.#open || sizeBytes >= 10_240) return ERROR;
    return {
      mark: 'DOWNLOAD',
      sizeBytes,
      store: (content) => {
        this.files.set(name, content);
        return OK;
      },
    };
  }

  #size(name: string): string {
    const content = this.files.get(name);
    return !this.#open || content === undefined ? ERROR : `\r\n+CFSGFIS: ${content.length}\r\n${OK}`;
  }

  #read(name: string, sizeBytes: number): string {
    const content = this.files.get(name);
    if (!this.#open || content === undefined) return ERROR;
    const part = content.subarray(0, sizeBytes);
    return this.show(`\r\n+CFSRFILE: ${part.length}\r\n`, part, `\r\n${OK}`);
  }
}

/** HL78: numbered slots, an end-of-file pattern after the bytes, only lengths to check. */
export class SierraHl78 extends Family {
  #pattern = '';
  protected readonly commands: readonly Command[] = [
    [/^AT\+KPATTERN="([^"]+)"$/, (pattern) => this.#setPattern(`${pattern}`)],
    [
      /^AT\+KCERTSTORE=([01]),(\d+)(?:,(\d))?$/,
      (kind, size, index) => this.#write(`${kind},${index || 0}`, Number(size)),
    ],
    [/^AT\+KPRIVKSTORE=(\d),(\d+)$/, (index, size) => this.#write(`2,${index}`, Number(size))],
    [/^AT\+KCERTDELETE=([01]),(\d)$/, (kind, index) => this.remove(`${kind},${index}`)],
    [/^AT\+KPRIVKDELETE=(\d)$/, (index) => this.remove(`2,${index}`)],
    [/^AT\+KCERTSTORE\?$/, () => this.#list()],
  ];

  #setPattern(pattern: string): string {
    this.#pattern = pattern;
    return OK;
  }

  #write(slot: string, sizeBytes: number): ModuleAnswer {
    if (this.files.has(slot)) return '\r\n+CME ERROR: 931\r\n';
    return {
      mark: 'CONNECT',
      sizeBytes,
      suffix: this.#pattern,
      store: (content) => {
        this.files.set(slot, content);
        return OK;
      },
    };
  }

  #list(): string {
    const kinds = ['root_cert', 'local_cert', 'private_key'];
    const rows = [...this.files].map(([slot, content]) => {
      const [kind, index] = slot.split(',');
      return `\r\n+KCERTSTORE: ${kinds[Number(kind)]},${index},${content.length}`;
    });
    return `${rows.join('')}\r\n${OK}`;
  }
}
