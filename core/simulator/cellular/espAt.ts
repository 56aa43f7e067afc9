// ESP-AT firmware: not a cellular module, but its manufacturing store is filled by count and bytes like theirs.

import { type Command, Family } from './families.ts';
import { ERROR, type ModuleAnswer, OK } from './module.ts';

/** ESP-AT: manufacturing store in NVS; what was written is read back inside one line. */
export class EspAt extends Family {
  override readonly terminator = 'crlf';
  #unit: number;

  constructor(unit = 1) {
    super();
    this.#unit = unit;
  }

  protected readonly commands: readonly Command[] = [
    [
      /^AT\+SYSMFG=2,"([^"]+)","([^"]+)",8,(\d+)$/,
      (space, key, size) => this.#write(`${space}/${key}`, Number(size)),
    ],
    [/^AT\+SYSMFG=1,"([^"]+)","([^"]+)"$/, (space, key) => this.#read(`${space}`, `${key}`)],
    [/^AT\+SYSMFG=0,"([^"]+)","([^"]+)"$/, (space, key) => this.remove(`${space}/${key}`)],
    [/^AT\+SYSMFG\?$/, () => this.#list()],
    [
      /^AT\+CIPSTAMAC\?$/,
      () => `+CIPSTAMAC:"24:6f:28:aa:bb:${this.#unit.toString(16).padStart(2, '0')}"\r\n${OK}`,
    ],
  ];

  override clear(): void {
    super.clear();
    this.#unit += 1;
  }

  #write(name: string, sizeBytes: number): ModuleAnswer {
    return {
      mark: 'OK\r\n\r\n>',
      sizeBytes,
      store: (content) => {
        this.files.set(name, content);
        return OK;
      },
    };
  }

  #read(space: string, key: string): string {
    const content = this.files.get(`${space}/${key}`);
    if (content === undefined) return ERROR;
    return this.show(`+SYSMFG:"${space}","${key}",8,${content.length},`, content, `\r\n${OK}`);
  }

  #list(): string {
    const rows = [...this.files].map(([name, content]) => {
      const [space, key] = name.split('/');
      return `+SYSMFG:"${space}","${key}",8,${content.length}\r\n`;
    });
    return `${rows.join('')}${OK}`;
  }
}
