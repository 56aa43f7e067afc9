import { describe, expect, it } from 'vitest';
import type { StationClient } from '../../../core/contract/rpc/client.ts';
import { type ErrorCode, StationError } from '../../../core/domain/stationError.ts';
import { watchSigns } from '../../../renderer/data/heartbeat.ts';

/** A station whose signs of life are these, one after the other; then the interface stops asking. */
function told(...signs: readonly ('alive' | ErrorCode)[]): Promise<readonly boolean[]> {
  return new Promise((resolve) => {
    const heard: boolean[] = [];
    let asked = 0;
    const call = (async () => {
      const sign = signs[asked];
      asked += 1;
      if (sign === undefined || sign === 'station_gone') setTimeout(() => resolve(heard), 20);
      if (sign === undefined) return new Promise(() => {});
      if (sign !== 'alive') throw new StationError(sign);
      return {};
    }) as unknown as StationClient['call'];
    watchSigns({ call }, (alive) => heard.push(alive), 1);
  });
}

describe('the station’s signs of life', () => {
  it('tell that it hangs and that it is back', async () => {
    expect(await told('alive', 'station_silent', 'station_silent', 'alive')).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  it('are any answer, also a refusal', async () => {
    expect(await told('message_refused', 'internal')).toEqual([true, true]);
  });

  it('are not asked for any more when the station is gone', async () => {
    expect(await told('alive', 'station_gone', 'alive')).toEqual([true]);
  });
});
