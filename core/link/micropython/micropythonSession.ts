// One MicroPython board: who it is, files written in pieces, each hashed on the board or read back.

import type { CertificateItem, CredentialItem } from '../../domain/credential.ts';
import { parseHardwareId, quoteForDisplay } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import { storedContent, storedContentMaxSize } from '../cellular/content.ts';
import type { ItemPaths } from '../plan/itemPaths.ts';
import { ItemSession, type WriteOptions } from '../plan/itemSession.ts';
import { restartBy } from '../restart.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import type { MicropythonOptions } from './options.ts';
import type { RawRepl } from './rawRepl.ts';

const PIECE_BYTES = 256;
const CALL_START = Buffer.from("w(b'", 'latin1');
const CALL_END = Buffer.from("')", 'latin1');
const HEX_DIGITS = Buffer.from('0123456789abcdef', 'latin1');
const BACKSLASH = 0x5c;
const LETTER_X = 0x78;
/** One line each, so that a stray line of the program's own output does not shift the others. */
const IDENTIFY = [
  'import sys',
  "print('KL-firmware', sys.implementation.name, '.'.join(str(n) for n in sys.implementation.version[:3]), sys.platform)",
  'try:',
  ' import machine,binascii',
  " print('KL-id', binascii.hexlify(machine.unique_id()).decode())",
  'except (ImportError, AttributeError):',
  ' import microcontroller,binascii',
  " print('KL-id', binascii.hexlify(microcontroller.cpu.uid).decode())",
  'try:',
  ' import hashlib; hashlib.sha256',
  " print('KL-hash yes')",
  'except (ImportError, AttributeError):',
  " print('KL-hash no')",
].join('\n');

/** A reset of the chip, not only of the interpreter. On a board with its own USB the port goes, too. */
const RESTART = [
  'try:',
  ' import machine;machine.reset()',
  'except (ImportError, AttributeError):',
  ' import microcontroller;microcontroller.reset()',
].join('\n');

export class MicropythonSession extends ItemSession {
  readonly #repl: RawRepl;
  readonly #stream: ByteStream;
  readonly #options: MicropythonOptions;
  readonly #paths: ItemPaths;
  #hashes = true;
  #restarted = false;

  constructor(repl: RawRepl, stream: ByteStream, options: MicropythonOptions, paths: ItemPaths) {
    super(repl.questions);
    this.#repl = repl;
    this.#stream = stream;
    this.#options = options;
    this.#paths = paths;
  }

