// One MicroPython board: who it is, files written in pieces, each hashed on the board or read back.

import type { CredentialItem } from '../../domain/credential.ts';
import { parseHardwareId, quoteForDisplay } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { storedContent, storedContentMaxSize } from '../cellular/content.ts';
import { compareItem, StoredPlan, sha256Hex } from '../plan/storedPlan.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import type { MicropythonOptions } from './options.ts';
import type { RawRepl } from './rawRepl.ts';

const ITEMS: readonly CredentialItem[] = ['ca', 'certificate', 'privateKey'];
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
/** How it looks when the code never comes to its end. */
const RESTARTED: readonly string[] = ['device_silent', 'device_gone', 'device_answer_invalid'];

export class MicropythonSession implements DeviceSession {
  readonly #repl: RawRepl;
  readonly #stream: ByteStream;
  readonly #options: MicropythonOptions;
  readonly #plans: StoredPlan[] = [];
  #id: string | undefined;
  #hashes = true;
  #restarted = false;

  constructor(repl: RawRepl, stream: ByteStream, options: MicropythonOptions) {
    this.#repl = repl;
    this.#stream = stream;
    this.#options = options;
  }

  async identify(): Promise<DeviceIdentity> {
    const facts = await this.#facts();
    this.#id = facts.id;
    this.#hashes = facts.hash === 'yes';
    return {
      hardwareId: parseHardwareId(`uid:${facts.id}`),
      hardwareIdSource: 'silicon',
      firmware: facts.firmware,
      capabilities: { digest: this.#hashes, rawPaste: this.#repl.rawPaste },
      occupied: await this.#slots(),
      custodyOffered: ['station-memory'],
    };
  }

  checkFit(sizes: InstallSizes): void {
    const derSizes = {
      ca: sizes.caDerSizeBytes,
      certificate: sizes.certificateDerMaxSizeBytes,
      privateKey: sizes.privateKeyPkcs8SizeBytes,
    };
    for (const item of ITEMS) {
      const sizeBytes = storedContentMaxSize(item, derSizes[item], this.#form);
      const limitBytes = this.#options.maxSizeBytes;
      if (sizeBytes > limitBytes)
        throw new StationError('credential_too_large', { item, sizeBytes, limitBytes });
    }
  }

  plan(material: InstallMaterial): InstallPlan {
    const leaf = material.chainDer[0];
    const secret = material.privateKeyPkcs8;
    if (leaf === undefined) throw new StationError('internal', { message: 'a chain without a certificate' });
    if (secret === undefined) throw new StationError('custody_not_offered', { custody: 'on-device' });
    const items = new Map<CredentialItem, Uint8Array>([
      ['ca', storedContent('ca', material.caDer, this.#form).bytes],
      ['certificate', storedContent('certificate', leaf, this.#form).bytes],
      ['privateKey', secret.use((der) => storedContent('privateKey', der, this.#form).bytes)],
    ]);
    const plan = new StoredPlan(items, { custody: 'station-memory', paths: this.#options.paths });
    this.#plans.push(plan);
    return plan;
  }

  async install(plan: InstallPlan, options: InstallOptions): Promise<JsonObject> {
    const stored = StoredPlan.of(plan);
    await this.#checkSameDevice();
    const taken = await this.#slots();
    if (taken.length > 0 && !options.replace) {
      throw new StationError('slot_taken', { items: taken.map(({ item }) => item).join(', ') });
    }
    let sentBytes = 0;
    for (const item of stored.items) {
      await this.#write(item, stored.bytes(item), (pieceBytes) => {
        sentBytes += pieceBytes;
        options.onProgress({ sentBytes, totalBytes: stored.totalBytes });
      });
    }
    return { replaced: taken.length, rawPaste: this.#repl.rawPaste };
  }

  async verify(plan: InstallPlan): Promise<readonly ItemVerification[]> {
    const stored = StoredPlan.of(plan);
    await this.#checkSameDevice();
    const results: ItemVerification[] = [];
    for (const item of stored.items) {
      const actual = this.#hashes ? await this.#digest(item) : sha256Hex(await this.#read(item));
      results.push(compareItem(plan, item, this.#hashes ? 'device-digest' : 'read-back', actual));
    }
    return results;
  }

  async restart(): Promise<boolean> {
    try {
      await this.#run(RESTART);
      return false;
    } catch (error) {
      if (!(error instanceof StationError) || !RESTARTED.includes(error.code)) throw error;
      this.#restarted = true;
      return true;
    }
  }

  async close(): Promise<void> {
    for (const plan of this.#plans) plan.wipe();
    // A board that has just restarted runs its program, and must not be stopped again.
    if (!this.#restarted) await this.#repl.leave().catch(() => {});
    this.#stream.release();
  }

  get #form() {
    const { encoding, privateKey, maxSizeBytes } = this.#options;
    return { encoding, privateKey, maxSizeBytes, lineEnd: 'lf' } as const;
  }

  async #write(
    item: CredentialItem,
    content: Uint8Array,
    onPiece: (pieceBytes: number) => void,
  ): Promise<void> {
    const path = this.#options.paths[item];
    await this.#run(`f=open('${path}','wb');w=f.write`);
    for (let offset = 0; offset < content.length; offset += PIECE_BYTES) {
      const piece = content.subarray(offset, offset + PIECE_BYTES);
      await this.#repl.run({ code: writeCall(piece), shownAs: `w(b'…') # ${piece.length} bytes of ${item}` });
      onPiece(piece.length);
    }
    // sync() where there is one: what is only in the board's cache does not survive a power cut.
    await this.#run('f.close()\ntry:\n import os;os.sync()\nexcept AttributeError:pass');
  }

  async #digest(item: CredentialItem): Promise<Sha256Hex | undefined> {
    const path = this.#options.paths[item];
    const output = await this.#run(
      [
        'import hashlib,binascii',
        'h=hashlib.sha256()',
        `f=open('${path}','rb')`,
        'while 1:',
        ' b=f.read(256)',
        ' if not b:break',
        ' h.update(b)',
        'f.close()',
        "print('KL-sha256',binascii.hexlify(h.digest()).decode())",
      ].join('\n'),
    );
    return fact(output, 'sha256', /^[0-9a-f]{64}$/) as Sha256Hex;
  }

  async #read(item: CredentialItem): Promise<Uint8Array> {
    const code = [
      'import binascii',
      `f=open('${this.#options.paths[item]}','rb')`,
      'while 1:',
      ' b=f.read(48)',
      ' if not b:break',
      " print('KL-data',binascii.hexlify(b).decode())",
      'f.close()',
    ].join('\n');
    // The output is not shown: it may be the key.
    const output = await this.#run(code);
    const rows = [...output.matchAll(/^KL-data ([0-9a-f]{2,96})\r?$/gm)].map(([, hex]) => hex ?? '');
    return Uint8Array.from(Buffer.from(rows.join(''), 'hex'));
  }

  async #slots(): Promise<readonly SlotItem[]> {
    const slots: SlotItem[] = [];
    for (const item of ITEMS) {
      const path = this.#options.paths[item];
      const output = await this.#run(
        `import os\ntry:\n os.stat('${path}');print('KL-there yes')\nexcept OSError:print('KL-there no')`,
      );
      if (fact(output, 'there', /^(yes|no)$/) === 'no') continue;
      slots.push({ item, sha256: this.#hashes ? await this.#digest(item) : undefined });
    }
    return slots;
  }

  async #facts(): Promise<{ readonly id: string; readonly firmware: string; readonly hash: string }> {
    const output = await this.#run(IDENTIFY);
    return {
      id: fact(output, 'id', /^[0-9a-f]{4,64}$/),
      firmware: fact(output, 'firmware', /^[\x20-\x7e]{1,80}$/),
      hash: fact(output, 'hash', /^(yes|no)$/),
    };
  }

  #run(code: string): Promise<string> {
    return this.#repl.run({ code, shownAs: code });
  }

  async #checkSameDevice(): Promise<void> {
    const { id } = await this.#facts();
    if (this.#id !== undefined && id !== this.#id) {
      throw new StationError('device_changed', { before: this.#id, now: id });
    }
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
