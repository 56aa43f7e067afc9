// A signal that aborts when its parent does or when time is up, whichever is first.

import { StationError } from '../domain/stationError.ts';

/**
 * Runs `body` with a signal; `timeoutMs` later it aborts with `phase_timeout`. The parent's reason wins if it came first;
 * if it was there before, nothing is begun at all.
 */
export async function withDeadline<T>(
  parent: AbortSignal,
  timeoutMs: number,
  details: { readonly phase: string },
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  throwIfAborted(parent);
  const controller = new AbortController();
  const onParentAbort = (): void => controller.abort(parent.reason);
  parent.addEventListener('abort', onParentAbort, { once: true });
  const timer = setTimeout(
    () => controller.abort(new StationError('phase_timeout', { ...details, limitMs: timeoutMs })),
    timeoutMs,
  );
  try {
    return await Promise.race([body(controller.signal), rejectionOf(controller.signal)]);
  } catch (thrown) {
    // A body that ends because of the signal may say so in its own words; why it had to end is what counts.
    throw controller.signal.aborted ? controller.signal.reason : thrown;
  } finally {
    clearTimeout(timer);
    parent.removeEventListener('abort', onParentAbort);
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

/** Throws the abort's reason as a StationError (`interrupted` when the reason is the platform's own). */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw interruption(signal.reason);
}

/** What an aborted signal means: our own reason if it carries one, otherwise the operator's interruption. */
export function interruption(reason: unknown): StationError {
  return reason instanceof StationError ? reason : new StationError('interrupted');
}
