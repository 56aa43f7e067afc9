// The arguments of the `cred` commands: tags, types, backends, formats, and the messages for those that are none.

import { CREDENTIAL_TYPES, type CredentialType, NO_TAG } from '../credentialStore.ts';
import type { Terminal } from '../shell/terminal.ts';

/** The first name of a type is used in messages, the last in lists. */
const TYPE_NAMES: Readonly<Record<CredentialType, readonly string[]>> = {
  CA_CERT: ['CA_CERT', 'CA'],
  SERVER_CERT: ['SERVER_CERT', 'CLIENT_CERT', 'SELF_CERT', 'SELF', 'CLIENT', 'SERV'],
  PRIVATE_KEY: ['PRIVATE_KEY', 'PK'],
  PRIVATE_KEY_PSA: ['PRIVATE_KEY_PSA', 'PK_PSA'],
  PRE_SHARED_KEY: ['PRE_SHARED_KEY', 'PSK'],
  PRE_SHARED_KEY_ID: ['PRE_SHARED_KEY_ID', 'PSK_ID'],
};

export const compactTypeName = (type: CredentialType): string => TYPE_NAMES[type].at(-1) ?? type;

export interface StorageFormat {
  readonly base64: boolean;
  /** One NUL is stored after the content. */
  readonly terminated: boolean;
}

const FORMATS: Readonly<Record<string, StorageFormat>> = {
  bin: { base64: true, terminated: false },
  bint: { base64: true, terminated: true },
  str: { base64: false, terminated: false },
  strt: { base64: false, terminated: true },
};

export class ArgumentReader {
  #terminal: Terminal;
  #wordSizeBytes: number;

  constructor(terminal: Terminal, wordSizeBytes: number) {
    this.#terminal = terminal;
    this.#wordSizeBytes = wordSizeBytes;
  }

  /** A security tag: read as an unsigned long, then cut to a signed 32-bit number. */
  tag(word: string, options: { readonly orAny: boolean }): number | undefined {
    if (options.orAny && word.toLowerCase() === 'any') return NO_TAG;
    const limit = 2n ** BigInt(8 * this.#wordSizeBytes);
    if (!/^[0-9]+$/.test(word) || BigInt(word) >= limit) return this.#invalid(word, 'sectag');
    return Number(BigInt.asIntN(32, BigInt(word)));
  }

  type(word: string): CredentialType | undefined {
    const upper = word.toUpperCase();
    return (
      CREDENTIAL_TYPES.find((type) => TYPE_NAMES[type].includes(upper)) ??
      this.#invalid(word, 'credential type')
    );
  }

  typeOrAny(word: string): CredentialType | 'any' | undefined {
    return word.toLowerCase() === 'any' ? 'any' : this.type(word);
  }

  backend(word: string): true | undefined {
    return word.toLowerCase() === 'default' ? true : this.#invalid(word, 'backend');
  }

  format(word: string): StorageFormat | undefined {
    const name = word.toLowerCase();
    return Object.hasOwn(FORMATS, name) ? FORMATS[name] : this.#invalid(word, 'storage format');
  }

  #invalid(word: string, what: string): undefined {
    this.#terminal.print('red', `${word} is not a valid ${what}.\n`);
    return undefined;
  }
}
