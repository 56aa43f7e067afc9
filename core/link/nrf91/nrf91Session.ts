// One nRF91 modem: identity, keys made inside it, credentials written while it is off the air, digests compared.

import type { CertificateItem } from '../../domain/credential.ts';
import { parseHardwareId } from '../../domain/device.ts';
import type { DeviceIdentity, SlotItem } from '../../domain/deviceIdentity.ts';
import type { DeviceKey } from '../../domain/deviceKey.ts';
import type { Sha256Hex } from '../../domain/ids.ts';
import type { InstallMaterial } from '../../domain/install.ts';
import type { KeyAlgorithm } from '../../domain/profile.ts';
import type { JsonObject } from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { ItemVerification } from '../../domain/verification.ts';
import { type AtAnswer, type AtLine, firstMatch, refusal } from '../at/atLine.ts';
import { ItemSession, type WriteOptions } from '../plan/itemSession.ts';
import { leafOf, requireOnDevice } from '../plan/material.ts';
import { sha256Hex } from '../plan/storedPlan.ts';
import { certifiedKey } from '../proof/certifiedKey.ts';
import {
  CME_MEANINGS,
  CME_NOT_FOUND,
  CME_STORE_FULL,
  CMNG_TYPES,
  isList,
  readSlots,
} from './credentialSlots.ts';
import { atLeast, firmwareVersion } from './firmwareVersion.ts';
import { type FrontEndName, IMEI } from './frontEnd.ts';
import { readKeygenReply } from './keygenReply.ts';
import type { Nrf91Options } from './options.ts';
import { pemContent, pemContentMaxSize } from './pemContent.ts';

const MODE_OFFLINE = 4;
/** Closing quote, terminator, and what the shell puts around a command. */
const COMMAND_REST_BYTES = 8;

export class Nrf91Session extends ItemSession {
  readonly #line: AtLine;
  readonly #frontEnd: FrontEndName;
  readonly #options: Nrf91Options;
  #version: readonly number[] | undefined;
  /** SHA-256 of the public key that this session had the modem make. */
  #madeKeySha256: string | undefined;
  #foundMode: number | undefined;

  constructor(line: AtLine, frontEnd: FrontEndName, options: Nrf91Options) {
    super(line.questions);
    this.#line = line;
    this.#frontEnd = frontEnd;
    this.#options = options;
  }

  async identify(): Promise<DeviceIdentity> {
    const imei = await this.readUnit();
    this.meet(imei);
    const firmware = await this.#line.question(
      'AT+CGMR',
      (answer) => firstMatch(this.#line.accept(answer, 'AT+CGMR'), /^(\S.*)$/) ?? '',
    );
    this.#version = firmwareVersion(firmware);
    const uuid = await this.#optional('AT%XMODEMUUID', /^%XMODEMUUID:\s*([0-9A-Fa-f-]{36})/);
    const model = await this.#optional('AT+CGMM', /^(\S.*)$/);
    // %KEYGEN came with modem firmware 1.3.0, digests to compare with 1.3.2.
    const keygen = atLeast(this.#version, [1, 3, 0]);
    return {
      hardwareId: parseHardwareId(`imei:${imei}`),
      hardwareIdSource: 'silicon',
      firmware: firmware === '' ? undefined : firmware,
      capabilities: {
        frontEnd: this.#frontEnd,
        keygen,
        modemUuid: uuid ?? null,
        model: model ?? null,
        pemLineEnd: this.#pemLineEnd(),
      },
      occupied: await this.slots(),
      custodyOffered: keygen ? ['on-device', 'station-memory'] : ['station-memory'],
    };
  }

  async generateKey(algorithm: KeyAlgorithm, options: { readonly replace: boolean }): Promise<DeviceKey> {
    requireOnDevice(algorithm);
    if ((await this.slots()).some((slot) => slot.item === 'privateKey')) {
      if (!options.replace) throw new StationError('slot_taken', { item: 'privateKey' });
    }
    await this.#goOffline();
    await this.#delete('privateKey');
    const tag = this.#options.securityTag;
    const command = `AT%KEYGEN=${tag},${CMNG_TYPES.privateKey},0`;
    const lines = this.#accept(
      await this.#line.exchange(command, { silenceMs: this.#options.keygenMs }),
      command,
    );
    const reply = lines.find((line) => line.startsWith('%KEYGEN:'));
    // Known from builds whose reply buffer is too small: OK, and nothing before it.
    if (reply === undefined) {
      throw new StationError('device_answer_invalid', { what: 'KEYGEN answer', reason: 'empty' });
    }
    const { request, statement } = readKeygenReply(reply, tag);
    this.#madeKeySha256 = sha256Hex(request.publicKeySpki);
    return {
      publicKeySpki: request.publicKeySpki,
      certificationRequestDer: request.der,
      proof: 'signed-request',
      evidence: {
        nullParameter: request.nullParameter,
        statement: statement !== undefined,
        deviceUuid: statement?.deviceUuid ?? null,
        publicKeySha256: this.#madeKeySha256,
      },
    };
  }

