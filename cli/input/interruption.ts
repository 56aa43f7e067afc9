// Ctrl-C: the first asks every run to stop cleanly, the second ends the process at once (recovery then cleans up).

import { StationError } from '../../core/domain/stationError.ts';
import { EXIT } from '../exitCodes.ts';

export interface Interruption {
  readonly signal: AbortSignal;
  dispose(): void;
}

export function listenForInterruption(tell: (text: string) => void): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    tell('Stopping: the runs in progress are being closed. Press Ctrl-C again to end at once.');
    controller.abort(new StationError('interrupted'));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, onSignal);
    },
  };
}

/** Waits for Ctrl-C: the way in which a server or a simulated device ends. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
