// What carries bytes to a device and back, whatever it is made of. A transport knows nothing of lines, echoes or
// commands; it only says who closed it.

import { StationError } from '../domain/stationError.ts';
import type { LineSettings } from '../domain/target.ts';

/** `here`: close() was called. `gone`: the other side vanished (unplugged, rebooted, pty closed). */
export type CloseReason = 'here' | 'gone';

/** What a real port can do beside carrying bytes. */
export interface LineControl {
  /** Both levels in one call: boards read the two together. Rejects where the port has no such lines (a pty). */
  setSignals(levels: { readonly dtr: boolean; readonly rts: boolean }): Promise<void>;
  setBaudRate(baudRate: number): Promise<void>;
}

export interface Transport {
  readonly portPath: string;
  /** Undefined where there is no port behind it. */
  readonly control?: LineControl;
  /** As the operating system lists it; undefined where there is none. */
  readonly usbSerialNumber: string | undefined;
  /** Resolves when the bytes were handed to the operating system; throws `device_gone` once the port is closed. */
  write(bytes: Uint8Array): Promise<void>;
  /** Calls `listener` for every piece that arrives, however it is cut; returns the way to stop. */
  onData(listener: (bytes: Uint8Array) => void): () => void;
  /** Resolves once, when the transport is closed by either side. */
  readonly closed: Promise<CloseReason>;
  /** Releases the port. Never throws; a second call does nothing. */
  close(): Promise<void>;
}

export interface OpenTransportRequest {
  readonly portPath: string;
  readonly line: LineSettings;
  readonly signal: AbortSignal;
}

export type OpenTransport = (request: OpenTransportRequest) => Promise<Transport>;

/** One end of an in-process byte pipe, as a software device offers it. */
export interface BytePipe {
  write(bytes: Uint8Array): void;
  onData(listener: (bytes: Uint8Array) => void): () => void;
  close(): void;
  /** Tells that the other end closed, where the pipe can know. */
  onClose?(listener: () => void): void;
}

/** The error that everyone waiting on a vanished port gets. */
export const deviceGone = (portPath: string): StationError =>
  new StationError('device_gone', { path: portPath });

/** A transport over an in-process pipe: no operating system, no timing. */
export function memoryTransport(pipe: BytePipe, portPath = 'memory', usbSerialNumber?: string): Transport {
  let announce: (reason: CloseReason) => void = () => {};
  let open = true;
  const closed = new Promise<CloseReason>((resolve) => {
    announce = resolve;
  });
  const end = (reason: CloseReason): void => {
    if (!open) return;
    open = false;
    announce(reason);
  };
  pipe.onClose?.(() => end('gone'));
  return {
    portPath,
    usbSerialNumber,
    closed,
    async write(bytes) {
      if (!open) throw deviceGone(portPath);
      pipe.write(bytes);
    },
    onData: (listener) => pipe.onData((bytes) => open && listener(bytes)),
    async close() {
      if (!open) return;
      end('here');
      pipe.close();
    },
  };
}
