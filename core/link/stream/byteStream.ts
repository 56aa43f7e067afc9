// The bytes of a line as a protocol driver reads them: it names what it waits for and gets it, or one of a few errors.
// Whatever a device sends, memory and time are bounded.

import type { Clock } from '../../domain/clock.ts';
import { StationError } from '../../domain/stationError.ts';
import type { Target } from '../../domain/target.ts';
import { ByteInbox } from '../session/byteInbox.ts';
import type { Transport } from '../transport.ts';

/** What a scan found at the beginning of the bytes received so far, and how many of them it used up. */
export interface Found<T> {
  readonly value: T;
  readonly usedBytes: number;
}

export type Scan<T> = (received: Buffer) => Found<T> | undefined;

export interface Patience {
  /** What is waited for, for the error. */
  readonly awaited: string;
  /** The longest silence; the session's answer time if left out. */
  readonly silenceMs?: number;
  /** The longest time altogether, noise included; four silences if left out. */
  readonly totalMs?: number;
  /** Where an answer is taken in several pieces: when it began. Its time and its size count from there. */
  readonly since?: Beginning;
}

export interface Beginning {
  readonly atMs: number;
  readonly receivedBytes: number;
}

export interface ByteStreamOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The longest silence that is still an answer in the making. */
  readonly answerMs: number;
  readonly baudRate: number;
}

const BITS_PER_BYTE = 10;
const LIMIT_BYTES = 64 * 1024;
const TOTAL_SILENCES = 4;

export class ByteStream {
  readonly answerMs: number;
  readonly #transport: Transport;
  readonly #baudRate: number;
  readonly #inbox: ByteInbox;
  #pieces: Uint8Array[] = [];
  #received: Buffer = Buffer.alloc(0);
  #pendingBytes = 0;
  #overflow = false;

  constructor(options: ByteStreamOptions) {
    this.answerMs = options.answerMs;
    this.#transport = options.transport;
    this.#baudRate = options.baudRate;
    this.#inbox = new ByteInbox(options.transport, options.clock, options.signal, (bytes) =>
      this.#keep(bytes),
    );
  }

  /** Hands bytes to the line. Errors: `device_silent` where flow control holds them up, `device_gone`, what aborted the signal. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#inbox.throwIfOver();
    const sendingMs = (bytes.length * BITS_PER_BYTE * 1_000) / this.#baudRate;
    await this.#inbox.written(this.#transport.write(bytes), this.answerMs + sendingMs);
  }

  /** Now: what comes from here on is the beginning of an answer. */
  begin(): Beginning {
    return { atMs: this.#inbox.nowMs(), receivedBytes: this.#inbox.receivedBytes };
  }

  /**
   * Waits until `scan` finds something in what has arrived and takes it out. Errors: `device_silent`, `device_babbles` (64 KiB
   * or `totalMs` without the answer's end), `device_gone`, and what aborted the signal.
   */
  async take<T>(scan: Scan<T>, patience: Patience): Promise<T> {
    const silenceMs = patience.silenceMs ?? this.answerMs;
    const { atMs: startedAtMs, receivedBytes } = patience.since ?? this.begin();
    const totalMs = patience.totalMs ?? TOTAL_SILENCES * silenceMs;
    // What waited before an answer of one piece is its beginning.
    const answerBytes = (): number =>
      patience.since === undefined ? 0 : this.#inbox.receivedBytes - receivedBytes;
    for (;;) {
      this.#inbox.throwIfOver();
      this.#gather();
      if (answerBytes() > LIMIT_BYTES) throw this.#babbling(patience);
      const found = scan(this.#received);
      if (found !== undefined) {
        this.#received = this.#received.subarray(found.usedBytes);
        return found.value;
      }
      const waitedMs = this.#inbox.nowMs() - startedAtMs;
      if (this.#overflow || waitedMs >= totalMs) throw this.#babbling(patience);
      if (!(await this.#inbox.arrival(Math.max(1, Math.min(silenceMs, totalMs - waitedMs))))) {
        if (this.#inbox.nowMs() - startedAtMs >= totalMs && silenceMs < totalMs) continue;
        throw new StationError('device_silent', { awaited: patience.awaited, waitedMs: silenceMs });
      }
    }
  }

  /** Exactly `sizeBytes` bytes. */
  takeBytes(sizeBytes: number, patience: Patience): Promise<Uint8Array> {
    return this.take((received) => {
      if (received.length < sizeBytes) return undefined;
      return { value: Uint8Array.from(received.subarray(0, sizeBytes)), usedBytes: sizeBytes };
    }, patience);
  }

  /** Bytes that have arrived and were not taken. */
  get waiting(): number {
    return this.#received.length + this.#pendingBytes;
  }

  /** Everything that has arrived and was not taken, taken out. */
  skip(): Buffer {
    this.#gather();
    const skipped = this.#received;
    this.#received = Buffer.alloc(0);
    this.#overflow = false;
    return skipped;
  }

  /** Waits until nothing has come for `quietMs`, at most `longestMs`, and takes out all that came. */
  async settle(quietMs: number, longestMs: number): Promise<Buffer> {
    const endsAtMs = this.#inbox.nowMs() + longestMs;
    while ((await this.#inbox.arrival(quietMs)) && this.#inbox.nowMs() < endsAtMs) this.#gather();
    return this.skip();
  }

  /** Waits, but no longer than the port lives and nothing aborts. */
  async pause(durationMs: number): Promise<void> {
    const endsAtMs = this.#inbox.nowMs() + durationMs;
    for (let leftMs = durationMs; leftMs > 0; leftMs = endsAtMs - this.#inbox.nowMs()) {
      await this.#inbox.arrival(leftMs);
    }
  }

  /** Stops listening; the transport stays open. */
  release(): void {
    this.#inbox.release();
  }

  #babbling({ awaited, since }: Patience): StationError {
    const receivedBytes =
      since === undefined ? this.#received.length : this.#inbox.receivedBytes - since.receivedBytes;
    return new StationError('device_babbles', { awaited, receivedBytes });
  }

  #keep(bytes: Uint8Array): void {
    if (this.#pendingBytes + this.#received.length > LIMIT_BYTES) {
      this.#overflow = true;
      return;
    }
    this.#pieces.push(Uint8Array.from(bytes));
    this.#pendingBytes += bytes.length;
  }

  #gather(): void {
    if (this.#pieces.length === 0) return;
    this.#received = Buffer.concat([this.#received, ...this.#pieces]);
    this.#pieces = [];
    this.#pendingBytes = 0;
  }
}

/** The line of a driver's context as a stream, with the waits of its target. */
export const streamOf = (context: {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly target: Target;
}): ByteStream => {
  const { transport, clock, signal, target } = context;
  const { answerMs } = target.timeouts;
  return new ByteStream({ transport, clock, signal, answerMs, baudRate: target.line.baudRate });
};
