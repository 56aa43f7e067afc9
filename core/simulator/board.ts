// A powered board: the device, the line it hangs on, the state it keeps, and the ways it can be told to misbehave. The host
// of a board gives it bytes and a clock and gets bytes and events.

import { randomBytes } from 'node:crypto';
import type { Random } from '../domain/clock.ts';
import { toHex } from '../domain/hex.ts';
import { type BoardMode, modeOf } from './boardMode.ts';
import { CredentialStore, type StoredCredential } from './credentialStore.ts';
import { Device } from './device.ts';
import { FactoryLock } from './factoryLock.ts';
import { KeyVault } from './keyVault.ts';
import { Uart } from './line/uart.ts';
import { type DeviceOptions, type Faults, selectBuild } from './options.ts';
import { readStateFile, writeStateFile } from './stateFile.ts';

/** Microseconds on a clock that never goes back; its zero is arbitrary. */
export interface MonotonicClock {
  nowUs(): number;
}

export const monotonicClock: MonotonicClock = { nowUs: () => performance.now() * 1_000 };

export type BoardEvent = 'rebooting' | 'started' | 'crashed' | 'vanished';

export interface BoardHost {
  /** Bytes that have left the device. */
  send(bytes: Uint8Array): void;
  onEvent(event: BoardEvent): void;
}

export interface BoardParts {
  readonly options: DeviceOptions;
  readonly host: BoardHost;
  /** Outside the station's data folder. Without it the device forgets everything when its process ends. */
  readonly statePath?: string | undefined;
  readonly clock?: MonotonicClock;
  readonly random?: Random;
}

/** Bytes are handed over in batches: 12 at 115200 bits per second. */
const TICK_US = 1_000;
const HARDWARE_ID_BYTES = 8;
const BITS_PER_BYTE = 10;
/** Where the line has no rate of its own, babble comes as fast as a usual one. */
const BABBLE_RATE = 115_200;
const BABBLE_MAX_BYTES = 65_536;
const AT_ERROR = '\r\nERROR\r\n';

export class Board {
  readonly hardwareId: string;
  #options: DeviceOptions;
  #host: BoardHost;
  #clock: MonotonicClock;
  #random: Random;
  #statePath: string | undefined;
  #slots: readonly (StoredCredential | undefined)[];
  readonly #vault: KeyVault;
  readonly #lock: FactoryLock;
  #store: CredentialStore | undefined;
  #device: Device | undefined;
  #uart: Uart | undefined;
  #timer: NodeJS.Timeout | undefined;
  #mode: BoardMode;
  #powered = false;
  #startAtUs = Number.POSITIVE_INFINITY;
  #faults: Faults;
  #receivedBytes = 0;
  #halted: 'reboot' | 'crash' | undefined;
  #dtr = false;
  #babbleFromUs = 0;

