// A restart by command: many devices are gone before they have said that they are going.

import { type ErrorCode, StationError } from '../domain/stationError.ts';

const GONE: readonly ErrorCode[] = ['device_silent', 'device_gone'];

/** Sends what restarts the device; whether it restarts. An answer that never came, or one of `alsoGone`, means that it does. */
export async function restartBy(
  send: () => Promise<boolean>,
  alsoGone: readonly ErrorCode[] = [],
): Promise<boolean> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof StationError && [...GONE, ...alsoGone].includes(error.code)) return true;
    throw error;
  }
}
