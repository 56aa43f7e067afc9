// The `nrf_cloud_cred` command of the nRF Connect SDK: a key made on the device, requests signed with it, its public key. As
// nrf_cloud_credentials_shell.c and nrf_cloud_credentials_keygen.c of 2026 answer, with the log lines that say the same.

import { EALREADY, EINVAL, EIO, ENOTSUP } from '../errno.ts';
import type { Command } from '../shell/command.ts';
import type { DeviceContext } from './context.ts';

/** CONFIG_NRF_CLOUD_SEC_TAG, where none is named. */
const DEFAULT_TAG = 16_842_753;
/** PSA_KEY_ID_USER_MIN and _MAX: the tag is the key's number. */
const SMALLEST_TAG = 1;
const LARGEST_TAG = 0x3fff_ffff;
const REQUEST_MAX_BYTES = 512;
const COMMON_NAME_MAX_LENGTH = 64;
const LOG_SOURCE = 'nrf_cloud_credentials_keygen';

/** What the TLS credentials hold of such a key: its number, four bytes. */
function register(device: DeviceContext, tag: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, tag, true);
  device.store.add({ tag, type: 'PRIVATE_KEY_PSA', bytes });
}

/** At start: what PSA has kept is made known to TLS again. */
export function registerKeptKeys(device: DeviceContext): void {
  for (const { tag } of device.vault.entries) register(device, tag);
}

class DeviceKeyCommands {
  readonly #device: DeviceContext;

  constructor(device: DeviceContext) {
    this.#device = device;
  }

  generate([, word]: readonly string[]): number {
    const { terminal, vault } = this.#device;
    const tag = this.#tag(word);
    if (tag === undefined) return EINVAL;
    if (tag < SMALLEST_TAG || tag > LARGEST_TAG) return this.#fail(EINVAL, 'Key generation failed');
    // One static slot holds the number that TLS points to.
    if (vault.entries.some((kept) => kept.tag !== tag)) return this.#fail(ENOTSUP, 'Key generation failed');
    if (vault.get(tag) !== undefined) {
      this.#log('wrn', `Key already exists for sec tag ${tag}; delete it before regenerating`);
      terminal.print('yellow', `Key already exists in sec tag ${tag}. Use 'delete' to remove it first.\n`);
      return EALREADY;
    }
    vault.generate(tag);
    this.#log('inf', `Generated device key in sec tag ${tag}`);
    register(this.#device, tag);
    terminal.write(`Generated device key in sec tag ${tag}\n`);
    return 0;
  }

  request([, word, subject]: readonly string[]): number {
    const { terminal, vault, hardwareId } = this.#device;
    const tag = this.#tag(word);
    if (tag === undefined) return EINVAL;
    const key = vault.get(tag);
    if (key === undefined) return this.#fail(EIO, 'CSR generation failed');
    const commonName = /^CN=([^,=]+)$/.exec(subject ?? `CN=nrf-${hardwareId}`)?.[1];
    if (commonName === undefined || commonName.length > COMMON_NAME_MAX_LENGTH) {
      return this.#fail(EINVAL, 'CSR generation failed');
    }
    const der = key.request({ commonName, nullParameter: false, withoutExtensions: true });
    if (der.length > REQUEST_MAX_BYTES) return this.#fail(EIO, 'CSR generation failed');
    terminal.write(`CSR: ${Buffer.from(der).toString('base64')}\nCSR generation complete\n`);
    return 0;
  }

  delete([, word]: readonly string[]): number {
    const { store, terminal, vault } = this.#device;
    const tag = this.#tag(word);
    if (tag === undefined) return EINVAL;
    store.delete(tag, 'PRIVATE_KEY_PSA');
    vault.delete(tag);
    this.#log('inf', `Deleted device key in sec tag ${tag}`);
    terminal.write(`Deleted device key in sec tag ${tag}\n`);
    return 0;
  }

  publicKey([, word]: readonly string[]): number {
    const { terminal, vault } = this.#device;
    const tag = this.#tag(word);
    if (tag === undefined) return EINVAL;
    const key = vault.get(tag);
    if (key === undefined) return this.#fail(EIO, 'Public key export failed');
    const point = Buffer.from(key.publicPoint).toString('base64');
    terminal.write(`PUBKEY: ${point}\nPublic key export complete\n`);
    return 0;
  }

  #tag(word: string | undefined): number | undefined {
    if (word === undefined) return DEFAULT_TAG;
    if (/^(?:0x[0-9a-f]+|\d+)$/i.test(word)) return Number(word);
    this.#device.terminal.print('red', `Invalid sec tag: ${word}\n`);
    return undefined;
  }

  #fail(result: number, what: string): number {
    this.#device.terminal.print('red', `${what}: ${result}\n`);
    return result;
  }

  #log(level: 'inf' | 'wrn', text: string): void {
    this.#device.log({ level, source: LOG_SOURCE, text });
  }
}

export function deviceKeyCommand(device: DeviceContext): Command {
  const commands = new DeviceKeyCommands(device);
  const withTag = { mandatory: 1, optional: 1 } as const;
  return {
    name: 'nrf_cloud_cred',
    help: 'nRF Cloud on-device credential commands',
    subcommands: [
      {
        name: 'keygen',
        help: 'Generate a device key.',
        ...withTag,
        run: (words) => commands.generate(words),
      },
      {
        name: 'csr',
        help: 'Print a Base64 DER CSR for the device key.',
        mandatory: 1,
        optional: 2,
        run: (words) => commands.request(words),
      },
      { name: 'delete', help: 'Delete the device key.', ...withTag, run: (words) => commands.delete(words) },
      {
        name: 'pubkey',
        help: 'Print the device public key (Base64).',
        ...withTag,
        run: (words) => commands.publicKey(words),
      },
    ],
  };
}
