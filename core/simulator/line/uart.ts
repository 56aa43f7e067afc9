// The serial line and the driver under the shell. Time is virtual: whoever owns the clock calls `advance`, and everything
// that should have happened by then happens in order, byte by byte at line rate (8N1: ten bits a byte), whatever the
// granularity of the calls. The receive ring holds a few dozen bytes and is emptied only while the shell thread runs,
// which waits whenever the transmit ring is full: a host that does not wait for the echo loses bytes, as on hardware.

import { ByteQueue } from './byteQueue.ts';

/** The device as its line sees it. Times are microseconds on the owner's monotonic clock. */
export interface LineDevice {
  readonly readSizeBytes: number;
  receive(bytes: Uint8Array, nowUs: number): void;
  noteLostByte(nowUs: number): void;
  readonly nextTimerUs: number;
  runTimer(nowUs: number): void;
  readonly logDueAtUs: number;
  printLog(nowUs: number): number;
  takeOutput(): string;
}

export interface UartSettings {
  /** `instant`: bytes take no time, as on Zephyr's native simulator board, whose driver loses bytes in its own way. */
  readonly lineRate: number | 'instant';
  readonly receiveMode: 'interrupt' | 'polled';
  readonly receiveRingSizeBytes: number;
  readonly transmitRingSizeBytes: number;
  readonly receivePollPeriodMs: number;
  /** In polled operation and with immediate logging the shell thread sends each byte itself: no transmit interrupts. */
  readonly transmitInterrupts: boolean;
  /** CONFIG_SHELL_BACKEND_SERIAL_CHECK_DTR. */
  readonly checkDtr: boolean;
}

interface Transmission {
  readonly bytes: Uint8Array;
  readonly startUs: number;
  sent: number;
}

const BITS_PER_BYTE = 10;
/** Time that the shell thread needs for what it reads, besides sending. A microcontroller at 64 MHz is about that fast. */
const READ_COST_US = 10;
/** Interrupts of the native simulator's driver for each fill of the transmit ring: one to send, one to find it empty. */
const INTERRUPTS_PER_FILL = 2;

export class Uart {
  #device: LineDevice;
  #settings: UartSettings;
  #deliver: (bytes: Uint8Array) => void;
  #byteUs: number;
  #timeUs: number;
  /** Sent by the host and still under way; the head arrives at `#arrivalUs`. */
  #wire = new ByteQueue();
  #arrivalUs = Number.POSITIVE_INFINITY;
  #receiveFreeUs = 0;
  #ring = new ByteQueue();
  #threadFreeUs = 0;
  #transmissions: Transmission[] = [];
  #transmitFreeUs = 0;
  #dtr: boolean;
  #stopped = false;

  constructor(
    device: LineDevice,
    settings: UartSettings,
    nowUs: number,
    deliver: (bytes: Uint8Array) => void,
  ) {
    this.#device = device;
    this.#settings = settings;
    this.#deliver = deliver;
    this.#byteUs = settings.lineRate === 'instant' ? 0 : (BITS_PER_BYTE * 1_000_000) / settings.lineRate;
    this.#timeUs = nowUs;
    this.#dtr = !settings.checkDtr;
    this.#send();
  }

