// The modem of a simulated nRF91: what it answers to the AT commands of provisioning, with its credential store and the
// keys it made itself. It knows nothing of lines: a command goes in whole, the answer comes out whole.

import { createHash } from 'node:crypto';
import type { DeviceMemory } from '../lineDevice.ts';
import { DeviceKey } from '../proof/deviceKey.ts';
import { type KeygenForm, keygenText } from './keygen.ts';

export interface ModemOptions {
  readonly imei: string;
  readonly deviceUuid: string;
  readonly firmware: string;
  readonly keygenForm: KeygenForm;
  /** The application's reply buffer is too small: OK without a %KEYGEN line. */
  readonly keygenReplyLost: boolean;
  /** Credentials that fit. */
  readonly capacity: number;
  /** The line ends that content must have (527 otherwise); modem firmware 2.0.2 and newer checks. */
  readonly contentLineEnd: 'any' | 'lf' | 'crlf';
  /** The fixture's supply is too low: every write is refused with 528. */
  readonly supplyWarning: boolean;
}

export const defaultModem: ModemOptions = {
  imei: '352656100367872',
  deviceUuid: '50363154-3931-44f0-8022-121b6401627d',
  firmware: 'mfw_nrf91x1_2.0.2',
  keygenForm: {
    nullParameter: false,
    digestWithNullParameter: false,
    signedSecurityTag: false,
    statement: true,
  },
  keygenReplyLost: false,
  capacity: 32,
  contentLineEnd: 'any',
  supplyWarning: false,
};

interface Stored {
  readonly content: Uint8Array;
  /** A key that the modem made: no content that could be read or compared. */
  readonly made?: DeviceKey;
}

const OK = '\r\nOK\r\n';
const PRIVATE_KEY = 2;
const MADE = 'made ';

export class Modem {
  #options: ModemOptions;
  readonly #store = new Map<string, Stored>();
  readonly #identityKey = new DeviceKey();
  #verboseErrors = false;
  #mode = 1;
  #nonce = 0;

  constructor(options: ModemOptions) {
    this.#options = options;
  }

  /** SHA-256 by `tag,type`, as the store lists them: what a test may look at behind the line's back. */
  get digests(): ReadonlyMap<string, string> {
    return new Map([...this.#store].map(([slot, stored]) => [slot, digestOf(stored)]));
  }

  /** The public key of a key made here. */
  madeKey(tag: number): Uint8Array | undefined {
    return this.#store.get(`${tag},${PRIVATE_KEY}`)?.made?.publicKeySpki;
  }

  /** Contents by `tag,type`; a key that was made here as PKCS#8, marked. */
  get memory(): DeviceMemory {
    return {
      save: () =>
        new Map(
          [...this.#store].map(([slot, { content, made }]) =>
            made === undefined ? [slot, content] : [`made ${slot}`, made.pkcs8],
          ),
        ),
      load: (kept) => {
        for (const [name, bytes] of kept) {
          if (!name.startsWith(MADE)) {
            this.#store.set(name, { content: bytes });
            continue;
          }
          const made = new DeviceKey(bytes);
          this.#store.set(name.slice(MADE.length), { content: made.publicKeySpki, made });
        }
      },
    };
  }

  /** Loses what is not stored: the functional mode and the error form. */
  restart(): void {
    this.#mode = 1;
    this.#verboseErrors = false;
  }

  /** Another modem: other identity, empty store. */
  replace(): void {
    const imei = String(Number(this.#options.imei) + 1).padStart(15, '0');
    this.#options = { ...this.#options, imei };
    this.#store.clear();
    this.restart();
  }

  /** The whole answer, line ends and final line included. */
  execute(command: string): string {
    const text = command.trim();
    if (!/^AT/i.test(text)) return '\r\nERROR\r\n';
    const body = text.slice(2);
    const name = /^[+%#]?[A-Za-z]*/.exec(body)?.[0].toUpperCase() ?? '';
    const argument = body.slice(name.length);
    switch (name) {
      case '':
        return body === '' ? OK : this.#error(0);
      case '+CMEE':
        this.#verboseErrors = argument === '=1';
        return OK;
      case '+CFUN':
        return this.#functionalMode(argument);
      case '+CGSN':
        return this.#line(this.#options.imei);
      case '+CGMR':
        return this.#line(this.#options.firmware);
      case '+CGMM':
        return this.#line('nRF9161-LACA');
      case '%XMODEMUUID':
        return this.#line(`%XMODEMUUID: ${this.#options.deviceUuid}`);
      case '%CMNG':
        return this.#credentials(argument);
      case '%KEYGEN':
        return this.#generate(argument);
      default:
        return this.#error(0);
    }
  }

  #line(text: string): string {
    return `\r\n${text}\r\n${OK}`;
  }

  #error(code: number): string {
    return this.#verboseErrors ? `\r\n+CME ERROR: ${code}\r\n` : '\r\nERROR\r\n';
  }

  #functionalMode(argument: string): string {
    if (argument === '?') return this.#line(`+CFUN: ${this.#mode}`);
    const mode = /^=(\d+)$/.exec(argument)?.[1];
    if (mode === undefined) return this.#error(50);
    this.#mode = Number(mode);
    return OK;
  }

  #credentials(argument: string): string {
    const match = /^=(\d)(?:,(\d+)(?:,(\d+)(?:,"([^"]*)")?)?)?$/.exec(argument);
    if (match === null) return this.#error(50);
    const [, operation, tag, type, content] = match;
    if (operation === '1') return this.#list(tag, type);
    if (tag === undefined || type === undefined) return this.#error(50);
    const slot = `${Number(tag)},${Number(type)}`;
    if (operation === '0') return this.#write(slot, content);
    if (operation === '2') return this.#read(slot, Number(type));
    if (operation === '3') return this.#delete(slot);
    return this.#error(50);
  }

  #list(tag: string | undefined, type: string | undefined): string {
    const rows = [...this.#store].filter(([slot]) => {
      const [storedTag, storedType] = slot.split(',');
      return (
        (tag === undefined || storedTag === String(Number(tag))) &&
        (type === undefined || storedType === type)
      );
    });
    const text = rows.map(([slot, stored]) => `\r\n%CMNG: ${slot},"${digestOf(stored).toUpperCase()}"\r\n`);
    return text.join('') + OK;
  }

