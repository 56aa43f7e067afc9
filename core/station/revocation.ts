// Revoking a device's credential on the operator's word.

import type { Credential, RevocationReason } from '../domain/credential.ts';
import type { DeviceSerial } from '../domain/device.ts';
import { StationError } from '../domain/stationError.ts';
import type { StationPorts } from './ports/all.ts';

/** Revokes the live credential of a device; the edge server refuses it from the next connection on. */
export function revokeDevice(
  ports: Pick<StationPorts, 'inventory' | 'clock'>,
  request: {
    readonly deviceSerial: DeviceSerial;
    readonly reason: RevocationReason;
    readonly operatorName: string;
  },
): Credential {
  const { inventory, clock } = ports;
  const { deviceSerial, reason, operatorName } = request;
  if (inventory.device(deviceSerial) === undefined)
    throw new StationError('device_unknown', { deviceSerial });
  const live = inventory.liveCredential(deviceSerial);
  if (live === undefined) throw new StationError('credential_not_live', { deviceSerial });
  inventory.revoke(live.credentialId, reason, `by ${operatorName}`, clock.nowMs());
  return live;
}
