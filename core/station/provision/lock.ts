// What a device's lock means for a run. A power cut may have come between the lock and its record, or before the lock: the
// device says which, and the inventory says whether what it holds is ours.

import type { Credential } from '../../domain/credential.ts';
import type { DeviceIdentity } from '../../domain/deviceIdentity.ts';
import { StationError } from '../../domain/stationError.ts';
import type { InventoryPort } from '../ports/inventory.ts';
import type { ProvisionRequest } from './context.ts';
import { holdsCredential } from './occupancy.ts';

/**
 * The verified credential that only its seal is missing from, where sealing is what was asked for; undefined: the run takes
 * its usual way. Throws `device_sealed` for a device that can take nothing any more; if our credential is in there, its record
 * is brought up to date first.
 */
export function decideOnLock(
  ports: { readonly inventory: InventoryPort; readonly clock: { nowMs(): number } },
  request: ProvisionRequest,
  identity: DeviceIdentity,
  live: Credential | undefined,
): Credential | undefined {
  const ours = live?.state === 'verified' && holdsCredential(identity, live) ? live : undefined;
  const wanted = request.seal === true && !request.replace && ours !== undefined;
  if (wanted) return ours;
  if (identity.locked !== true) return undefined;
  if (ours !== undefined) ports.inventory.recordSealed(ours.credentialId, ports.clock.nowMs());
  throw new StationError('device_sealed', {
    deviceSerial: request.deviceSerial,
    certificateSerial: live?.certificateSerial,
  });
}