  /** The host put bytes on the line; they arrive one after another. */
  write(bytes: Uint8Array, nowUs: number): void {
    this.advance(nowUs);
    if (bytes.length === 0 || this.#stopped) return;
    if (this.#wire.length === 0) this.#arrivalUs = Math.max(nowUs, this.#receiveFreeUs) + this.#byteUs;
    this.#wire.push(bytes);
    this.advance(nowUs);
  }

  setDtr(asserted: boolean, nowUs: number): void {
    this.advance(nowUs);
    if (asserted && this.#held) this.#restartTransmission(nowUs);
    this.#dtr = asserted;
    this.advance(nowUs);
  }

  /** The device stops now, perhaps within a command: what has not left the line yet is lost. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#send();
    this.#deliverSent(this.#timeUs);
    this.#wire.clear();
    this.#ring.clear();
    this.#transmissions = [];
  }

  /** Lets happen what is due by `nowUs`. */
  advance(nowUs: number): void {
    while (!this.#stopped) {
      const arrivalUs = this.#nextArrivalUs();
      const timerUs = this.#device.nextTimerUs;
      const threadUs = this.#nextThreadUs();
      const nextUs = Math.min(arrivalUs, timerUs, threadUs);
      if (nextUs > nowUs) break;
      this.#timeUs = Math.max(this.#timeUs, nextUs);
      if (arrivalUs === nextUs) this.#arrive();
      else if (timerUs === nextUs) {
        this.#device.runTimer(this.#timeUs);
        this.#send();
      } else this.#runThread();
    }
    this.#timeUs = Math.max(this.#timeUs, nowUs);
    this.#deliverSent(nowUs);
  }

  /** When `advance` should be called next at the latest; infinite while nothing moves. `tickUs` groups bytes. */
  nextWakeUs(nowUs: number, tickUs: number): number {
    if (this.#stopped) return Number.POSITIVE_INFINITY;
    const sending = this.#transmissions.length > 0 && !this.#held;
    const moving = sending || (this.#wire.length > 0 && this.#byteUs > 0);
    const nextUs = Math.min(this.#nextArrivalUs(), this.#device.nextTimerUs, this.#nextThreadUs());
    return moving ? nowUs + tickUs : Math.max(nextUs, nowUs);
  }

  /** Output waits for DTR, and the shell thread with it. */
  get #held(): boolean {
    return this.#settings.checkDtr && !this.#dtr;
  }

  #restartTransmission(nowUs: number): void {
    this.#transmitFreeUs = nowUs;
    this.#transmissions = this.#transmissions.map(({ bytes, sent }) => {
      const startUs = this.#transmitFreeUs;
      this.#transmitFreeUs += (bytes.length - sent) * this.#byteUs;
      return { bytes: bytes.subarray(sent), startUs, sent: 0 };
    });
    this.#threadFreeUs = Math.max(this.#threadFreeUs, this.#transmitFreeUs);
  }

  #nextArrivalUs(): number {
    if (this.#wire.length === 0) return Number.POSITIVE_INFINITY;
    if (this.#settings.receiveMode === 'interrupt') return this.#arrivalUs;
    const periodUs = this.#settings.receivePollPeriodMs * 1_000;
    return Math.ceil(this.#arrivalUs / periodUs) * periodUs;
  }

  #nextThreadUs(): number {
    if (this.#held) return Number.POSITIVE_INFINITY;
    const workUs = this.#ring.length > 0 ? 0 : this.#device.logDueAtUs;
    return Math.max(this.#threadFreeUs, this.#timeUs, workUs);
  }

  #arrive(): void {
    if (this.#settings.receiveMode === 'polled') this.#poll();
    else if (this.#byteUs === 0) this.#interrupt();
    else {
      this.#receiveFreeUs = this.#arrivalUs;
      this.#arrivalUs += this.#byteUs;
      this.#store(this.#wire.take(1));
    }
    this.#send();
  }

  /** The polling timer takes all that has arrived since; what does not fit is lost. */
  #poll(): void {
    const due =
      this.#byteUs === 0
        ? this.#wire.length
        : Math.min(this.#wire.length, 1 + Math.floor((this.#timeUs - this.#arrivalUs) / this.#byteUs));
    this.#receiveFreeUs = this.#arrivalUs + (due - 1) * this.#byteUs;
    this.#arrivalUs += due * this.#byteUs;
    this.#store(this.#wire.take(due));
  }

  /** The native simulator's receive interrupt: fills the ring, and if that made it full, throws one byte away. */
  #interrupt(): void {
    const room = this.#settings.receiveRingSizeBytes - this.#ring.length;
    const taken = this.#wire.take(room);
    this.#ring.push(taken);
    if (taken.length === room && this.#wire.take(1).length > 0) this.#device.noteLostByte(this.#timeUs);
    // It is raised again for what is left, but not before the shell thread has had its turn.
    this.#arrivalUs = Math.max(this.#threadFreeUs, this.#timeUs) + 1;
  }

  #store(bytes: Uint8Array): void {
    const room = this.#settings.receiveRingSizeBytes - this.#ring.length;
    this.#ring.push(bytes.subarray(0, room));
    for (let lost = Math.max(bytes.length - room, 0); lost > 0; lost -= 1)
      this.#device.noteLostByte(this.#timeUs);
  }

  #runThread(): void {
    if (this.#ring.length > 0) {
      this.#device.receive(this.#ring.take(this.#device.readSizeBytes), this.#timeUs);
      this.#threadFreeUs = this.#timeUs + (this.#byteUs === 0 ? 0 : READ_COST_US);
    } else {
      this.#threadFreeUs = this.#timeUs + this.#device.printLog(this.#timeUs);
    }
    if (this.#stopped) return;
    const sentBytes = this.#send();
    if (this.#byteUs > 0 || this.#settings.receiveMode === 'polled') return;
    if (this.#settings.transmitInterrupts) {
      const fills = Math.ceil(sentBytes / this.#settings.transmitRingSizeBytes);
      for (let count = fills * INTERRUPTS_PER_FILL; count > 0 && this.#wire.length > 0; count -= 1)
        this.#interrupt();
    }
    if (this.#ring.length === 0 && this.#wire.length > 0) this.#interrupt();
  }

  /** Puts the device's output on the line; the shell thread goes on when all but a ring full has left. */
  #send(): number {
    const output = this.#device.takeOutput();
    if (output === '') return 0;
    const startUs = Math.max(this.#timeUs, this.#transmitFreeUs);
    this.#transmissions.push({ bytes: new Uint8Array(Buffer.from(output, 'latin1')), startUs, sent: 0 });
    this.#transmitFreeUs = startUs + output.length * this.#byteUs;
    const waiting = this.#settings.transmitRingSizeBytes * this.#byteUs;
    this.#threadFreeUs = Math.max(this.#threadFreeUs, this.#transmitFreeUs - waiting);
    return output.length;
  }

  /** Hands over the bytes that have left the line by `nowUs`. */
  #deliverSent(nowUs: number): void {
    if (this.#held) return;
    const ready: Uint8Array[] = [];
    for (const transmission of this.#transmissions) {
      const { bytes, startUs, sent } = transmission;
      const due = this.#byteUs === 0 ? bytes.length : Math.floor((nowUs - startUs) / this.#byteUs + 1e-6);
      const until = Math.min(due, bytes.length);
      if (until > sent) {
        ready.push(bytes.subarray(sent, until));
        transmission.sent = until;
      }
      if (until < bytes.length) break;
    }
    this.#transmissions = this.#transmissions.filter(({ bytes, sent }) => sent < bytes.length);
    if (ready.length > 0) this.#deliver(new Uint8Array(Buffer.concat(ready)));
  }
}
