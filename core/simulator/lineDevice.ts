// What every simulated device of a family other than Zephyr is to the line it hangs on, and the things that can be made
// to go wrong on that line.

/** Bytes that leave the device. */
export type Send = (bytes: Uint8Array) => void;

/** What a device keeps without power, by name. */
export interface DeviceMemory {
  save(): ReadonlyMap<string, Uint8Array>;
  /** At its start, before anything is received. */
  load(kept: ReadonlyMap<string, Uint8Array>): void;
}

export interface LineDevice {
  /** Absent where nothing is kept, or a device keeps it itself. */
  readonly memory?: DeviceMemory | undefined;
  receive(bytes: Uint8Array): void;
  /** Loses what RAM holds and starts again, with the noise that a starting device makes. */
  reboot(): void;
  /** Another board of the same kind is put in its place. */
  swap(): void;
  /** Stops timers; the device is not used again. */
  powerOff(): void;
}

export type MakeLineDevice = (send: Send) => LineDevice;

export type LineEvent =
  | { readonly kind: 'unplug' }
  | { readonly kind: 'reboot' }
  | { readonly kind: 'swap' }
  /** These bytes appear on the line. */
  | { readonly kind: 'noise'; readonly bytes: Uint8Array }
  /** From here on the device hears and says nothing. */
  | { readonly kind: 'silence' }
  /** This many bytes from the host are lost on the way. */
  | { readonly kind: 'loss'; readonly count: number }
  /** The device is busy for so long: its receive ring takes what fits, the rest is gone. */
  | { readonly kind: 'overrun'; readonly busyMs: number; readonly ringBytes: number };

export interface LineFault {
  /** Happens when so many bytes from the host have arrived. */
  readonly afterBytes: number;
  readonly event: LineEvent;
}

/** A device whose line misbehaves once, at a given byte. `onUnplug` takes the port away. */
export function withFault(make: MakeLineDevice, fault: LineFault, onUnplug: () => void): MakeLineDevice {
  return (send) => {
    let received = 0;
    let fired = false;
    let deaf = false;
    let toLose = 0;
    let ringBytes = 0;
    let ring: number[] | undefined;
    let timer: NodeJS.Timeout | undefined;
    const device = make((bytes) => {
      if (!deaf) send(bytes);
    });
    const fire = (event: LineEvent): void => {
      if (event.kind === 'unplug') onUnplug();
      else if (event.kind === 'reboot') device.reboot();
      else if (event.kind === 'swap') device.swap();
      else if (event.kind === 'noise') send(event.bytes);
      else if (event.kind === 'loss') toLose = event.count;
      else if (event.kind === 'overrun') {
        const held: number[] = [];
        ring = held;
        ringBytes = event.ringBytes;
        timer = setTimeout(() => {
          ring = undefined;
          if (!deaf) device.receive(Uint8Array.from(held));
        }, event.busyMs);
      }
      if (event.kind === 'silence' || event.kind === 'unplug') deaf = true;
    };
    const deliver = (bytes: Uint8Array): void => {
      if (ring !== undefined) {
        ring.push(...bytes.subarray(0, Math.max(0, ringBytes - ring.length)));
        return;
      }
      const lost = Math.min(toLose, bytes.length);
      toLose -= lost;
      if (!deaf && bytes.length > lost) device.receive(bytes.subarray(lost));
    };
    return {
      receive(bytes) {
        const room = fault.afterBytes - received;
        received += bytes.length;
        if (fired || bytes.length < room) {
          deliver(bytes);
          return;
        }
        fired = true;
        deliver(bytes.subarray(0, room));
        fire(fault.event);
        deliver(bytes.subarray(room));
      },
      reboot: () => device.reboot(),
      swap: () => device.swap(),
      powerOff() {
        clearTimeout(timer);
        device.powerOff();
      },
    };
  };
}