  protected override planSummary(): JsonObject {
    return { securityTag: this.#options.securityTag, pemLineEnd: this.#pemLineEnd() };
  }

  protected override installEvidence(): JsonObject {
    return { securityTag: this.#options.securityTag, foundMode: this.#foundMode ?? null };
  }

  protected override keyIsOnDevice(material: InstallMaterial): boolean {
    if (material.privateKeyPkcs8 !== undefined) return false;
    const certified = sha256Hex(certifiedKey(leafOf(material)));
    if (this.#madeKeySha256 !== undefined && this.#madeKeySha256 !== certified) {
      throw new StationError('certificate_check_failed', { reason: 'the certificate names another key' });
    }
    return true;
  }

  protected content(item: CertificateItem, der: Uint8Array): Uint8Array {
    return pemContent(item, der, this.#pemLineEnd());
  }

  /** A command line, not the content, is what is limited. */
  protected room(item: CertificateItem, derSizeBytes: number) {
    const { shellLineLimitBytes, commandSizeBytes } = this.#options;
    return {
      sizeBytes: pemContentMaxSize(item, derSizeBytes) + this.#writeHead(item).length + COMMAND_REST_BYTES,
      limitBytes: this.#frontEnd === 'at-shell' ? shellLineLimitBytes : commandSizeBytes - 1,
    };
  }

  protected override beforeWriting(): Promise<void> {
    return this.#goOffline();
  }

  /** The modem signed a request with the key it made in this session; an earlier one can only be seen to be there. */
  protected override async verifyOwnKey(
    expectedSha256: Sha256Hex,
    slots: readonly SlotItem[],
  ): Promise<ItemVerification> {
    const item = 'privateKey';
    if (!slots.some((slot) => slot.item === item)) throw new StationError('verification_mismatch', { item });
    return this.#madeKeySha256 === expectedSha256
      ? { item, check: 'proof-of-possession', expectedSha256, actualSha256: expectedSha256 }
      : { item, check: 'impossible', expectedSha256, actualSha256: undefined };
  }

  protected async leave(): Promise<void> {
    try {
      const mode = this.#foundMode;
      if (this.#options.restoreMode && mode !== undefined && mode !== MODE_OFFLINE) {
        await this.#line.exchange(`AT+CFUN=${mode}`);
      }
    } catch {
      // The port may be gone; there is nothing left to restore then.
    } finally {
      this.#line.stream.release();
    }
  }

  #pemLineEnd(): 'lf' | 'crlf' {
    if (this.#frontEnd === 'at-shell') return 'crlf';
    const wanted = this.#options.pemLineEnd;
    if (wanted !== 'auto') return wanted;
    return atLeast(this.#version, [2, 0, 2]) ? 'lf' : 'crlf';
  }

  #writeHead(item: CertificateItem): string {
    return `AT%CMNG=0,${this.#options.securityTag},${CMNG_TYPES[item]},"`;
  }

  protected async write(item: CertificateItem, content: Uint8Array, options: WriteOptions): Promise<void> {
    // The modem does not overwrite, it refuses (519): delete, then write.
    if (options.replaces) await this.#delete(item);
    const command = Buffer.concat([Buffer.from(this.#writeHead(item), 'latin1'), content, Buffer.from('"')]);
    const shownAs = `${this.#writeHead(item)}(${content.length} bytes)"`;
    const work = async (): Promise<AtAnswer> => {
      await this.#line.sendBytes(command, shownAs);
      return this.#line.answer(shownAs);
    };
    try {
      const answer =
        item === 'privateKey' ? await this.#line.inTheDark(shownAs, content, work) : await work();
      this.#accept(answer, shownAs);
    } finally {
      command.fill(0);
    }
  }

  /** OK, or the modem's reason with its meaning. */
  #accept(answer: AtAnswer, command: string): readonly string[] {
    const failure = answer.failure;
    if (failure === undefined) return answer.lines;
    const code = failure.kind === 'cme' ? failure.code : undefined;
    if (code === CME_STORE_FULL) throw new StationError('device_store_full', { command });
    throw new StationError('device_refused', {
      ...refusal(command, failure).details,
      meaning: code === undefined ? undefined : CME_MEANINGS[code],
      lineEnd: this.#pemLineEnd(),
    });
  }

  async #delete(item: CertificateItem): Promise<void> {
    const command = `AT%CMNG=3,${this.#options.securityTag},${CMNG_TYPES[item]}`;
    const remove = async (): Promise<void> => {
      const answer = await this.#line.exchange(command);
      if (answer.failure?.kind === 'cme' && answer.failure.code === CME_NOT_FOUND) return;
      this.#accept(answer, command);
    };
    await this.questions.order(
      command,
      remove,
      async () => !(await this.slots()).some((slot) => slot.item === item),
    );
  }

  protected async slots(): Promise<readonly SlotItem[]> {
    const tag = this.#options.securityTag;
    const command = `AT%CMNG=1,${tag}`;
    return this.#line.question(command, (answer) => {
      if (answer.failure?.kind === 'cme' && answer.failure.code === CME_NOT_FOUND) return [];
      const lines = this.#accept(answer, command);
      if (!isList(lines)) throw new StationError('device_answer_invalid', { what: command });
      return readSlots(lines, tag);
    });
  }

  /** Credentials can be written only while the modem is deactivated (518 otherwise). */
  async #goOffline(): Promise<void> {
    this.#foundMode ??= await this.#mode();
    const command = `AT+CFUN=${MODE_OFFLINE}`;
    const goOffline = async (): Promise<void> => void (await this.#line.ask(command));
    await this.questions.order(command, goOffline, async () => (await this.#mode()) === MODE_OFFLINE);
  }

  async #mode(): Promise<number> {
    return Number(await this.#line.value('AT+CFUN?', /^\+CFUN:\s*(\d+)/, 'functional mode'));
  }

  protected readUnit(): Promise<string> {
    return this.#line.value('AT+CGSN', IMEI, 'IMEI');
  }

  /** Certificates can be read from the modem; listed digests make it needless. */
  protected read(item: CertificateItem): Promise<Uint8Array> {
    throw new StationError('verification_impossible', { item });
  }

  #optional(command: string, pattern: RegExp): Promise<string | undefined> {
    return this.#line.question(command, ({ failure, lines }) =>
      failure === undefined ? firstMatch(lines, pattern) : undefined,
    );
  }
}