  async identify(): Promise<DeviceIdentity> {
    const facts = await this.#facts();
    this.#hashes = facts.hash === 'yes';
    this.meet(facts.id);
    return {
      hardwareId: parseHardwareId(`uid:${facts.id}`),
      hardwareIdSource: 'silicon',
      firmware: facts.firmware,
      capabilities: { digest: this.#hashes, rawPaste: this.#repl.rawPaste },
      occupied: await this.slots(),
      custodyOffered: ['station-memory'],
    };
  }

  async restart(): Promise<boolean> {
    const send = async (): Promise<boolean> => {
      await this.#run(RESTART);
      return false;
    };
    // The code never comes to its end: silence, or the noise of a start where its output should be.
    this.#restarted = await restartBy(send, ['device_answer_invalid']);
    return this.#restarted;
  }

  holdsBeginning(item: 'ca' | 'certificate', der: Uint8Array, storedSha256: Sha256Hex): Promise<boolean> {
    return this.beginsAs(item, this.content(item, der), storedSha256);
  }

  protected override planSummary(): JsonObject {
    return { paths: this.#paths.summary };
  }

  protected override installEvidence(): JsonObject {
    return { rawPaste: this.#repl.rawPaste };
  }

  protected content(item: CertificateItem, der: Uint8Array): Uint8Array {
    return storedContent(item, der, this.#form).bytes;
  }

  protected override get passwordLimitBytes(): number {
    return this.#options.maxSizeBytes;
  }

  protected room(item: CertificateItem, derSizeBytes: number) {
    const sizeBytes = storedContentMaxSize(item, derSizeBytes, this.#form);
    return { sizeBytes, limitBytes: this.#options.maxSizeBytes };
  }

  protected async leave(): Promise<void> {
    // A board that has just restarted runs its program, and must not be stopped again.
    if (!this.#restarted) await this.#repl.leave().catch(() => {});
    this.#stream.release();
  }

  get #form() {
    const { encoding, privateKey, maxSizeBytes } = this.#options;
    return { encoding, privateKey, maxSizeBytes, lineEnd: 'lf' } as const;
  }

  protected async write(item: CredentialItem, content: Uint8Array, { onPiece }: WriteOptions): Promise<void> {
    const path = this.#paths.of(item);
    await this.#run(`f=open('${path}','wb');w=f.write`);
    for (let offset = 0; offset < content.length; offset += PIECE_BYTES) {
      const piece = content.subarray(offset, offset + PIECE_BYTES);
      const shownAs = `w(b'…') # ${piece.length} bytes of ${item}`;
      await this.questions.order(
        shownAs,
        async () => void (await this.#repl.run({ code: writeCall(piece), shownAs })),
        async () => (await this.#position()) === offset + piece.length,
      );
      onPiece(piece.length);
    }
    // sync() where there is one: what is only in the board's cache does not survive a power cut.
    await this.#run('f.close()\ntry:\n import os;os.sync()\nexcept AttributeError:pass');
  }

  /** How far the open file has come; what stands in it is hashed when it is closed. */
  #position(): Promise<number> {
    return this.#ask('position', "print('KL-position',f.tell())", (output) =>
      Number(fact(output, 'position', /^\d{1,9}$/)),
    );
  }

  #digest(item: CredentialItem): Promise<Sha256Hex> {
    const path = this.#paths.of(item);
    const code = [
      'import hashlib,binascii',
      'h=hashlib.sha256()',
      `f=open('${path}','rb')`,
      'while 1:',
      ' b=f.read(256)',
      ' if not b:break',
      ' h.update(b)',
      'f.close()',
      "print('KL-sha256',binascii.hexlify(h.digest()).decode())",
    ].join('\n');
    const read = (output: string) => fact(output, 'sha256', /^[0-9a-f]{64}$/) as Sha256Hex;
    return this.#ask(`SHA-256 of ${path}`, code, read);
  }

  protected async read(item: CredentialItem): Promise<Uint8Array> {
    const code = [
      'import binascii',
      `f=open('${this.#paths.of(item)}','rb')`,
      'while 1:',
      ' b=f.read(48)',
      ' if not b:break',
      " print('KL-data',binascii.hexlify(b).decode())",
      'f.close()',
    ].join('\n');
    // The output is not shown: it may be the key.
    return this.#ask(`content of ${this.#paths.of(item)}`, code, (output) => {
      const rows = [...output.matchAll(/^KL-data ([0-9a-f]{2,96})\r?$/gm)].map(([, hex]) => hex ?? '');
      return Uint8Array.from(Buffer.from(rows.join(''), 'hex'));
    });
  }

  protected async slots(): Promise<readonly SlotItem[]> {
    const slots: SlotItem[] = [];
    for (const item of this.#paths.items) {
      const path = this.#paths.of(item);
      const code = `import os\ntry:\n os.stat('${path}');print('KL-there yes')\nexcept OSError:print('KL-there no')`;
      const there = await this.#ask(`is ${path} there`, code, (output) =>
        fact(output, 'there', /^(yes|no)$/),
      );
      if (there === 'no') continue;
      slots.push({ item, sha256: this.#hashes ? await this.#digest(item) : undefined });
    }
    return slots;
  }

  #facts(): Promise<{ readonly id: string; readonly firmware: string; readonly hash: string }> {
    return this.#ask('identity', IDENTIFY, (output) => ({
      id: fact(output, 'id', /^[0-9a-f]{4,64}$/),
      firmware: fact(output, 'firmware', /^[\x20-\x7e]{1,80}$/),
      hash: fact(output, 'hash', /^(yes|no)$/),
    }));
  }

  /** Code that changes nothing on the board; `read` makes sense of what it prints, or throws. */
  #ask<T>(question: string, code: string, read: (output: string) => T): Promise<T> {
    return this.#repl.questions.ask(question, async () => read(await this.#run(code)));
  }

  #run(code: string): Promise<string> {
    return this.#repl.run({ code, shownAs: code });
  }

  protected async readUnit(): Promise<string> {
    return (await this.#facts()).id;
  }
}

/** `w(b'\x..')` as bytes. */
function writeCall(piece: Uint8Array): Uint8Array {
  const code = new Uint8Array(CALL_START.length + 4 * piece.length + CALL_END.length);
  code.set(CALL_START);
  let offset = CALL_START.length;
  for (const byte of piece) {
    code.set([BACKSLASH, LETTER_X, HEX_DIGITS[byte >> 4] ?? 0, HEX_DIGITS[byte & 0x0f] ?? 0], offset);
    offset += 4;
  }
  code.set(CALL_END, offset);
  return code;
}

/** The value of the line that starts with `KL-name`. */
function fact(output: string, name: string, form: RegExp): string {
  const line = output.split('\n').find((text) => text.startsWith(`KL-${name} `));
  const value = line?.slice(name.length + 4).trim() ?? '';
  if (form.test(value)) return value;
  throw new StationError('device_answer_invalid', { what: name, value: quoteForDisplay(value) });
}
