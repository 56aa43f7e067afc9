// One module: identified, its credential slots looked at, each item announced by its size and sent, and checked as
// strongly as this module allows.

import type { CertificateItem } from '../../domain/credential.ts';
import { parseHardwareId } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { type AtLine, firstMatch } from '../at/atLine.ts';
import { ItemSession, type WriteOptions } from '../plan/itemSession.ts';
import { ITEMS } from '../plan/material.ts';
import { type StoredPlan, sha256Hex } from '../plan/storedPlan.ts';
import { restartBy } from '../restart.ts';
import { md5Hex, sameHex, xor16 } from './checksum.ts';
import { storedContent, storedContentMaxSize } from './content.ts';
import { type CellularDialect, fillIn, patternFor } from './dialect.ts';

const LONGEST_LIST_LINE = 512;
const isMatch = (match: RegExpExecArray | null): match is RegExpExecArray => match !== null;
type Values = Readonly<Record<string, string>>;
/** A size where the module's list tells one. */
type ListedItem = SlotItem & { readonly sizeBytes: number | undefined };

export class CellularSession extends ItemSession<ListedItem> {
  readonly #line: AtLine;
  readonly #dialect: CellularDialect;
  /** MD5 of each item's DER, where the module digests that and not what was sent. */
  readonly #derDigests = new Map<CertificateItem, string>();

  constructor(line: AtLine, dialect: CellularDialect) {
    super(line.questions);
    this.#line = line;
    this.#dialect = dialect;
  }

  async identify(): Promise<DeviceIdentity> {
    const identity = await this.readUnit();
    this.meet(identity);
    const { firmware, digest, readBack } = this.#dialect;
    const version = await this.#line.question(firmware.command, (answer) => answer);
    return {
      hardwareId: parseHardwareId(`${this.#dialect.identity.prefix}:${identity}`),
      hardwareIdSource: 'silicon',
      firmware: firstMatch(version.lines, new RegExp(firmware.pattern)),
      capabilities: { digest: digest?.kind ?? null, readBack: readBack !== undefined },
      occupied: (await this.slots()).map(({ item }) => ({ item, sha256: undefined })),
      custodyOffered: ['station-memory'],
    };
  }

  restart(): Promise<boolean> {
    const { restart } = this.#dialect;
    return restartBy(
      async () => restart !== undefined && (await this.#line.exchange(restart)).failure === undefined,
    );
  }

  protected content(item: CertificateItem, der: Uint8Array): Uint8Array {
    const { bytes, derMd5 } = storedContent(item, der, this.#dialect.content);
    this.#derDigests.set(item, derMd5);
    return bytes;
  }

  protected room(item: CertificateItem, derSizeBytes: number) {
    const { content } = this.#dialect;
    return {
      sizeBytes: storedContentMaxSize(item, derSizeBytes, content),
      limitBytes: content.maxSizeBytes,
    };
  }

  /** A module that still waits for bytes would take the question for content. */
  protected override get isAskedAfterWriting(): boolean {
    return false;
  }

  protected override beforeWriting(): Promise<void> {
    return this.#tryAll(this.#dialect.write.before);
  }

  protected override afterWriting(): Promise<void> {
    return this.#tryAll(this.#dialect.write.after);
  }

  protected async leave(): Promise<void> {
    this.#line.stream.release();
  }

  protected async write(item: CertificateItem, content: Uint8Array, options: WriteOptions): Promise<void> {
    const { write, digest, remove } = this.#dialect;
    if (options.replaces && remove !== undefined) {
      await this.#line.ask(fillIn(remove.command, this.#dialect.items[item]));
    }
    const values = this.#values(item, content.length);
    const command = fillIn(write.command, values);
    const patience = { silenceMs: write.silenceMs };
    await this.#line.send(command);
    await this.#line.prompt(write.mark, command, patience);
    const send = async (): Promise<readonly string[]> => {
      await this.#sendContent(content, command, options.onPiece);
      return this.#line.accept(await this.#line.answer(command, patience), command);
    };
    const lines =
      item === 'privateKey'
        ? await this.#line.inTheDark(`(${content.length} bytes)`, content, send)
        : await send();
    if (digest?.source === 'write') {
      this.#compareDigest(item, content, this.#digestIn(lines, item, content.length));
    }
  }

  /** Exactly the announced count: one byte short hangs the module, one too many begins the next command. */
  async #sendContent(
    content: Uint8Array,
    command: string,
    onPiece: (pieceBytes: number) => void,
  ): Promise<void> {
    const { pieceBytes, pauseMs, acknowledgement, suffix, silenceMs } = this.#dialect.write;
    for (let offset = 0; offset < content.length; offset += pieceBytes) {
      const piece = content.subarray(offset, offset + pieceBytes);
      await this.#line.stream.write(piece);
      onPiece(piece.length);
      // Nothing but the end mark follows the last piece: nothing to pause for.
      if (pauseMs > 0 && offset + pieceBytes < content.length) await this.#line.stream.pause(pauseMs);
      if (acknowledgement === undefined || piece.length < pieceBytes) continue;
      await this.#line.stream.take(
        (received) => {
          const at = received.indexOf(acknowledgement, 0, 'latin1');
          return at < 0 ? undefined : { value: true, usedBytes: at + acknowledgement.length };
        },
        { awaited: `${acknowledgement} after ${command}`, silenceMs },
      );
    }
    if (suffix !== '') await this.#line.stream.write(Buffer.from(suffix, 'latin1'));
  }

