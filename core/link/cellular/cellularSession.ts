// One module: identified, its credential slots looked at, each item announced by its size and sent, and checked as
// strongly as this module allows.

import type { CredentialItem } from '../../domain/credential.ts';
import { parseHardwareId } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceSession } from '../../domain/deviceSession.ts';
import type { InstallMaterial, InstallOptions, InstallPlan, InstallSizes } from '../../domain/install.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { type AtLine, firstMatch } from '../at/atLine.ts';
import { StoredPlan, sha256Hex } from '../plan/storedPlan.ts';
import { md5Hex, sameHex, xor16 } from './checksum.ts';
import { storedContent, storedContentMaxSize } from './content.ts';
import { type CellularDialect, fillIn, patternFor } from './dialect.ts';

const ITEMS: readonly CredentialItem[] = ['ca', 'certificate', 'privateKey'];
const RESTARTED: readonly string[] = ['device_silent', 'device_gone'];
const LONGEST_LIST_LINE = 512;
const isMatch = (match: RegExpExecArray | null): match is RegExpExecArray => match !== null;
type Values = Readonly<Record<string, string>>;

export class CellularSession implements DeviceSession {
  readonly #line: AtLine;
  readonly #dialect: CellularDialect;
  readonly #plans: StoredPlan[] = [];
  /** DER of each item, where the module digests that and not what was sent. */
  readonly #derDigests = new Map<CredentialItem, string>();
  #identity: string | undefined;

  constructor(line: AtLine, dialect: CellularDialect) {
    this.#line = line;
    this.#dialect = dialect;
  }

