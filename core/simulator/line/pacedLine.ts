// A line between a host and a device that takes time: bytes arrive one after another at the line's rate, ten bits each
// (8N1), in both directions at once. For benches: a pseudo-terminal alone moves any amount at once.

import type { MakeLineDevice, Send } from '../lineDevice.ts';
import { ByteQueue } from './byteQueue.ts';

export interface PacedLineOptions {
  readonly baudRate: number;
  /** Milliseconds that never go back. */
  readonly nowMs?: () => number;
}

const BITS_PER_BYTE = 10;
/** Bytes are handed over in batches, as a UART adapter with its latency timer does. */
const TICK_MS = 1;

/** One direction. What was put in comes out no earlier than the line allows, and in order. */
class Direction {
  readonly #queue = new ByteQueue();
  readonly #deliver: Send;
  readonly #byteMs: number;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | undefined;
  /** When the byte at the head began to be sent. */
  #headMs = 0;

  constructor(deliver: Send, byteMs: number, nowMs: () => number) {
    this.#deliver = deliver;
    this.#byteMs = byteMs;
    this.#nowMs = nowMs;
  }

  put(bytes: Uint8Array): void {
    if (this.#queue.length === 0) this.#headMs = Math.max(this.#headMs, this.#nowMs());
    this.#queue.push(Uint8Array.from(bytes));
    this.#wake();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue.clear();
  }

  #wake(): void {
    if (this.#timer !== undefined || this.#queue.length === 0) return;
    const dueMs = this.#headMs + this.#byteMs - this.#nowMs();
    this.#timer = setTimeout(() => this.#flush(), Math.max(TICK_MS, Math.ceil(dueMs)));
  }

  #flush(): void {
    this.#timer = undefined;
    const count = Math.min(this.#queue.length, Math.floor((this.#nowMs() - this.#headMs) / this.#byteMs));
    const bytes = this.#queue.take(count);
    // A late timer is made up for: the line went on meanwhile.
    this.#headMs += count * this.#byteMs;
    this.#wake();
    if (bytes.length > 0) this.#deliver(bytes);
  }
}

/** The device behind a line of that rate. A restart or a swap drops what is under way. */
export function pacedLine(make: MakeLineDevice, options: PacedLineOptions): MakeLineDevice {
  const byteMs = (BITS_PER_BYTE * 1_000) / options.baudRate;
  const nowMs = options.nowMs ?? (() => performance.now());
  return (send) => {
    const toHost = new Direction(send, byteMs, nowMs);
    const device = make((bytes) => toHost.put(bytes));
    const toDevice = new Direction((bytes) => device.receive(bytes), byteMs, nowMs);
    return {
      receive: (bytes) => toDevice.put(bytes),
      reboot() {
        toDevice.stop();
        toHost.stop();
        device.reboot();
      },
      swap() {
        toDevice.stop();
        device.swap();
      },
      powerOff() {
        toDevice.stop();
        toHost.stop();
        device.powerOff();
      },
    };
  };
}
