// Notices that the device behind a path went away, where the serial library does not.

import { nodeAt } from './attachment.ts';

const WATCH_INTERVAL_MS = 200;

/**
 * Calls `onGone` when the node that was `opened` no longer stands at the path: the device is gone, or another one is there. The
 * library notices a hang-up only while it waits for input; one that comes while it reads makes it read nothing, for ever
 * (serialport/bindings-cpp issue 162). Windows reports it.
 */
export function watchPath(path: string, opened: string | undefined, onGone: () => void): () => void {
  if (process.platform === 'win32') return () => {};
  const check = async (): Promise<void> => {
    if ((await nodeAt(path)) !== opened) onGone();
  };
  void check();
  const timer = setInterval(() => void check(), WATCH_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
