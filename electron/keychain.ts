// The station's way to the keychain of the operating system, which only main can reach: question and answer, both ends.
// Electron's safeStorage is handed in, so that neither end imports Electron.

import { type Keychain, type KeychainTrouble, keychainRefused } from '../core/application/keychain.ts';

export type KeychainQuestion = { readonly kind: 'keychain'; readonly id: number } & (
  | { readonly ask: 'trouble' }
  | { readonly ask: 'seal'; readonly text: string }
  | { readonly ask: 'open'; readonly text: string }
);

/** `text` answers what was asked; without it, `trouble` says why, and nothing at all means that it can be used. */
export interface KeychainAnswer {
  readonly kind: 'keychain';
  readonly id: number;
  readonly text?: string;
  readonly trouble?: KeychainTrouble | 'sealed-elsewhere';
}

/** What is used of Electron's. */
export interface SafeStorage {
  isEncryptionAvailable(): boolean;
  encryptString(text: string): Buffer;
  decryptString(sealed: Buffer): string;
  /** Linux only. */
  getSelectedStorageBackend?(): string;
}

/** Real stores of secrets. `basic_text` is Chromium's fallback: a key that stands in its source. */
const LINUX_KEYCHAINS: readonly string[] = ['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'];

function troubleOf(storage: SafeStorage, platform: NodeJS.Platform): KeychainTrouble | undefined {
  if (platform === 'linux') {
    const backend = storage.getSelectedStorageBackend?.();
    if (backend === 'basic_text') return 'basic-text';
    if (backend === undefined || !LINUX_KEYCHAINS.includes(backend)) return 'keychain-unavailable';
  }
  return storage.isEncryptionAvailable() ? undefined : 'keychain-unavailable';
}

export const isKeychainQuestion = (message: unknown): message is KeychainQuestion =>
  typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'keychain';

/** Main's end. It keeps nothing and writes nothing. */
export function answerKeychain(
  storage: SafeStorage,
  platform: NodeJS.Platform,
  question: KeychainQuestion,
): KeychainAnswer {
  const { kind, id } = question;
  const trouble = troubleOf(storage, platform);
  if (trouble !== undefined) return { kind, id, trouble };
  try {
    switch (question.ask) {
      case 'trouble':
        return { kind, id };
      case 'seal':
        return { kind, id, text: storage.encryptString(question.text).toString('base64') };
      case 'open':
        return { kind, id, text: storage.decryptString(Buffer.from(question.text, 'base64')) };
    }
  } catch {
    return { kind, id, trouble: question.ask === 'open' ? 'sealed-elsewhere' : 'keychain-unavailable' };
  }
}

type Ask = { readonly ask: 'trouble' } | { readonly ask: 'seal' | 'open'; readonly text: string };

/** The station's end. */
export class KeychainClient implements Keychain {
  readonly #send: (question: KeychainQuestion) => void;
  readonly #waiting = new Map<number, (answer: KeychainAnswer) => void>();
  #nextId = 1;

  constructor(send: (question: KeychainQuestion) => void) {
    this.#send = send;
  }

  /** What main answered. */
  take(answer: KeychainAnswer): void {
    const resolve = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    resolve?.(answer);
  }

  async trouble(): Promise<KeychainTrouble | undefined> {
    const { trouble } = await this.#asked({ ask: 'trouble' });
    return trouble === 'sealed-elsewhere' ? undefined : trouble;
  }

  readonly seal = (text: string): Promise<string> => this.#text({ ask: 'seal', text });
  readonly open = (text: string): Promise<string> => this.#text({ ask: 'open', text });

  async #text(ask: Ask): Promise<string> {
    const { text, trouble } = await this.#asked(ask);
    if (text === undefined) throw keychainRefused(trouble ?? 'keychain-unavailable');
    return text;
  }

  #asked(ask: Ask): Promise<KeychainAnswer> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ kind: 'keychain', id, ...ask });
    });
  }
}
