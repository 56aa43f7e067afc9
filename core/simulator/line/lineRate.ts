// A line that takes its time: bytes pass in both directions as fast as the line rate allows, no faster. A pseudo-terminal by
// itself has no rate.

import type { LineDevice, MakeLineDevice, Send } from '../lineDevice.ts';

const BITS_PER_BYTE = 10;
/** What a UART hands over at once; fewer where the line falls silent sooner. */
const FIFO_BYTES = 16;
/** Timers come a millisecond or two late, which is a long time on a line: the last of a wait is spent looking at the clock. */
const TIMER_COARSENESS_MS = 2;

/** Bytes that leave `deliver` at a rate, in their order. */
class Wire {
  readonly #deliver: Send;
  readonly #bytesPerMs: number;
  #waiting: Uint8Array[] = [];
  /** When the line has carried everything up to the bytes that wait. */
  #freeAtMs = 0;
  #stopWaiting: (() => void) | undefined;

  constructor(baudRate: number, deliver: Send) {
    this.#bytesPerMs = baudRate / BITS_PER_BYTE / 1_000;
    this.#deliver = deliver;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#waiting.length === 0) this.#freeAtMs = Math.max(this.#freeAtMs, performance.now());
    this.#waiting.push(Uint8Array.from(bytes));
    this.#waitForNext();
  }

  stop(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#waiting = [];
  }

  /** Until the line has carried the next few bytes. */
  #waitForNext(): void {
    if (this.#stopWaiting !== undefined) return;
    const waitMs = this.#freeAtMs + this.#due() / this.#bytesPerMs - performance.now();
    if (waitMs > TIMER_COARSENESS_MS) {
      const timer = setTimeout(this.#carry, waitMs - TIMER_COARSENESS_MS);
      this.#stopWaiting = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(this.#carry);
      this.#stopWaiting = () => clearImmediate(immediate);
    }
  }

  #due(): number {
    return Math.min(
      FIFO_BYTES,
      this.#waiting.reduce((size, bytes) => size + bytes.length, 0),
    );
  }

  readonly #carry = (): void => {
    this.#stopWaiting = undefined;
    const carried = Math.floor((performance.now() - this.#freeAtMs) * this.#bytesPerMs);
    if (carried >= this.#due()) {
      const all = Buffer.concat(this.#waiting);
      const passed = all.subarray(0, carried);
      this.#waiting = passed.length < all.length ? [all.subarray(passed.length)] : [];
      this.#freeAtMs += passed.length / this.#bytesPerMs;
      this.#deliver(Uint8Array.from(passed));
    }
    if (this.#waiting.length > 0) this.#waitForNext();
  };
}

/** The device behind a line of that rate. */
export const withLineRate =
  (make: MakeLineDevice, baudRate: number): MakeLineDevice =>
  (send) => {
    const fromDevice = new Wire(baudRate, send);
    const device: LineDevice = make((bytes) => fromDevice.push(bytes));
    const toDevice = new Wire(baudRate, (bytes) => device.receive(bytes));
    return {
      receive: (bytes) => toDevice.push(bytes),
      reboot: () => device.reboot(),
      swap: () => device.swap(),
      powerOff() {
        toDevice.stop();
        fromDevice.stop();
        device.powerOff();
      },
    };
  };