  async identify(): Promise<DeviceIdentity> {
    const identity = await this.#readIdentity();
    this.#identity = identity;
    const { firmware, digest, readBack } = this.#dialect;
    const version = await this.#line.exchange(firmware.command);
    return {
      hardwareId: parseHardwareId(`${this.#dialect.identity.prefix}:${identity}`),
      hardwareIdSource: 'silicon',
      firmware: firstMatch(version.lines, new RegExp(firmware.pattern)),
      capabilities: { digest: digest?.kind ?? null, readBack: readBack !== undefined },
      occupied: (await this.#slots()).map(({ item }) => ({ item, sha256: undefined })),
      custodyOffered: ['station-memory'],
    };
  }

  checkFit(sizes: InstallSizes): void {
    const { content } = this.#dialect;
    const derSizes: readonly (readonly [CredentialItem, number])[] = [
      ['ca', sizes.caDerSizeBytes],
      ['certificate', sizes.certificateDerMaxSizeBytes],
      ['privateKey', sizes.privateKeyPkcs8SizeBytes],
    ];
    for (const [item, derSize] of derSizes) {
      const sizeBytes = storedContentMaxSize(item, derSize, content);
      if (sizeBytes > content.maxSizeBytes) {
        throw new StationError('credential_too_large', { item, sizeBytes, limitBytes: content.maxSizeBytes });
      }
    }
  }

  plan(material: InstallMaterial): InstallPlan {
    const leaf = material.chainDer[0];
    if (leaf === undefined) throw new StationError('internal', { message: 'a chain without a certificate' });
    const secret = material.privateKeyPkcs8;
    if (secret === undefined) throw new StationError('custody_not_offered', { custody: 'on-device' });
    const items = new Map<CredentialItem, Uint8Array>();
    const add = (item: CredentialItem, der: Uint8Array): void => {
      const { bytes, derMd5 } = storedContent(item, der, this.#dialect.content);
      this.#derDigests.set(item, derMd5);
      items.set(item, bytes);
    };
    add('ca', material.caDer);
    add('certificate', leaf);
    secret.use((der) => add('privateKey', der));
    const plan = new StoredPlan(items, { custody: 'station-memory' });
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
    const { remove, write } = this.#dialect;
    await this.#tryAll(write.before);
    let sentBytes = 0;
    for (const item of stored.items) {
      if (remove !== undefined && taken.some((slot) => slot.item === item)) {
        await this.#line.ask(fillIn(remove.command, this.#dialect.items[item]));
      }
      await this.#write(item, stored.bytes(item));
      sentBytes += stored.bytes(item).length;
      options.onProgress({ sentBytes, totalBytes: stored.totalBytes });
    }
    await this.#tryAll(write.after);
    return { replaced: taken.length };
  }

  async verify(plan: InstallPlan): Promise<readonly ItemVerification[]> {
    const stored = StoredPlan.of(plan);
    await this.#checkSameDevice();
    const slots = await this.#slots();
    const results: ItemVerification[] = [];
    for (const item of stored.items) {
      const slot = slots.find((found) => found.item === item);
      if (slot === undefined) throw new StationError('verification_mismatch', { item, reason: 'not listed' });
      results.push(await this.#verifyItem(item, stored.bytes(item), slot.sizeBytes));
    }
    return results;
  }

  async restart(): Promise<boolean> {
    const { restart } = this.#dialect;
    if (restart === undefined) return false;
    try {
      return (await this.#line.exchange(restart)).failure === undefined;
    } catch (error) {
      // Some modules are gone before they have said OK.
      if (error instanceof StationError && RESTARTED.includes(error.code)) return true;
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const plan of this.#plans) plan.wipe();
    this.#line.stream.release();
  }

  async #write(item: CredentialItem, content: Uint8Array): Promise<void> {
    const { write, digest } = this.#dialect;
    const values = this.#values(item, content.length);
    const command = fillIn(write.command, values);
    const patience = { silenceMs: write.silenceMs };
    await this.#line.send(command);
    await this.#line.prompt(write.mark, command, patience);
    const send = async (): Promise<readonly string[]> => {
      await this.#sendContent(content, command);
      return this.#line.accept(await this.#line.answer(command, patience), command);
    };
    const lines =
      item === 'privateKey'
        ? await this.#line.inTheDark(`(${content.length} bytes)`, content, send)
        : await send();
    if (digest?.source === 'write') this.#checkDigest(item, content, lines);
  }

  /** Exactly the announced count: one byte short hangs the module, one too many begins the next command. */
  async #sendContent(content: Uint8Array, command: string): Promise<void> {
    const { pieceBytes, pauseMs, acknowledgement, suffix, silenceMs } = this.#dialect.write;
    for (let offset = 0; offset < content.length; offset += pieceBytes) {
      const piece = content.subarray(offset, offset + pieceBytes);
      await this.#line.stream.write(piece);
      if (pauseMs > 0) await this.#line.stream.pause(pauseMs);
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

  async #verifyItem(
    item: CredentialItem,
    content: Uint8Array,
    listedSizeBytes: number | undefined,
  ): Promise<ItemVerification> {
    const { digest, readBack } = this.#dialect;
    const expectedSha256 = sha256Hex(content);
    const result = (
      check: ItemVerification['check'],
      actualSha256 = undefined as typeof expectedSha256 | undefined,
    ) => ({
      item,
      check,
      expectedSha256,
      actualSha256,
    });
    if (listedSizeBytes !== undefined && listedSizeBytes !== content.length) {
      throw new StationError('verification_mismatch', {
        item,
        expectedSizeBytes: content.length,
        actualSizeBytes: listedSizeBytes,
      });
    }
    if (readBack !== undefined) {
      const actualSha256 = sha256Hex(await this.#read(item, content.length));
      if (actualSha256 !== expectedSha256) {
        throw new StationError('verification_mismatch', { item, expectedSha256, actualSha256 });
      }
      return result('read-back', actualSha256);
    }
    if (digest !== undefined && digest.source !== 'write') {
      const command = fillIn(digest.source, this.#values(item, content.length));
      this.#checkDigest(item, content, await this.#line.ask(command));
      return result('device-digest');
    }
    if (digest !== undefined) return result('device-digest');
    return result(listedSizeBytes === undefined ? 'impossible' : 'length-only');
  }

  #checkDigest(item: CredentialItem, content: Uint8Array, lines: readonly string[]): void {
    const { digest } = this.#dialect;
    if (digest === undefined) return;
    const found = firstMatch(lines, patternFor(digest.pattern, this.#values(item, content.length)));
    const expected =
      digest.kind === 'xor16' ? xor16(content) : (this.#derDigests.get(item) ?? md5Hex(content));
    if (found === undefined) throw new StationError('device_answer_invalid', { what: 'digest', item });
    if (!sameHex(found, expected)) {
      throw new StationError('verification_mismatch', { item, expected, actual: found });
    }
  }

  async #read(item: CredentialItem, sizeBytes: number): Promise<Uint8Array> {
    const { readBack } = this.#dialect;
    if (readBack === undefined) throw new StationError('internal', { message: 'no read-back' });
    const values = this.#values(item, sizeBytes);
    const command = fillIn(readBack.command, values);
    const head = patternFor(readBack.head, values);
    await this.#tryAll(readBack.before);
    const read = async (): Promise<Uint8Array> => {
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
      return content;
    };
    const content = await this.#line.inTheDark(command, new Uint8Array(0), read);
    await this.#tryAll(readBack.after);
    return content;
  }

  async #slots(): Promise<readonly (SlotItem & { readonly sizeBytes: number | undefined })[]> {
    const { list, items } = this.#dialect;
    const slots: (SlotItem & { readonly sizeBytes: number | undefined })[] = [];
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

  #values(item: CredentialItem, sizeBytes: number): Values {
    return { ...this.#dialect.items[item], size: String(sizeBytes) };
  }

  async #readIdentity(): Promise<string> {
    const { identity } = this.#dialect;
    const found = firstMatch(await this.#line.ask(identity.command), new RegExp(identity.pattern));
    if (found === undefined) throw new StationError('device_answer_invalid', { what: 'identity' });
    return found;
  }

  async #checkSameDevice(): Promise<void> {
    const identity = await this.#readIdentity();
    if (this.#identity !== undefined && identity !== this.#identity) {
      throw new StationError('device_changed', { before: this.#identity, now: identity });
    }
  }
}
