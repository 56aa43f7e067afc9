// The `cred` command: Zephyr's TLS credentials shell as version 4.3.0 answers it.

import { createHash } from 'node:crypto';
import { decodeBase64 } from '../base64.ts';
import { type CredentialType, NO_TAG, type StoredCredential } from '../credentialStore.ts';
import { EBADF, EEXIST, EINVAL, ENOENT, ENOMEM, ENOTSUP } from '../errno.ts';
import type { Command } from '../shell/command.ts';
import type { DeviceContext } from './context.ts';
import { ArgumentReader, compactTypeName, type StorageFormat } from './credentialArguments.ts';
import { CredentialBuffer } from './credentialBuffer.ts';

class CredentialCommands {
  #device: DeviceContext;
  #arguments: ArgumentReader;
  #buffer: CredentialBuffer;

  constructor(device: DeviceContext) {
    this.#device = device;
    this.#arguments = new ArgumentReader(device.terminal, device.build.wordSizeBytes);
    this.#buffer = new CredentialBuffer(device.terminal, device.build.credentialBufferSizeBytes);
  }

  append(words: readonly string[]): number {
    return this.#buffer.appendText(words[1] ?? '');
  }

  clear(): number {
    this.#buffer.set(new Uint8Array(0));
    this.#device.terminal.write('Credential buffer cleared.\n');
    return 0;
  }

  load(): number {
    this.#buffer.clear();
    this.#device.terminal.write('Input credential, finish with CTRL+C.\n');
    this.#device.setBypass((bytes) => this.#buffer.load(bytes));
    return 0;
  }

  /** The buffer is emptied whether the credential was stored or refused. */
  add(words: readonly string[]): number {
    const result = this.#add(words);
    this.#buffer.clear();
    return result;
  }

