// Which devices belong to a work order: those that had a run for it, and those that its batch made.

import type { OrderId } from '../../domain/ids.ts';
import type { Connection } from '../database/connection.ts';
import { readCount } from '../rows/row.ts';

/** Up to here the devices are looked up one by one; beyond, a walk over all devices meets enough of them soon. */
const FEW = 5_000;

/** Credentials of the order's batch. Their index goes by state first, and none of them was ever less than issued. */
const MADE_IN_BATCH = `FROM credential WHERE state IN ('issued', 'installed', 'verified', 'sealed', 'revoked')
  AND batch_block IN (SELECT block_number FROM batch_block WHERE order_id = @orderId)`;

const SERIALS = `SELECT device_serial FROM run WHERE order_id = @orderId UNION ALL SELECT device_serial ${MADE_IN_BATCH}`;

const wasMadeInBatch = (deviceSerial: string): string => `EXISTS (
  SELECT 1 FROM credential AS made JOIN batch_block AS block ON block.block_number = made.batch_block
  WHERE made.device_serial = ${deviceSerial} AND block.order_id = @orderId)`;

const HAD_A_RUN = `EXISTS (
  SELECT 1 FROM run AS ordered WHERE ordered.order_id = @orderId AND ordered.device_serial = device.device_serial)`;

/** The condition on `device`, for `@orderId`. */
export function orderCondition(connection: Connection, orderId: OrderId): string {
  const some = connection.all(`${SERIALS} LIMIT ${FEW}`, { orderId });
  return some.length < FEW
    ? `device.device_serial IN (${SERIALS})`
    : `(${HAD_A_RUN} OR ${wasMadeInBatch('device.device_serial')})`;
}

/** How many they are, from the indexes alone: a batch makes at most one credential for a device. */
export const countOfOrder = (connection: Connection, orderId: OrderId): number =>
  readCount(
    connection.get(
      `SELECT (SELECT count(*) ${MADE_IN_BATCH}) + (
         SELECT count(DISTINCT device_serial) FROM run WHERE order_id = @orderId
         AND (NOT EXISTS (SELECT 1 FROM batch WHERE order_id = @orderId) OR NOT ${wasMadeInBatch('run.device_serial')})
       ) AS count`,
      { orderId },
    ),
  );
