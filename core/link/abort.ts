// What an aborted signal means to whoever was waiting: the reason it was given, or `interrupted`.

import { StationError } from '../domain/stationError.ts';

export function abortError(signal: AbortSignal): StationError {
  const reason: unknown = signal.reason;
  return reason instanceof StationError ? reason : new StationError('interrupted', {}, { cause: reason });
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}
