// Ctrl-C: the first asks every run to stop cleanly, the second ends the process at once (recovery then cleans up).

import { StationError } from '../../core/domain/stationError.ts';
import { EXIT } from '../exitCodes.ts';

export interface Interruption {
  readonly signal: AbortSignal;
  dispose(): void;
}

const DIRECT = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/**
 * What the installed command (keyline.js) passes on for whatever it was sent itself. A terminal sends its Ctrl-C to both, so
 * one key press comes twice, once in each way: the presses are the larger count of the two.
 */
const PASSED_ON = 'SIGUSR2';

export function listenForInterruption(tell: (text: string) => void): Interruption {
  const controller = new AbortController();
  let direct = 0;
  let passedOn = 0;
  const end = (): void => {
    if (controller.signal.aborted) return;
    tell('Stopping: the runs in progress are being closed. Press Ctrl-C again to end at once.');
    controller.abort(new StationError('interrupted'));
  };
  const press = (): void => {
    if (Math.max(direct, passedOn) > 1) process.exit(EXIT.interrupted);
    end();
  };
  const onDirect = (): void => {
    direct += 1;
    press();
  };
  const onPassedOn = (): void => {
    passedOn += 1;
    press();
  };
  for (const name of DIRECT) process.on(name, onDirect);
  process.on(PASSED_ON, onPassedOn);
  // Nobody reads what it prints any more: `keyline simulate | head -1`.
  process.stdout.on('error', end);
  return {
    signal: controller.signal,
    dispose() {
      for (const name of DIRECT) process.off(name, onDirect);
      process.stdout.off('error', end);
      // After an interruption it stays: the press that ended this may still be on its way through the installed command.
      if (!controller.signal.aborted) process.off(PASSED_ON, onPassedOn);
    },
  };
}

/**
 * Does what must be whole: Ctrl-C is taken where `body` looks at the signal, or else at its end, when what was done stands. Throws
 * `interrupted` then.
 */
export async function withInterruption<T>(
  { say }: { say(text: string): void },
  body: (signal: AbortSignal) => Promise<T> | T,
): Promise<T> {
  const { signal, dispose } = listenForInterruption(() =>
    say('Stopping as soon as nothing is left half-done.'),
  );
  try {
    const done = await body(signal);
    // A signal that came while the thread was busy is delivered in the next turns.
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    signal.throwIfAborted();
    return done;
  } finally {
    dispose();
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for Ctrl-C: the way in which a server or a simulated device ends. */
export const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
