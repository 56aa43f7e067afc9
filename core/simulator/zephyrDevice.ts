// A Zephyr board as a device of the same shape as the other families, so that the same faults and ports fit it.

import { randomBytes } from 'node:crypto';
import { Board } from './board.ts';
import type { LineDevice, Send } from './lineDevice.ts';
import { type DeviceOptionsInput, parseDeviceOptions } from './options.ts';

const HARDWARE_ID_BYTES = 8;

/** What a board says by itself after power-on, up to the second prompt after its banner. */
const STARTING = /\*\*\* Booting [^\n]*\n(?:[^$]*\$ ){2}/;

export class ZephyrDevice implements LineDevice {
  readonly #options: DeviceOptionsInput;
  readonly #send: Send;
  #board: Board;
  /** What a board that was started elsewhere has said already; undefined: it is heard. */
  #unheard: string | undefined;

  /** Powered on; throws `value_invalid` for options that are none. */
  constructor(options: DeviceOptionsInput, send: Send, statePath?: string) {
    this.#options = options;
    this.#send = send;
    this.#board = this.#newBoard(options, statePath);
  }

  /** The one that is plugged in now. */
  get board(): Board {
    return this.#board;
  }

  receive(bytes: Uint8Array): void {
    this.#board.receive(bytes);
  }

  reboot(): void {
    this.#board.reboot();
  }

  /** The other board was started elsewhere: no banner gives it away. */
  swap(): void {
    this.#board.powerOff();
    this.#unheard = '';
    const hardwareId = randomBytes(HARDWARE_ID_BYTES).toString('hex');
    this.#board = this.#newBoard({ ...this.#options, hardwareId, bootDelayMs: 0 });
  }

  powerOff(): void {
    this.#board.powerOff();
  }

  #newBoard(options: DeviceOptionsInput, statePath?: string): Board {
    const board = new Board({
      statePath,
      options: parseDeviceOptions(options),
      host: { send: (bytes) => this.#say(bytes), onEvent: () => undefined },
    });
    board.powerOn();
    return board;
  }

  #say(bytes: Uint8Array): void {
    if (this.#unheard === undefined) {
      this.#send(bytes);
      return;
    }
    this.#unheard += Buffer.from(bytes).toString('latin1');
    const started = STARTING.exec(this.#unheard);
    if (started === null) return;
    const rest = this.#unheard.slice(started.index + started[0].length);
    this.#unheard = undefined;
    if (rest !== '') this.#send(Buffer.from(rest, 'latin1'));
  }
}
