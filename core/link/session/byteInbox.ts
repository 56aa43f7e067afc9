// The receiving end of a line session: tells when bytes arrive, that the port went away, that the work was aborted, and
// how long and how much has come in without getting anywhere. It keeps no bytes.

import type { Clock } from '../../domain/clock.ts';
import { StationError } from '../../domain/stationError.ts';
import { abortError } from '../abort.ts';
import { deviceGone, type Transport } from '../transport.ts';

export class ByteInbox {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #stopListening: () => void;
  readonly #onAbort: () => void;
  #over: StationError | undefined;
  #unread = false;
  #wake: (() => void) | undefined;
  #giveUp: ((error: StationError) => void) | undefined;
  #progressAtMs: number;
  #stalledBytes = 0;
  receivedBytes = 0;

  constructor(transport: Transport, clock: Clock, signal: AbortSignal, onBytes: (bytes: Uint8Array) => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#progressAtMs = clock.nowMs();
    this.#onAbort = () => this.#end(abortError(signal));
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
    void transport.closed.then(() => this.#end(deviceGone(transport.portPath)));
    this.#stopListening = transport.onData((bytes) => {
      this.#stalledBytes += bytes.length;
      this.receivedBytes += bytes.length;
      this.#unread = true;
      onBytes(bytes);
      this.#wake?.();
    });
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Milliseconds and bytes since {@link markProgress}. */
  get stalledMs(): number {
    return this.#clock.nowMs() - this.#progressAtMs;
  }

  get stalledBytes(): number {
    return this.#stalledBytes;
  }

  markProgress(): void {
    this.#progressAtMs = this.#clock.nowMs();
    this.#stalledBytes = 0;
  }

  throwIfOver(): void {
    if (this.#over !== undefined) throw this.#over;
  }

  /** Resolves as soon as bytes have arrived that no earlier call reported, or after `timeoutMs` with false. */
  async arrival(timeoutMs: number): Promise<boolean> {
    if (!this.#unread && this.#over === undefined) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.throwIfOver();
    const arrived = this.#unread;
    this.#unread = false;
    return arrived;
  }

  /** Waits for a write: with flow control a device can hold it up for ever (`device_silent`). */
  async written(write: Promise<void>, timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const hopeless = new Promise<never>((_, reject) => {
      this.#giveUp = reject;
      timer = setTimeout(() => reject(new StationError('device_silent', { waitedMs: timeoutMs })), timeoutMs);
    });
    try {
      await Promise.race([write, hopeless]);
    } finally {
      clearTimeout(timer);
      this.#giveUp = undefined;
    }
  }

  /** Lets an aborted session speak once more, to leave the device in order. */
  outliveAbort(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (this.#over?.code !== 'device_gone') this.#over = undefined;
  }

  release(): void {
    this.#stopListening();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  #end(error: StationError): void {
    this.#over ??= error;
    this.#giveUp?.(error);
    this.#wake?.();
  }
}
