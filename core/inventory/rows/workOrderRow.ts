// A row of `work_order` and the device serials that belong to it.

import { z } from 'zod';
import { type DeviceSerial, parseDeviceSerial } from '../../domain/device.ts';
import type { OrderId } from '../../domain/ids.ts';
import { PASSWORD_ALPHABET_NAMES, type PasswordPolicy } from '../../domain/password.ts';
import type { LastChecks, WorkOrder } from '../../domain/workOrder.ts';
import { branded, nullable, parsedBy, rowParser, timeMs } from './row.ts';

export const parseExpectedSerialRow = rowParser(
  'work_order_device',
  'device_serial',
  z
    .object({ device_serial: parsedBy(parseDeviceSerial) })
    .transform((row): DeviceSerial => row.device_serial),
);

/** An order without the list of its device serials, which may be long, but with the count of devices that passed. */
export type WorkOrderFacts = Omit<WorkOrder, 'deviceSerials'> & { readonly passedDevices: number };

export const workOrderColumns = z.object({
  order_id: branded<OrderId>(),
  name: z.string(),
  target_name: z.string(),
  profile_name: z.string(),
  quantity: z.int(),
  created_at_ms: timeMs,
  closed_at_ms: nullable(timeMs),
  passed_devices: z.int(),
});

export const workOrderFacts = (row: z.output<typeof workOrderColumns>): WorkOrderFacts => ({
  orderId: row.order_id,
  name: row.name,
  targetName: row.target_name,
  profileName: row.profile_name,
  quantity: row.quantity,
  createdAtMs: row.created_at_ms,
  closedAtMs: row.closed_at_ms,
  passedDevices: row.passed_devices,
});

export const parseWorkOrderFacts = rowParser(
  'work_order',
  'order_id',
  workOrderColumns.transform(workOrderFacts),
);

/** Reads an order; `serialRows` gives the device serials it expects, in its sequence. */
export function parseWorkOrderRow(
  row: unknown,
  serialRows: (orderId: OrderId) => readonly unknown[],
): WorkOrder {
  const { passedDevices: _, ...order } = parseWorkOrderFacts(row);
  return { ...order, deviceSerials: serialRows(order.orderId).map(parseExpectedSerialRow) };
}

export const parseLastChecksRow = rowParser(
  'work_order_last_checks',
  'order_id',
  z
    .object({ check_reboot: z.int(), seal: z.int() })
    .transform((row): LastChecks => ({ checkReboot: row.check_reboot === 1, seal: row.seal === 1 })),
);

export const parsePasswordPolicyRow = rowParser(
  'work_order_password',
  'order_id',
  z
    .object({ alphabet: z.enum(PASSWORD_ALPHABET_NAMES), length: z.int() })
    .transform(({ alphabet, length }): PasswordPolicy => ({ alphabet, length })),
);
