// The optional last phases of a run in the window: checking again after a restart, and sealing behind an explicit confirmation.

import type { Role } from '../contract/schemas/common.ts';
import type { Profile } from '../domain/profile.ts';
import { StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import type { LastChecks } from '../domain/workOrder.ts';
import { targetStrength } from '../host/targetStrength.ts';
import { sealOf } from '../link/seal/sealing.ts';

/** What becomes irreversible; undefined where a device of this kind cannot be sealed. */
export const sealWarningOf = (target: Target): string | undefined => sealOf(target)?.warning;

/** A profile that demands a key made on the device takes no target that cannot make one (`custody_not_offered`). */
export function refuseCustody(target: Target, profile: Profile): void {
  const { custody } = targetStrength(target);
  if (profile.keyCustody === 'on-device' && !custody.includes('on-device')) {
    throw new StationError('custody_not_offered', { profile: profile.name, offered: custody.join(', ') });
  }
}

/** What an order asks for. Sealing takes a supervisor who repeats the order's name, and a target that can; files are not started anew (`value_invalid`). */
export function checksOfOrder(
  target: Target,
  orderName: string,
  asked: { readonly checkReboot?: boolean | undefined; readonly sealConfirmedFor?: string | undefined },
  role: Role | undefined,
): LastChecks | undefined {
  const checkReboot = asked.checkReboot === true;
  // Refused before there are runs, of which none could make that check.
  if (checkReboot && target.driver === 'files') {
    throw new StationError('value_invalid', {
      field: 'checkReboot',
      value: target.name,
      reason: 'no-device',
    });
  }
  const seal = asked.sealConfirmedFor !== undefined;
  if (seal) {
    if (role !== 'supervisor') throw new StationError('role_missing', { role: 'supervisor' });
    if (sealWarningOf(target) === undefined) {
      throw new StationError('value_invalid', { field: 'seal', value: target.name, reason: 'not-sealable' });
    }
    if (asked.sealConfirmedFor !== orderName) {
      throw new StationError('value_invalid', {
        field: 'seal',
        value: asked.sealConfirmedFor,
        reason: 'not-confirmed',
      });
    }
  }
  return checkReboot || seal ? { checkReboot, seal } : undefined;
}