  #add([
    ,
    tagWord = '',
    typeWord = '',
    backendWord = '',
    formatWord = '',
    inline,
  ]: readonly string[]): number {
    const tag = this.#arguments.tag(tagWord, { orAny: false });
    if (tag === undefined) return EINVAL;
    const type = this.#arguments.type(typeWord);
    if (type === undefined || !this.#arguments.backend(backendWord)) return EINVAL;
    const format = this.#arguments.format(formatWord);
    if (format === undefined) return EINVAL;
    if (inline !== undefined) {
      this.#buffer.clear();
      const result = this.#buffer.appendText(inline);
      if (result !== 0) return result;
    }
    if (this.#buffer.bytes.length === 0) return this.#fail(ENOENT, 'Please provide a credential to add.');
    if (this.#device.store.get(tag, type)) {
      return this.#fail(EEXIST, `TLS credential with sectag ${tag} and type ${type} already exists.`);
    }
    if (!this.#decodeBuffer(format)) {
      return this.#fail(EINVAL, `Could not decode input from base64, error: ${EINVAL}`);
    }
    return this.#store({ tag, type, bytes: this.#buffer.bytes });
  }

  #decodeBuffer(format: StorageFormat): boolean {
    let { bytes } = this.#buffer;
    if (format.base64) {
      const decoded = decodeBase64(Buffer.from(bytes).toString('latin1'));
      if (decoded === undefined) return false;
      bytes = decoded;
    }
    this.#buffer.set(format.terminated ? Uint8Array.of(...bytes, 0) : bytes);
    return true;
  }

  #store(credential: StoredCredential): number {
    const { heap, store, terminal } = this.#device;
    const { tag, type } = credential;
    const { length } = credential.bytes;
    if (heap) {
      if (!heap.hasFreeReference) {
        return this.#fail(
          ENOMEM,
          'No reference slot available, cannot copy credential to heap. Credential will not be stored',
        );
      }
      if (!heap.allocate(length)) {
        return this.#fail(ENOMEM, `Not enough heap for TLS credential of size ${length}.`);
      }
      terminal.print(
        'yellow',
        'Credential has been copied to heap. Memory will be leaked if this credential is deleted without using the shell.\n',
      );
    }
    const result = store.add(credential);
    if (result !== 0) {
      heap?.giveBack(length);
      terminal.print(
        'red',
        `Failed to add TLS credential with sectag ${tag} and type ${type}. Error: ${result}\n.`,
      );
      return result;
    }
    heap?.remember(credential);
    terminal.write(`Added TLS credential of type ${type}, sectag ${tag}, and length ${length} bytes.\n`);
    return 0;
  }

  delete([, tagWord = '', typeWord = '']: readonly string[]): number {
    const { heap, store, terminal } = this.#device;
    const tag = this.#arguments.tag(tagWord, { orAny: false });
    const type = tag === undefined ? undefined : this.#arguments.type(typeWord);
    if (tag === undefined || type === undefined) return EINVAL;
    const credential = store.get(tag, type);
    if (credential === undefined) return this.#notThere(tag, type);
    const released = heap?.release(credential) ?? 'not-ours';
    if (released === 'crashed') {
      this.#device.halt('crash');
      return 0;
    }
    if (released === 'freed') terminal.write('Stored credential freed.\n');
    const result = store.delete(tag, type);
    if (result === 0) terminal.write(`Deleted TLS credential with sectag ${tag} and type ${type}.\n`);
    return result;
  }

  get(words: readonly string[]): number {
    const result = this.#get(words);
    this.#buffer.clear();
    return result;
  }

  #get([, tagWord = '', typeWord = '', formatWord = '']: readonly string[]): number {
    const tag = this.#arguments.tag(tagWord, { orAny: false });
    if (tag === undefined) return EINVAL;
    const type = this.#arguments.type(typeWord);
    if (type === undefined) return EINVAL;
    const format = this.#arguments.format(formatWord);
    if (format === undefined) return EINVAL;
    const credential = this.#device.store.get(tag, type);
    if (credential === undefined) return this.#notThere(tag, type);
    this.#buffer.clear();
    // The buffer is where the credential is copied to: that is why reading one empties it.
    this.#buffer.set(credential.bytes);
    if (!format.terminated) return this.#printContent(credential.bytes, format);
    if (credential.bytes.at(-1) !== 0) {
      return this.#fail(
        EINVAL,
        "The stored credential isn't NULL-terminated, but a NULL-terminated format was specified.",
      );
    }
    const content = credential.bytes.subarray(0, -1);
    this.#buffer.set(content);
    return this.#printContent(content, format);
  }

  #printContent(content: Uint8Array, format: StorageFormat): number {
    const { terminal, build } = this.#device;
    const width = format.base64 ? (build.credentialOutputWidth / 4) * 3 : build.credentialOutputWidth;
    let filtered = false;
    for (let from = 0; from < content.length; from += width) {
      const piece = Buffer.from(content.subarray(from, from + width));
      const text = piece.toString('latin1');
      const printable = text.replace(/[^\x20-\x7e]/g, '?');
      filtered ||= !format.base64 && printable !== text;
      terminal.write(`${format.base64 ? piece.toString('base64') : printable}\n`);
    }
    if (!filtered) return 0;
    terminal.print(
      'yellow',
      'Non-printable characters were included in the output and filtered. Have you selected the correct storage format?\n',
    );
    return EBADF;
  }

  /** Returns 0 even where an argument was refused. */
  list([, tagWord, typeWord]: readonly string[]): number {
    const { store, terminal } = this.#device;
    const tagFilter = tagWord === undefined ? NO_TAG : this.#arguments.tag(tagWord, { orAny: true });
    if (tagFilter === undefined) return 0;
    const typeFilter = typeWord === undefined ? 'any' : this.#arguments.typeOrAny(typeWord);
    if (typeFilter === undefined) return 0;
    let count = 0;
    for (let tag = store.nextTag(NO_TAG); tag !== NO_TAG; tag = store.nextTag(tag)) {
      if (tagFilter !== NO_TAG && tag !== tagFilter) continue;
      for (const credential of store.ofTag(tag)) {
        if (typeFilter !== 'any' && credential.type !== typeFilter) continue;
        count += 1;
        this.#printRow(credential);
      }
    }
    terminal.write(`${count} credentials found.\n`);
    return 0;
  }

  #printRow({ tag, type, bytes }: StoredCredential): void {
    const { build, terminal } = this.#device;
    const name = `${tag},${compactTypeName(type)}`;
    if (!build.digest) {
      terminal.print('red', `${name},ERROR,${ENOTSUP}\n`);
      return;
    }
    const hash = createHash('sha256').update(bytes);
    if (this.#device.faults().corruptDigest) hash.update('corrupt');
    terminal.write(`${name},${hash.digest('base64')},0\n`);
  }

  #notThere(tag: number, type: CredentialType): number {
    return this.#fail(ENOENT, `There is no TLS credential with sectag ${tag} and type ${type}.`);
  }

  #fail(result: number, message: string): number {
    this.#device.terminal.print('red', `${message}\n`);
    return result;
  }
}

export function credentialCommand(device: DeviceContext): Command {
  const commands = new CredentialCommands(device);
  return {
    name: 'cred',
    help: 'TLS Credentials Commands',
    subcommands: [
      {
        name: 'buf',
        help: 'Buffer in credential data so it can be added.',
        mandatory: 2,
        run: (words) => commands.append(words),
        subcommands: [
          { name: 'clear', help: 'Clear the credential buffer', run: () => commands.clear() },
          {
            name: 'load',
            help: 'Load credential directly to buffer so it can be added.',
            run: () => commands.load(),
          },
        ],
      },
      {
        name: 'add',
        help: 'Add a TLS credential.',
        mandatory: 5,
        optional: 1,
        run: (words) => commands.add(words),
      },
      { name: 'del', help: 'Delete a TLS credential.', mandatory: 3, run: (words) => commands.delete(words) },
      {
        name: 'get',
        help: 'Retrieve the contents of a TLS credential',
        mandatory: 4,
        run: (words) => commands.get(words),
      },
      {
        name: 'list',
        help: 'List stored TLS credentials, optionally filtering by type or sectag.',
        mandatory: 1,
        optional: 2,
        run: (words) => commands.list(words),
      },
    ],
  };
}
