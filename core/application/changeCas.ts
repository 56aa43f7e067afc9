// A change of the issuing CAs while nothing uses them.

import { asStationError } from '../domain/stationError.ts';
import type { House } from './house.ts';
import { lockNow, unlock } from './workshop.ts';
import { refuseAtWork, tellSession, type World } from './world.ts';

const MINUTE_MS = 60_000;

/**
 * Does `work` with no bay and no batch at work; `bay_busy`, `batch_busy`. Whoever had unlocked the CAs finds them unlocked
 * afterwards, unless the active one is revoked by then: nothing can be done with it but to roll over.
 */
export async function changeCas(world: World, house: House, work: () => void): Promise<void> {
  refuseAtWork(world);
  const { workshop } = world;
  const passphrase = workshop?.passphrase.use((bytes) => Buffer.from(bytes).toString('utf8'));
  await lockNow(world);
  try {
    work();
  } finally {
    house.reopenAuthority();
    if (workshop !== undefined && passphrase !== undefined) {
      const leftMs = workshop.locksAtMs - world.clock.nowMs();
      await unlock(world, house, passphrase, leftMs / MINUTE_MS).catch((thrown: unknown) => {
        if (asStationError(thrown).code !== 'issuing_ca_revoked') throw thrown;
      });
    }
    tellSession(world);
  }
}