  /** Reads the state file; throws `value_invalid` where it is not one. */
  constructor(parts: BoardParts) {
    const { options } = parts;
    this.#options = options;
    this.#host = parts.host;
    this.#clock = parts.clock ?? monotonicClock;
    this.#random = parts.random ?? { bytes: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)) };
    this.#statePath = parts.statePath;
    const state = parts.statePath === undefined ? undefined : readStateFile(parts.statePath);
    this.hardwareId = options.hardwareId ?? state?.hardwareId ?? toHex(this.#random.bytes(HARDWARE_ID_BYTES));
    this.#slots = options.backend === 'protected' ? (state?.slots ?? []) : [];
    this.#vault = new KeyVault(state?.deviceKeys ?? [], () => this.#saveState());
    this.#lock = new FactoryLock(state?.locked ?? false, () => this.#saveState());
    this.#faults = options.faults;
    this.#mode = modeOf(options.faults);
    if (state?.hardwareId !== this.hardwareId) this.#saveState();
  }

  /** What the firmware's own TLS connections draw on; undefined while the device is not running. */
  get store(): CredentialStore | undefined {
    return this.#store;
  }

  /** Keys that the device made and keeps. */
  get vault(): KeyVault {
    return this.#vault;
  }

  get mode(): BoardMode {
    return this.#mode;
  }

  set mode(mode: BoardMode) {
    this.#advance();
    this.#mode = mode;
    this.#babbleFromUs = this.#clock.nowUs();
    this.#advance();
  }

  /** Misbehaves in other ways from now on; bytes are counted anew. */
  setFaults(faults: Faults): void {
    this.#faults = faults;
    this.#receivedBytes = 0;
    this.mode = modeOf(faults);
  }

  /** Starts the device; it answers after its boot delay. */
  powerOn(): void {
    if (this.#powered) return;
    this.#powered = true;
    this.#startAtUs = this.#clock.nowUs() + this.#options.bootDelayMs * 1_000;
    this.#babbleFromUs = this.#startAtUs;
    this.#advance();
  }

  /** Stops it. RAM is lost, and with it what the volatile backend holds. */
  powerOff(): void {
    this.#powered = false;
    this.#stopDevice();
    clearTimeout(this.#timer);
  }

  reboot(): void {
    if (!this.#powered) return;
    this.powerOff();
    this.#host.onEvent('rebooting');
    this.powerOn();
  }

  /** The level of the host's DTR line; it matters only to a device that checks it. */
  setDtr(asserted: boolean): void {
    this.#dtr = asserted;
    this.#uart?.setDtr(asserted, this.#clock.nowUs());
    this.#advance();
  }

  setNoise(intervalMs: number): void {
    this.#device?.setNoise(intervalMs, this.#clock.nowUs());
    this.#advance();
  }

  /** Bytes from the host. */
  receive(bytes: Uint8Array): void {
    if (!this.#powered) return;
    const { rebootAfterBytes, vanishAfterBytes, dropByteAt } = this.#faults;
    const before = this.#receivedBytes;
    this.#receivedBytes += bytes.length;
    const passes = (limit: number | undefined): limit is number =>
      limit !== undefined && before < limit && this.#receivedBytes >= limit;
    if (passes(vanishAfterBytes)) {
      this.#host.onEvent('vanished');
      return;
    }
    if (passes(rebootAfterBytes)) {
      this.#process(bytes.subarray(0, rebootAfterBytes - before));
      this.reboot();
      return;
    }
    const dropAt = passes(dropByteAt) ? dropByteAt - before - 1 : undefined;
    this.#process(dropAt === undefined ? bytes : bytes.filter((_, index) => index !== dropAt));
  }

  /** Lets happen what is due now, and sets the timer for what comes next. */
  advance(): void {
    this.#advance();
  }

  #process(bytes: Uint8Array): void {
    if (this.#mode === 'shell') this.#uart?.write(bytes, this.#clock.nowUs());
    else if (this.#mode === 'other-protocol') this.#answerAsModem(bytes);
    this.#advance();
  }

  #answerAsModem(bytes: Uint8Array): void {
    const echo = Buffer.from(bytes).toString('latin1');
    this.#host.send(new Uint8Array(Buffer.from(echo.replaceAll('\r', `\r${AT_ERROR}`), 'latin1')));
  }

  #advance(): void {
    if (!this.#powered) return;
    const nowUs = this.#clock.nowUs();
    if (nowUs >= this.#startAtUs) this.#startDevice(nowUs);
    this.#uart?.advance(nowUs);
    if (this.#halted !== undefined) {
      this.#finishHalt(this.#halted);
      return;
    }
    if (this.#mode === 'babble') this.#babble(nowUs);
    const wakeUs = Math.min(
      this.#startAtUs,
      this.#mode === 'babble' ? nowUs + TICK_US : Number.POSITIVE_INFINITY,
      this.#uart?.nextWakeUs(nowUs, TICK_US) ?? Number.POSITIVE_INFINITY,
    );
    // Whoever got bytes may have answered at once, and so have come through here already.
    clearTimeout(this.#timer);
    if (wakeUs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#advance(), Math.max(Math.ceil((wakeUs - nowUs) / 1_000), 1));
  }

  #startDevice(nowUs: number): void {
    this.#startAtUs = Number.POSITIVE_INFINITY;
    const store = new CredentialStore(
      this.#options.backend === 'protected' ? this.#slots : [],
      selectBuild(this.#options).credentialSlots,
      (slots) => {
        if (this.#options.backend === 'volatile') return;
        this.#slots = slots;
        this.#saveState();
      },
    );
    const device = new Device({
      options: this.#options,
      store,
      vault: this.#vault,
      lock: this.#lock,
      hardwareId: this.hardwareId,
      faults: () => this.#faults,
      poweredOnAtUs: nowUs,
      onHalt: (why) => {
        this.#halted = why;
        this.#uart?.stop();
      },
    });
    device.start();
    const { build } = device;
    this.#store = store;
    this.#device = device;
    this.#uart = new Uart(
      device,
      {
        lineRate: this.#options.lineRate,
        receiveMode: build.receiveMode,
        receiveRingSizeBytes: build.receiveRingSizeBytes,
        transmitRingSizeBytes: build.transmitRingSizeBytes,
        receivePollPeriodMs: build.receivePollPeriodMs,
        transmitInterrupts: build.receiveMode === 'interrupt' && build.logMode === 'deferred',
        checkDtr: this.#options.checkDtr,
      },
      nowUs,
      (bytes) => {
        if (this.#mode === 'shell') this.#host.send(bytes);
      },
    );
    if (this.#dtr) this.#uart.setDtr(true, nowUs);
    this.#host.onEvent('started');
  }

  #stopDevice(): void {
    this.#uart?.stop();
    this.#uart = undefined;
    this.#device = undefined;
    this.#store = undefined;
    this.#halted = undefined;
    this.#startAtUs = Number.POSITIVE_INFINITY;
  }

  #finishHalt(why: 'reboot' | 'crash'): void {
    if (why === 'reboot') {
      this.reboot();
      return;
    }
    this.powerOff();
    this.#host.onEvent('crashed');
  }

  #babble(nowUs: number): void {
    const rate = this.#options.lineRate === 'instant' ? BABBLE_RATE : this.#options.lineRate;
    const byteUs = (BITS_PER_BYTE * 1_000_000) / rate;
    const due = Math.floor((nowUs - this.#babbleFromUs) / byteUs);
    if (due <= 0) return;
    this.#babbleFromUs += due * byteUs;
    // After a pause of the whole process, what nobody heard is not made up for.
    this.#host.send(this.#random.bytes(Math.min(due, BABBLE_MAX_BYTES)));
  }

  #saveState(): void {
    if (this.#statePath === undefined) return;
    writeStateFile(this.#statePath, {
      hardwareId: this.hardwareId,
      slots: this.#slots,
      deviceKeys: this.#vault.entries,
      locked: this.#lock.closed,
    });
  }
}
