// Where the time between two ends of a simulated line goes: the line carries bytes, or the device thinks, or the station does.
// Told by whoever ends a silence. Stands on both sides of the line, so that it sees each byte set off and arrive.

import { withLineRate } from '../../core/simulator/line/lineRate.ts';
import type { MakeLineDevice } from '../../core/simulator/lineDevice.ts';

type End = 'station' | 'device';

export interface LineTimes {
  /** Bytes were under way, in either direction or both. */
  readonly carryingMs: number;
  /** Silences that the device ended: what it needs to compute and to store. */
  readonly deviceMs: number;
  /** Silences that the station ended: its computing, its pauses, and the way through the operating system. */
  readonly stationMs: number;
  /** How often the station spoke after the device had. */
  readonly turns: number;
}

export class LineMeter {
  #sinceMs = 0;
  readonly #underWay: Record<End, number> = { station: 0, device: 0 };
  readonly #times = { carryingMs: 0, deviceMs: 0, stationMs: 0, turns: 0 };
  #lastSpeaker: End = 'device';

  /** The device behind a line of that rate, with this meter on it. */
  around(make: MakeLineDevice, baudRate: number): MakeLineDevice {
    const near: MakeLineDevice = (send) => {
      const device = make((bytes) => {
        this.#setOff('device', bytes.length);
        send(bytes);
      });
      return {
        receive: (bytes) => {
          this.#arrive('station', bytes.length);
          device.receive(bytes);
        },
        reboot: () => device.reboot(),
        swap: () => device.swap(),
        powerOff: () => device.powerOff(),
      };
    };
    return (send) => {
      const line = withLineRate(
        near,
        baudRate,
      )((bytes) => {
        this.#arrive('device', bytes.length);
        send(bytes);
      });
      return {
        receive: (bytes) => {
          this.#setOff('station', bytes.length);
          line.receive(bytes);
        },
        reboot: () => line.reboot(),
        swap: () => line.swap(),
        powerOff: () => line.powerOff(),
      };
    };
  }

  /** Begins anew, as if the device had just spoken. */
  start(): void {
    Object.assign(this.#times, { carryingMs: 0, deviceMs: 0, stationMs: 0, turns: 0 });
    this.#lastSpeaker = 'device';
    this.#sinceMs = performance.now();
  }

  /** The times since `start`; a silence that lasts is the station's. */
  stop(): LineTimes {
    this.#count('stationMs');
    return { ...this.#times };
  }

  #setOff(from: End, sizeBytes: number): void {
    if (sizeBytes === 0) return;
    this.#count(from === 'device' ? 'deviceMs' : 'stationMs');
    if (from === 'station' && this.#lastSpeaker === 'device') this.#times.turns += 1;
    this.#lastSpeaker = from;
    this.#underWay[from] += sizeBytes;
  }

  #arrive(from: End, sizeBytes: number): void {
    this.#count('stationMs');
    this.#underWay[from] -= sizeBytes;
  }

  /** What went by since the last event: carrying if anything was under way, else `silence`. */
  #count(silence: 'deviceMs' | 'stationMs'): void {
    const nowMs = performance.now();
    const isCarrying = this.#underWay.station + this.#underWay.device > 0;
    this.#times[isCarrying ? 'carryingMs' : silence] += nowMs - this.#sinceMs;
    this.#sinceMs = nowMs;
  }
}
