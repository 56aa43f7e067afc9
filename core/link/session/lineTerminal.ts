// The two ends of a line to a device: what is typed and what the screen shows, with the waiting in between. It knows
// nothing of prompts or commands. Everything that arrives is counted, and every wait ends.

import type { Clock } from '../../domain/clock.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';
import type { Transport } from '../transport.ts';
import { ByteInbox } from './byteInbox.ts';
import { GuardedTranscript } from './guardedTranscript.ts';
import { Screen } from './screen.ts';

export interface LineTerminalOptions {
  readonly transport: Transport;
  readonly transcript: TranscriptSink;
  readonly clock: Clock;
  /** Ends every wait when it fires. */
  readonly signal: AbortSignal;
  /** The longest silence that is still an answer in the making. */
  readonly answerMs: number;
  readonly baudRate: number;
  /** Called for every finished row, noise included; what it throws ends the wait in progress. */
  readonly onRow?: (row: string) => void;
}

const BABBLE_LIMIT_BYTES = 64 * 1024;
/** Bytes that bring nothing forward may keep arriving this many answer times. */
const BABBLE_ANSWER_TIMES = 4;
const BITS_PER_BYTE = 10;
const RING_SIZE_BYTES = 64;

export class LineTerminal {
  readonly #transport: Transport;
  readonly #inbox: ByteInbox;
  readonly #screen: Screen;
  readonly #onRow: (row: string) => void;
  readonly #baudRate: number;
  #rowFailure: unknown;
  readonly transcript: GuardedTranscript;
  readonly answerMs: number;
  /** Silence after which output counts as finished where nothing marks its end. */
  readonly settleMs: number;
  sentBytes = 0;

  constructor(options: LineTerminalOptions) {
    this.#transport = options.transport;
    this.#onRow = options.onRow ?? (() => {});
    this.answerMs = options.answerMs;
    // Two gaps of a full receive ring at the line's speed, and what a loaded computer adds.
    this.#baudRate = options.baudRate;
    const ringMs = this.#durationMs(RING_SIZE_BYTES);
    this.settleMs = Math.ceil(Math.min(options.answerMs / 2, 25 + 2 * ringMs));
    this.transcript = new GuardedTranscript(options.transcript);
    this.#screen = new Screen((row) => this.#finishRow(row));
    this.#inbox = new ByteInbox(options.transport, options.clock, options.signal, (bytes) =>
      this.#screen.write(bytes),
    );
  }

  /** What the screen shows since {@link forgetRows}; the cursor's row last. */
  get rows(): readonly string[] {
    return this.#screen.rows;
  }

  get lastRow(): string {
    return this.#screen.rows.at(-1) ?? '';
  }

  /** Drops the first rows; the cursor's row always stays. */
  forgetRows(count = Number.POSITIVE_INFINITY): void {
    this.#screen.forget(count);
  }

  get receivedBytes(): number {
    return this.#inbox.receivedBytes;
  }

  nowMs(): number {
    return this.#inbox.nowMs();
  }

  /** Device text fit for an error's details: masked, printable and short; nothing at all while the session is dark. */
  quote(row: string): string {
    return this.transcript.dark ? '' : quoteForDisplay(this.transcript.mask(row.trim()));
  }

  /** Sends bytes as they are (Latin-1). */
  async press(keys: string): Promise<void> {
    this.#inbox.throwIfOver();
    this.sentBytes += keys.length;
    const write = this.#transport.write(Buffer.from(keys, 'latin1'));
    await this.#inbox.written(write, this.answerMs + this.#durationMs(keys.length));
  }

  /** Waits until something arrives, at most `timeoutMs`; whether it did. */
  async arrival(timeoutMs: number): Promise<boolean> {
    this.throwRowFailure();
    return this.#inbox.arrival(timeoutMs);
  }

  /** Waits until the device has been quiet for `settleMs` or `isEnough`, at most `longestMs`; whether it came to that. */
  async settle(longestMs: number, isEnough: () => boolean = () => false): Promise<boolean> {
    const endsAtMs = this.nowMs() + longestMs;
    while (!isEnough() && (await this.arrival(this.settleMs))) {
      if (this.nowMs() >= endsAtMs) return false;
    }
    return true;
  }

  /** The conversation got forward: what has arrived so far was of use. */
  markProgress(): void {
    this.#inbox.markProgress();
  }

  get stalledMs(): number {
    return this.#inbox.stalledMs;
  }

  /** Throws `device_babbles` when much has arrived, or for long, without any progress. */
  throwIfBabbling(): void {
    this.throwIfFlooded();
    const { stalledBytes: receivedBytes, stalledMs } = this.#inbox;
    if (receivedBytes > 0 && stalledMs > BABBLE_ANSWER_TIMES * this.answerMs) this.#failBabbling();
  }

  /** Throws `device_babbles` when more has arrived without any progress than answers hold, in whatever time. */
  throwIfFlooded(): void {
    if (this.#inbox.stalledBytes > BABBLE_LIMIT_BYTES) this.#failBabbling();
  }

  #failBabbling(): never {
    const { stalledBytes: receivedBytes, stalledMs } = this.#inbox;
    throw new StationError('device_babbles', { receivedBytes, waitedMs: Math.round(stalledMs) });
  }

  /** From here on an abort changes nothing: the device is to be left in order. Each wait is still bounded. */
  outliveAbort(): void {
    this.#inbox.outliveAbort();
  }

  /** Stops listening. The transport stays open: whoever opened it closes it. */
  release(): void {
    this.#inbox.release();
  }

  #durationMs(sizeBytes: number): number {
    return (sizeBytes * BITS_PER_BYTE * 1_000) / this.#baudRate;
  }

  throwRowFailure(): void {
    if (this.#rowFailure === undefined) return;
    const failure = this.#rowFailure;
    this.#rowFailure = undefined;
    throw failure;
  }

  #finishRow(row: string): void {
    this.transcript.received(row);
    try {
      this.#onRow(row);
    } catch (error) {
      this.#rowFailure ??= error;
    }
  }
}
