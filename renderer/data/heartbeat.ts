// Asks the station for a sign of life, over whichever wire leads to it, and tells when it hangs and when it is back.

import type { StationClient } from '../../core/contract/rpc/client.ts';
import { failureOf } from '../../core/contract/schemas/common.ts';

const BEAT_MS = 1_000;

/** Calls `tell` with every answer and every silence until the returned function is called or the station is gone. */
export function watchSigns(
  client: Pick<StationClient, 'call'>,
  tell: (alive: boolean) => void,
  beatMs = BEAT_MS,
): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const beat = async (): Promise<void> => {
    const sign = await client.call('session.ping', {}).then(
      () => 'alive' as const,
      (thrown: unknown) => failureOf(thrown).code,
    );
    if (stopped || sign === 'station_gone') return;
    // Any other answer is one.
    tell(sign !== 'station_silent');
    timer = setTimeout(() => void beat(), beatMs);
  };
  void beat();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
