// A simulated device in this process, behind a pipe of bytes in place of a port: where there are no pseudo-terminals
// (Windows), and for the training mode of the app.

import { Board, type BoardEvent, type BoardParts } from '../board.ts';
import { type DeviceOptionsInput, parseDeviceOptions } from '../options.ts';

export interface DevicePipe {
  write(bytes: Uint8Array): void;
  /** Returns a function that ends the subscription. */
  onData(listener: (bytes: Uint8Array) => void): () => void;
  onEvent(listener: (event: BoardEvent) => void): () => void;
  setDtr(asserted: boolean): void;
  readonly board: Board;
  /** Powers the device off. */
  close(): void;
}

/** Powers a device on; throws `value_invalid` for options that are none. */
export function openInProcess(
  input: DeviceOptionsInput,
  parts: Pick<BoardParts, 'statePath' | 'clock' | 'random'> = {},
): DevicePipe {
  const dataListeners = new Set<(bytes: Uint8Array) => void>();
  const eventListeners = new Set<(event: BoardEvent) => void>();
  const board = new Board({
    ...parts,
    options: parseDeviceOptions(input),
    host: {
      send: (bytes) => {
        for (const listener of dataListeners) listener(bytes);
      },
      onEvent: (event) => {
        if (event === 'vanished') board.powerOff();
        for (const listener of eventListeners) listener(event);
      },
    },
  });
  board.powerOn();
  const subscribe = <Listener>(listeners: Set<Listener>, listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  return {
    board,
    write: (bytes) => board.receive(bytes),
    onData: (listener) => subscribe(dataListeners, listener),
    onEvent: (listener) => subscribe(eventListeners, listener),
    setDtr: (asserted) => board.setDtr(asserted),
    close: () => board.powerOff(),
  };
}
