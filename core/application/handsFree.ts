// Hands-free: what is plugged in starts by itself.

import { type DeviceSerial, parseDeviceSerial } from '../domain/device.ts';
import { type BayRecord, stateOf } from './bay.ts';
import type { BayRuns } from './bayRuns.ts';
import type { House } from './house.ts';
import type { World } from './world.ts';

/** The order's next serial, or the number that the device itself reports over USB at a bound place. */
function nextSerial(house: House, bay: BayRecord, bays: Iterable<BayRecord>): DeviceSerial | undefined {
  const { currentOrderId } = house.desk.get();
  const order = currentOrderId === undefined ? undefined : house.inventory.order(currentOrderId);
  if (order !== undefined && order.deviceSerials.length > 0) {
    const taken = new Set([...bays].map(({ run }) => run?.deviceSerial));
    return house.inventory.remainingSerials(order.orderId).find((serial) => !taken.has(serial));
  }
  const { port, layout } = bay;
  if (layout.binding?.kind !== 'location' || port?.numberIsOfSocket === true) return undefined;
  return port?.usbSerialNumber === undefined ? undefined : parseDeviceSerial(port.usbSerialNumber);
}

/** Starts the device that came, where the bay is set to it and somebody is signed in; `onHalt` when it could not. */
export function startByItself(
  world: World,
  bay: BayRecord,
  bays: Iterable<BayRecord>,
  runs: BayRuns,
  onHalt: (bay: BayRecord) => void,
): void {
  const { house } = world;
  if (!bay.handsFree || house === undefined || world.signedIn === undefined) return;
  if (stateOf(bay) !== 'ready') return;
  const begin = async (): Promise<void> => {
    const deviceSerial = nextSerial(house, bay, bays);
    if (deviceSerial !== undefined) await runs.start(bay, deviceSerial, false);
  };
  begin().catch(() => {
    // Nothing that is plugged in next would fare better: the operator has to look.
    bay.handsFree = false;
    onHalt(bay);
  });
}
