// A device that says what a script tells it to: the fake for tests and for trying out a driver without any simulator.

import { type BytePipe, memoryTransport, type Transport } from './transport.ts';

/** Gets what the host sent, in the pieces it sent them; `say` answers, now or later. */
export type Script = (received: string, say: (text: string | Uint8Array) => void) => void;

export interface ScriptedTransport extends Transport {
  /** All that the host has sent. */
  readonly received: string;
  say(text: string | Uint8Array): void;
  /** The device vanishes. */
  vanish(): void;
}

/** A transport whose other end is `script`. Text is taken byte for byte (Latin-1). */
export function scriptedTransport(script: Script = () => {}, usbSerialNumber?: string): ScriptedTransport {
  const listeners = new Set<(bytes: Uint8Array) => void>();
  const closeListeners = new Set<() => void>();
  let received = '';
  const say = (text: string | Uint8Array): void => {
    const bytes = typeof text === 'string' ? Buffer.from(text, 'latin1') : text;
    for (const listener of listeners) listener(bytes);
  };
  const vanish = (): void => {
    for (const listener of closeListeners) listener();
  };
  const pipe: BytePipe = {
    write(bytes) {
      const text = Buffer.from(bytes).toString('latin1');
      received += text;
      script(text, say);
    },
    onData(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onClose: (listener) => {
      closeListeners.add(listener);
    },
    close: () => listeners.clear(),
  };
  return {
    ...memoryTransport(pipe, 'scripted', usbSerialNumber),
    say,
    vanish,
    get received() {
      return received;
    },
  };
}
