// One chip in its ROM loader: connected, identified, running the flasher stub. Everything esptool-js gets wrong in
// version 0.7.0 is put right here, so that nothing else needs to know it.

import { ESPLoader, type ROM } from 'esptool-js';
import { asStationError, type ErrorDetails, StationError } from '../../../domain/stationError.ts';
import type { TranscriptSink } from '../../../domain/transcript.ts';
import { abortError } from '../../abort.ts';
import { Questions } from '../../session/questions.ts';
import { deviceGone, type Transport } from '../../transport.ts';
import { LoaderTransport } from './loaderTransport.ts';
import { WebSerialPort } from './webSerialPort.ts';

export interface ChipLoaderOptions {
  readonly transport: Transport;
  readonly signal: AbortSignal;
  /** The rate at which the ROM is spoken to. */
  readonly romBaudRate: number;
  /** The rate for everything after the stub runs. */
  readonly flashBaudRate: number;
  /** `auto` pulls EN and IO0 through RTS and DTR; `none` finds the chip in its loader already. */
  readonly reset: 'auto' | 'none';
  readonly attempts: number;
  /** The longest any one step may take. */
  readonly stepMs: number;
  readonly transcript: TranscriptSink;
}

export interface Chip {
  readonly name: string;
  readonly description: string;
  /** Lower-case hex with colons. */
  readonly mac: string;
  readonly flashEncrypted: boolean;
}

/** What esptool-js 0.7.0 keeps private and its own `connect` gets wrong. */
interface LoaderInternals {
  readonly syncStubDetected: boolean;
  identifyChip(): Promise<ROM>;
  identifyChipByMagic(): Promise<ROM>;
  applyDetectedChip(chip: ROM): void;
}

/** Quiet that ends the ROM's repeated replies, and the longest wait for it. */
const DRAIN_QUIET_MS = 120;
const DRAIN_LIMIT_MS = 1_500;
/** Out of the loader: IO0 high, a pulse on EN. `hard_reset` would leave IO0 low. */
const NORMAL_BOOT = 'D0|R1|W100|R0';
const ESP32_EFUSE_WORD0 = 0x3ff5_a000;

export class ChipLoader {
  readonly #options: ChipLoaderOptions;
  readonly #port: WebSerialPort;
  readonly #transport: LoaderTransport;
  readonly #onAbort: () => void;
  readonly #questions: Questions;
  #loader: ESPLoader;
  /** A step that did not end in its time and still waits for its answer: nothing else can be asked meanwhile. */
  #unfinished: Error | undefined;
  /** Whether DTR and RTS reach the chip. */
  #hasLines = false;
  /** Bytes that an earlier connection brought. */
  #receivedBefore = 0;

  constructor(options: ChipLoaderOptions) {
    this.#options = options;
    this.#port = new WebSerialPort(options.transport, options.romBaudRate);
    this.#transport = new LoaderTransport(this.#port);
    this.#questions = new Questions(options.transcript, async () => {
      if (this.#unfinished !== undefined) throw this.#unfinished;
      // The stub waits for what acknowledges a damaged block; the next command ends its waiting.
      await this.#transport.drainInput(DRAIN_QUIET_MS, DRAIN_LIMIT_MS);
    });
    this.#loader = this.#newLoader();
    this.#onAbort = () => this.#transport.fail(abortError(options.signal));
    options.signal.addEventListener('abort', this.#onAbort);
    if (options.signal.aborted) this.#onAbort();
    // esptool-js does not notice: its writes turn to nothing and its reads wait their whole time out (14 s).
    void options.transport.closed.then(() => this.#transport.fail(deviceGone(options.transport.portPath)));
  }

  /**
   * Brings the chip into its loader, identifies it and starts the stub. Errors: `device_silent`, `device_protocol_unknown` when
   * something else talks, `capability_missing` in Secure Download Mode, `device_gone`.
   */
  async connect(): Promise<Chip> {
    this.#receivedBefore = this.#port.receivedBytes;
    this.#hasLines = this.#options.reset === 'auto' && (await this.#probeLines());
    await this.#step('connect', () => this.#synchronise(), 4);
    const chip = await this.#question('identify', () => this.#identify());
    await this.#step('stub', async () => {
      await this.#loader.runStub();
      if (this.#options.flashBaudRate !== this.#options.romBaudRate) await this.#loader.changeBaud();
    });
    return chip;
  }

  /** The same chip again after something went wrong. */
  async reconnect(): Promise<Chip> {
    await this.#step('disconnect', () => this.#transport.disconnect());
    this.#loader = this.#newLoader();
    this.#unfinished = undefined;
    return this.connect();
  }

