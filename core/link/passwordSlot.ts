// Whether a driver can keep a username and a password where its target says: the same check for every family.

import { describeIssues } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import type { Driver } from './driver.ts';

/** Throws `target_invalid` for places that the driver does not have, or that something else has already. */
export function checkPasswordSlot(driver: Driver, target: Target): void {
  if (target.passwordSlot === undefined) return;
  const places = driver.passwordPlaces?.(target);
  const refusal = (reason: string): StationError =>
    new StationError('target_invalid', { source: target.name, reason });
  if (places === undefined) throw refusal('passwordSlot: devices of this kind have no place for them');
  const taken = new Set(places.taken);
  for (const item of ['username', 'password'] as const) {
    const place = target.passwordSlot[item];
    const parsed = places.form.safeParse(place);
    if (!parsed.success) throw refusal(`passwordSlot.${item}: ${describeIssues(parsed.error)}`);
    if (taken.has(place)) throw refusal(`passwordSlot.${item}: “${place}” is taken`);
    taken.add(place);
  }
}