  #write(slot: string, content: string | undefined): string {
    const refused = this.#refusesChange();
    if (refused !== undefined) return refused;
    if (content === undefined) return this.#error(50);
    if (this.#store.has(slot)) return this.#error(519);
    if (this.#store.size >= this.#options.capacity) return this.#error(515);
    if (!this.#acceptsContent(content)) return this.#error(527);
    this.#store.set(slot, { content: Buffer.from(content, 'latin1') });
    return OK;
  }

  #acceptsContent(content: string): boolean {
    if (!/^-----BEGIN [A-Z ]+-----\r?\n[A-Za-z0-9+/=\r\n]+-----END [A-Z ]+-----\r?\n$/.test(content))
      return false;
    const { contentLineEnd } = this.#options;
    if (contentLineEnd === 'lf') return !content.includes('\r');
    if (contentLineEnd === 'crlf') return !/[^\r]\n/.test(content);
    return true;
  }

  #read(slot: string, type: number): string {
    const stored = this.#store.get(slot);
    if (stored === undefined) return this.#error(513);
    if (type === PRIVATE_KEY) return this.#error(514);
    return this.#line(
      `%CMNG: ${slot},"${digestOf(stored).toUpperCase()}","${Buffer.from(stored.content).toString('latin1')}"`,
    );
  }

  #delete(slot: string): string {
    const refused = this.#refusesChange();
    if (refused !== undefined) return refused;
    return this.#store.delete(slot) ? OK : this.#error(513);
  }

  #refusesChange(): string | undefined {
    if (this.#mode !== 4 && this.#mode !== 0) return this.#error(518);
    return this.#options.supplyWarning ? this.#error(528) : undefined;
  }

  #generate(argument: string): string {
    const match = /^=(\d+),(\d+),0$/.exec(argument);
    const version = /_(\d+)\.(\d+)\./.exec(this.#options.firmware);
    const knows = Number(version?.[1]) > 1 || (Number(version?.[1]) === 1 && Number(version?.[2]) >= 3);
    if (!knows) return this.#error(0);
    if (match === null || Number(match[2]) !== PRIVATE_KEY) return this.#error(50);
    const refused = this.#refusesChange();
    if (refused !== undefined) return refused;
    const securityTag = Number(match[1]);
    const slot = `${securityTag},${PRIVATE_KEY}`;
    if (this.#store.has(slot)) return this.#error(519);
    const key = new DeviceKey();
    this.#store.set(slot, { content: key.publicKeySpki, made: key });
    if (this.#options.keygenReplyLost) return OK;
    this.#nonce += 1;
    const facts = {
      deviceUuid: this.#options.deviceUuid,
      securityTag,
      nonce: new Uint8Array(16).fill(this.#nonce),
    };
    return this.#line(`%KEYGEN: "${keygenText(key, this.#identityKey, facts, this.#options.keygenForm)}"`);
  }
}

const digestOf = (stored: Stored): string => createHash('sha256').update(stored.content).digest('hex');
