// A line that takes its time: bytes pass in both directions as fast as the line rate allows, no faster. A pseudo-terminal by
// itself has no rate.

import type { LineDevice, MakeLineDevice, Send } from '../lineDevice.ts';

const BITS_PER_BYTE = 10;

/** Bytes that leave `deliver` at a rate, in their order. */
class Wire {
  readonly #deliver: Send;
  readonly #bytesPerMs: number;
  #waiting: Uint8Array[] = [];
  /** When the line has carried everything up to the bytes that wait. */
  #freeAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(baudRate: number, deliver: Send) {
    this.#bytesPerMs = baudRate / BITS_PER_BYTE / 1_000;
    this.#deliver = deliver;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#waiting.length === 0) this.#freeAtMs = Math.max(this.#freeAtMs, performance.now());
    this.#waiting.push(Uint8Array.from(bytes));
    this.#timer ??= setTimeout(this.#carry, 1);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }

  readonly #carry = (): void => {
    this.#timer = undefined;
    const carried = Math.floor((performance.now() - this.#freeAtMs) * this.#bytesPerMs);
    if (carried > 0) {
      const all = Buffer.concat(this.#waiting);
      const passed = all.subarray(0, carried);
      this.#waiting = passed.length < all.length ? [all.subarray(passed.length)] : [];
      this.#freeAtMs += passed.length / this.#bytesPerMs;
      this.#deliver(Uint8Array.from(passed));
    }
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(this.#carry, 1);
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