  read(address: number, sizeBytes: number): Promise<Uint8Array> {
    const read = async (): Promise<Uint8Array> => {
      this.#transport.expectContent(sizeBytes);
      try {
        return Uint8Array.from(await this.#loader.readFlash(address, sizeBytes));
      } finally {
        this.#transport.expectContent(0);
      }
    };
    // A block that does not come takes one step's time to be missed.
    return this.#question('read flash', read, 2);
  }

  /** MD5 of what stands in flash, hex. */
  md5(address: number, sizeBytes: number): Promise<string> {
    return this.#question('flash digest', () => this.#loader.flashMd5sum(address, sizeBytes));
  }

  readMac(): Promise<string> {
    return this.#question('identify', () => this.#loader.chip.readMac(this.#loader));
  }

  /** Erases and writes `image`, which covers whole sectors. `onProgress` counts bytes on the line, compressed. */
  write(
    address: number,
    image: Uint8Array,
    onProgress: (sentBytes: number, totalBytes: number) => void,
  ): Promise<void> {
    return this.#step('write flash', () =>
      this.#loader.writeFlash({
        fileArray: [{ data: image, address }],
        flashMode: 'keep',
        flashFreq: 'keep',
        flashSize: 'keep',
        eraseAll: false,
        compress: true,
        reportProgress: (_, sentBytes, totalBytes) => onProgress(sentBytes, totalBytes),
      }),
    );
  }

  /** Starts the chip's own firmware, where the lines reach it; whether they do. Never throws. */
  async leave(): Promise<boolean> {
    try {
      if (!this.#hasLines) return false;
      await this.#step('restart', () => this.#loader.after('custom_reset', undefined, NORMAL_BOOT));
      return true;
    } catch {
      return false;
    } finally {
      this.#options.signal.removeEventListener('abort', this.#onAbort);
      this.#transport.fail(new StationError('interrupted', {}));
      await this.#port.close();
    }
  }

  get #internals(): LoaderInternals {
    return this.#loader as unknown as LoaderInternals;
  }

  #newLoader(): ESPLoader {
    const { romBaudRate, flashBaudRate, transcript, stepMs } = this.#options;
    const writeLine = (text: string): void => {
      if (text.trim() !== '') transcript.write('note', text.trim());
    };
    const loader = new ESPLoader({
      transport: this.#transport,
      baudrate: flashBaudRate,
      romBaudrate: romBaudRate,
      terminal: { clean: () => {}, write: writeLine, writeLine },
    });
    loader.FLASH_READ_TIMEOUT = stepMs;
    return loader;
  }

  async #probeLines(): Promise<boolean> {
    try {
      await this.#port.setSignals({ dataTerminalReady: false, requestToSend: false });
      return true;
    } catch {
      this.#options.transcript.write(
        'note',
        'no modem lines here: the chip must be in its loader already (hold BOOT, press EN)',
      );
      return false;
    }
  }

  async #synchronise(): Promise<void> {
    const mode = this.#hasLines ? 'default_reset' : 'no_reset';
    await this.#loader.connect(mode, this.#options.attempts, false);
    // Late sync replies would be taken for the answer to the next command.
    await this.#transport.drainInput(DRAIN_QUIET_MS, DRAIN_LIMIT_MS);
  }

  async #identify(): Promise<Chip> {
    const loader = this.#loader;
    const internals = this.#internals;
    // A stub that still runs refuses GET_SECURITY_INFO in a way that identifyChip does not know.
    const rom = internals.syncStubDetected
      ? await internals.identifyChipByMagic()
      : await internals.identifyChip();
    internals.applyDetectedChip(rom);
    if (loader.secureDownloadMode) {
      throw new StationError('capability_missing', {
        capability: 'reading flash',
        reason: 'secure-download-mode',
        chip: rom.CHIP_NAME,
      });
    }
    return {
      name: rom.CHIP_NAME,
      description: await rom.getChipDescription(loader),
      mac: (await rom.readMac(loader)).toLowerCase(),
      flashEncrypted: await this.#readFlashEncryption(rom),
    };
  }

  /** An odd number of set bits in FLASH_CRYPT_CNT: flash encryption is on. */
  async #readFlashEncryption(rom: ROM): Promise<boolean> {
    const isOdd = (bits: number): boolean => bits.toString(2).replaceAll('0', '').length % 2 === 1;
    if (rom.CHIP_NAME === 'ESP32') {
      return isOdd(((await this.#loader.readReg(ESP32_EFUSE_WORD0)) >> 20) & 0x7f);
    }
    if (this.#internals.syncStubDetected) return false;
    const info = await this.#loader.getSecurityInfo();
    return isOdd(info.flashCryptCnt & 0x07);
  }

  /** A step that changes nothing on the chip; once more where its answer was damaged. */
  #question<T>(step: string, work: () => Promise<T>, factor = 1): Promise<T> {
    return this.#questions.ask(step, () => this.#step(step, work, factor));
  }

  /** Runs one step within its time and gives every failure a code; `factor` allows a step more of it. */
  async #step<T>(step: string, work: () => Promise<T>, factor = 1): Promise<T> {
    const limitMs = this.#options.stepMs * factor;
    const heardBefore = this.#port.receivedBytes;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#unfinished = this.#lateness(step, limitMs, heardBefore);
        reject(this.#unfinished);
      }, limitMs);
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      throw error instanceof StationError ? error : this.#failureOf(step, error, heardBefore);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A chip that said nothing, one that only talked, and one whose work took too long are three different things. */
  #lateness(step: string, limitMs: number, heardBefore: number): Error {
    if (this.#port.receivedBytes === heardBefore) {
      return new StationError('device_silent', { awaited: step, waitedMs: limitMs });
    }
    return step === 'connect'
      ? new Error('no answer in time')
      : new StationError('phase_timeout', { step, limitMs });
  }

  #failureOf(step: string, cause: unknown, heardBefore: number): StationError {
    const details: ErrorDetails = { step, reason: asStationError(cause).details.message };
    const before = step === 'connect' ? this.#receivedBefore : heardBefore;
    const receivedBytes = this.#port.receivedBytes - before;
    if (receivedBytes === 0)
      return new StationError('device_silent', { ...details, awaited: step }, { cause });
    return step === 'connect'
      ? new StationError('device_protocol_unknown', { ...details, receivedBytes }, { cause })
      : new StationError('device_answer_invalid', { what: 'loader', ...details }, { cause });
  }
}
