// Which device serials an order issues to a folder: its own list, or numbers behind a prefix, without those that have a credential.

import { type DeviceSerial, parseDeviceSerial } from '../domain/device.ts';
import { StationError } from '../domain/stationError.ts';
import type { WorkOrder } from '../domain/workOrder.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { SerialNumbering } from '../inventory/stores/batchSequence.ts';

/** So many devices that cannot be written may be passed over; where they are more, the next number is no better. */
const SPARE_NUMBERS = 100;

/** Each once. `value_missing` where the order has no list and nothing says how to number. */
export function serialsToIssue(
  inventory: Pick<Inventory, 'remainingSerials' | 'liveCredential'>,
  order: WorkOrder,
  numbering: SerialNumbering | undefined,
): Iterable<DeviceSerial> {
  if (order.deviceSerials.length > 0) return inventory.remainingSerials(order.orderId);
  if (numbering === undefined) throw new StationError('value_missing', { field: 'numbering' });
  return numbered(inventory, numbering, order.quantity + SPARE_NUMBERS);
}

/** Numbers that go on where an earlier attempt stopped; they end with the digits, or after `triedMax`. */
function* numbered(
  inventory: Pick<Inventory, 'liveCredential'>,
  { prefix, digits }: SerialNumbering,
  triedMax: number,
): Generator<DeviceSerial> {
  let tried = 0;
  for (let number = 1; number < 10 ** digits && tried < triedMax; number += 1) {
    const deviceSerial = parseDeviceSerial(`${prefix}${String(number).padStart(digits, '0')}`);
    if (inventory.liveCredential(deviceSerial) !== undefined) continue;
    tried += 1;
    yield deviceSerial;
  }
}
