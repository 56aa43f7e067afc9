// A line that changes bytes on their way from the device: once, as a plug that is touched does, or again and again, as a bad
// cable does.

import type { MakeLineDevice } from '../../../core/simulator/lineDevice.ts';

export interface Garble {
  /** So many bytes of the device pass before the first is changed. */
  readonly afterBytes: number;
  /** How many are changed in a row, of one answer at most. */
  readonly count: number;
  /** What they become: something that no answer of the protocol holds. */
  readonly into: number;
  /** From the first on, after each so many bytes; once only where left out. */
  readonly every?: number;
}

/** The device behind such a line. */
export function garbled(make: MakeLineDevice, { afterBytes, count, into, every }: Garble): MakeLineDevice {
  return (send) => {
    let sent = 0;
    let over = false;
    const isHit = (offset: number): boolean => {
      if (offset < 0 || over) return false;
      return (every === undefined ? offset : offset % every) < count;
    };
    const device = make((bytes) => {
      const from = sent - afterBytes;
      sent += bytes.length;
      send(Uint8Array.from(bytes, (byte, index) => (isHit(from + index) ? into : byte)));
    });
    return {
      reboot: () => device.reboot(),
      swap: () => device.swap(),
      powerOff: () => device.powerOff(),
      receive(bytes) {
        // The next question's answer is another one.
        if (every === undefined && sent > afterBytes) over = true;
        device.receive(bytes);
      },
    };
  };
}

export interface Noise {
  /** The byte after this text of the device is changed. */
  readonly find: string;
  readonly change: (byte: number) => number;
  /** How often. */
  readonly times: number;
}

/** The device behind a line that changes single bytes, where `isTime` says so. */
export function changedAfter(
  make: MakeLineDevice,
  { find, change, times }: Noise,
  isTime: () => boolean = () => true,
): MakeLineDevice {
  const text = Buffer.from(find, 'latin1');
  return (send) => {
    let said = Buffer.alloc(0);
    let left = times;
    return make((bytes) => {
      const changed = Uint8Array.from(bytes, (byte) => {
        const isHit = left > 0 && said.equals(text) && isTime();
        said = Buffer.concat([said, Buffer.of(byte)]).subarray(-text.length);
        if (!isHit) return byte;
        left -= 1;
        return change(byte);
      });
      send(changed);
    });
  };
}
