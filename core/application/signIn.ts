// Who may sign in. After a few wrong PINs each further try has to wait longer; the wait outlives a restart.

import type { SignIn } from '../contract/schemas/session.ts';
import { StationError } from '../domain/stationError.ts';
import { systemRandom } from '../host/systemRandom.ts';
import type { OperatorRecord } from '../inventory/stores/operatorStore.ts';
import type { House } from './house.ts';
import { hashBadge, hashPin, pinMatches } from './pinHash.ts';
import type { World } from './world.ts';

const FREE_TRIES = 3;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;

/** How long to wait after so many wrong tries, the last of them at `lastAtMs`. */
export function waitMs(wrongTries: number, lastAtMs: number | undefined, nowMs: number): number {
  if (wrongTries < FREE_TRIES || lastAtMs === undefined || lastAtMs > nowMs) return 0;
  const total = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (wrongTries - FREE_TRIES));
  return Math.max(0, lastAtMs + total - nowMs);
}

const refused = (leftMs = 0): StationError =>
  new StationError('sign_in_refused', leftMs === 0 ? {} : { waitSeconds: Math.ceil(leftMs / 1000) });

/** One after the other, so that no number of tries at once gets past the count. */
export function createSignIn(world: World): (house: House, input: SignIn) => Promise<OperatorRecord> {
  const { clock } = world;
  const strangers = { wrong: 0, lastAtMs: undefined as number | undefined };
  let before: Promise<unknown> = Promise.resolve();

  const refuseEarly = (wrong: number, lastAtMs: number | undefined): void => {
    const leftMs = waitMs(wrong, lastAtMs, clock.nowMs());
    if (leftMs > 0) throw refused(leftMs);
  };
  const refuseStranger = (): never => {
    strangers.wrong += 1;
    strangers.lastAtMs = clock.nowMs();
    throw refused();
  };

  async function byPin(house: House, operatorName: string, pin: string): Promise<OperatorRecord> {
    const found = house.inventory.operator(operatorName);
    if (found === undefined) {
      refuseEarly(strangers.wrong, strangers.lastAtMs);
      // As slow as for a name that exists.
      await hashPin(pin, systemRandom, world.options.pinRounds);
      return refuseStranger();
    }
    refuseEarly(found.wrongPins, found.wrongPinAtMs);
    if (!(await pinMatches(pin, found.pin)) || !found.active) {
      house.inventory.recordWrongPin(found.operatorName, clock.nowMs());
      throw refused(waitMs(found.wrongPins + 1, clock.nowMs(), clock.nowMs()));
    }
    house.inventory.recordSignIn(found.operatorName, 'pin', clock.nowMs());
    return found;
  }

  async function byBadge(house: House, badge: string): Promise<OperatorRecord> {
    refuseEarly(strangers.wrong, strangers.lastAtMs);
    const hash = await hashBadge(badge, house.facts.stationId, world.options.pinRounds);
    const found = house.inventory.operatorWithBadge(hash);
    if (found === undefined || !found.active) return refuseStranger();
    strangers.wrong = 0;
    house.inventory.recordSignIn(found.operatorName, 'badge', clock.nowMs());
    return found;
  }

  return (house, input) => {
    const mine = before.then(() =>
      input.kind === 'badge' ? byBadge(house, input.badge) : byPin(house, input.operatorName, input.pin),
    );
    before = mine.catch(() => undefined);
    return mine;
  };
}
