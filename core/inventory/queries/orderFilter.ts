// The devices of a work order, as a condition on `device`: those last worked on under it, by a run or a batch, and those
// that went on to another order since.

import { z } from 'zod';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection } from '../database/connection.ts';

const parseOrder = z.object({ order_number: z.int(), is_former: z.int() });

export interface OrderCondition {
  readonly clause: string;
  readonly parameters: { readonly orderNumber: number };
}

/** An order that is not known has no devices. */
export function orderCondition(connection: Connection, orderId: OrderId): OrderCondition {
  const row = connection.get(
    `SELECT order_number, EXISTS (
       SELECT 1 FROM device_former_order AS former WHERE former.order_number = work_order.order_number
     ) AS is_former FROM work_order WHERE order_id = @orderId`,
    { orderId },
  );
  if (row === undefined) return { clause: 'false', parameters: { orderNumber: 0 } };
  const { order_number: orderNumber, is_former: isFormer } = parseOrder.parse(row);
  const now = 'device.order_number = @orderNumber';
  const before =
    'device.device_number IN (SELECT device_number FROM device_former_order WHERE order_number = @orderNumber)';
  return { clause: isFormer === 1 ? `(${now} OR ${before})` : now, parameters: { orderNumber } };
}
