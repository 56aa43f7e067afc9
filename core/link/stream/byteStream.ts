// The bytes of a line as a protocol driver reads them: it names what it waits for and gets it, or one of a few errors.
// Whatever a device sends, memory and time are bounded.

import type { Clock } from '../../domain/clock.ts';
import { StationError } from '../../domain/stationError.ts';
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
}

export interface ByteStreamOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The longest silence that is still an answer in the making. */
  readonly answerMs: number;
}

const LIMIT_BYTES = 64 * 1024;
const TOTAL_SILENCES = 4;

export class ByteStream {
  readonly answerMs: number;
  readonly #transport: Transport;
  readonly #inbox: ByteInbox;
  #pieces: Uint8Array[] = [];
  #received: Buffer = Buffer.alloc(0);
  #pendingBytes = 0;
  #overflow = false;

  constructor(options: ByteStreamOptions) {
    this.answerMs = options.answerMs;
    this.#transport = options.transport;
    this.#inbox = new ByteInbox(options.transport, options.clock, options.signal, (bytes) =>
      this.#keep(bytes),
    );
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#inbox.throwIfOver();
    await this.#transport.write(bytes);
  }

  /**
   * Waits until `scan` finds something in what has arrived and takes it out. Errors: `device_silent`, `device_babbles` (64 KiB
   * or `totalMs` without a find), `device_gone`, and what aborted the signal.
   */
  async take<T>(scan: Scan<T>, patience: Patience): Promise<T> {
    const silenceMs = patience.silenceMs ?? this.answerMs;
    const startedAtMs = this.#inbox.nowMs();
    const totalMs = patience.totalMs ?? TOTAL_SILENCES * silenceMs;
    for (;;) {
      this.#inbox.throwIfOver();
      this.#gather();
      const found = scan(this.#received);
      if (found !== undefined) {
        this.#received = this.#received.subarray(found.usedBytes);
        return found.value;
      }
      const waitedMs = this.#inbox.nowMs() - startedAtMs;
      if (this.#overflow || waitedMs >= totalMs) {
        throw new StationError('device_babbles', {
          awaited: patience.awaited,
          receivedBytes: this.#received.length,
        });
      }
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