  protected override async verifyItem(
    plan: StoredPlan,
    item: CertificateItem,
    { sizeBytes }: ListedItem,
  ): Promise<ItemVerification> {
    const { digest, readBack } = this.#dialect;
    const content = plan.bytes(item);
    if (sizeBytes !== undefined && sizeBytes !== content.length) {
      throw new StationError('verification_mismatch', {
        item,
        expectedSizeBytes: content.length,
        actualSizeBytes: sizeBytes,
      });
    }
    if (readBack !== undefined) return super.verifyItem(plan, item, { item, sha256: undefined, sizeBytes });
    if (digest !== undefined && digest.source !== 'write') {
      const command = fillIn(digest.source, this.#values(item, content.length));
      const told = await this.#line.question(command, (answer) =>
        this.#digestIn(this.#line.accept(answer, command), item, content.length),
      );
      this.#compareDigest(item, content, told);
    }
    // The module's own digest was compared when it told it; it is no SHA-256.
    const weaker = sizeBytes === undefined ? 'impossible' : 'length-only';
    const check = digest === undefined ? weaker : 'device-digest';
    return { item, check, expectedSha256: sha256Hex(content), actualSha256: undefined };
  }

  /** What the module calls the digest; `device_answer_invalid` where it tells none. */
  #digestIn(lines: readonly string[], item: CertificateItem, sizeBytes: number): string {
    const { digest } = this.#dialect;
    const pattern = digest && patternFor(digest.pattern, this.#values(item, sizeBytes));
    const found = pattern && firstMatch(lines, pattern);
    if (found === undefined) throw new StationError('device_answer_invalid', { what: 'digest', item });
    return found;
  }

  #compareDigest(item: CertificateItem, content: Uint8Array, actual: string): void {
    const isXor = this.#dialect.digest?.kind === 'xor16';
    const expected = isXor ? xor16(content) : (this.#derDigests.get(item) ?? md5Hex(content));
    if (!sameHex(actual, expected)) {
      throw new StationError('verification_mismatch', { item, expected, actual });
    }
  }

  protected async read(item: CertificateItem, sizeBytes: number): Promise<Uint8Array> {
    const { readBack } = this.#dialect;
    if (readBack === undefined) throw new StationError('internal', { message: 'no read-back' });
    const values = this.#values(item, sizeBytes);
    const command = fillIn(readBack.command, values);
    const head = patternFor(readBack.head, values);
    const read = async (): Promise<Uint8Array> => {
      await this.#tryAll(readBack.before);
      await this.#line.send(command);
      await this.#line.stream.take(
        (received) => {
          const match = head.exec(received.toString('latin1'));
          return match === null ? undefined : { value: true, usedBytes: match.index + match[0].length };
        },
        { awaited: `content after ${command}` },
      );
      const content = await this.#line.stream.takeBytes(sizeBytes, { awaited: 'content' });
      this.#line.accept(await this.#line.answer(command), command);
      await this.#tryAll(readBack.after);
      return content;
    };
    return this.#line.questions.ask(command, () => this.#line.inTheDark(command, new Uint8Array(0), read));
  }

  protected slots(): Promise<readonly ListedItem[]> {
    return this.#line.questions.ask('list', () => this.#list());
  }

  async #list(): Promise<readonly ListedItem[]> {
    const { list, items } = this.#dialect;
    const slots: ListedItem[] = [];
    await this.#tryAll(list.before);
    let lines: readonly string[] | undefined;
    for (const item of ITEMS) {
      if (lines === undefined || list.command.includes('{')) {
        lines = (await this.#line.exchange(fillIn(list.command, items[item]))).lines;
      }
      const found = patternFor(list.pattern, items[item]);
      const match = lines.map((line) => found.exec(line.slice(0, LONGEST_LIST_LINE))).find(isMatch);
      if (match === undefined) continue;
      slots.push({
        item,
        sha256: undefined,
        sizeBytes: match[1] === undefined ? undefined : Number(match[1]),
      });
    }
    await this.#tryAll(list.after);
    return slots;
  }

  async #tryAll(commands: readonly string[]): Promise<void> {
    for (const command of commands) await this.#line.exchange(command);
  }

  #values(item: CertificateItem, sizeBytes: number): Values {
    return { ...this.#dialect.items[item], size: String(sizeBytes) };
  }

  protected readUnit(): Promise<string> {
    const { command, pattern } = this.#dialect.identity;
    return this.#line.value(command, new RegExp(pattern), 'identity');
  }
}
