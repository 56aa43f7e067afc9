// Notices that the device behind a path went away, where the serial library does not.

import { stat } from 'node:fs/promises';

const WATCH_INTERVAL_MS = 200;

/**
 * Calls `onGone` when the device behind the path is no longer there. The library notices a hang-up only while it waits
 * for input; one that comes while it reads makes it read nothing, for ever (serialport/bindings-cpp issue 162). Windows
 * reports it.
 */
export async function watchPath(path: string, onGone: () => void): Promise<() => void> {
  if (process.platform === 'win32') return () => {};
  const identity = (): Promise<string> =>
    stat(path).then(
      ({ dev, ino, rdev }) => `${dev} ${ino} ${rdev}`,
      () => 'gone',
    );
  const opened = await identity();
  const timer = setInterval(async () => {
    if ((await identity()) !== opened) onGone();
  }, WATCH_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
