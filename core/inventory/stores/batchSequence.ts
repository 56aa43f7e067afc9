// Which devices of a batch come next: the order's own list, or numbers behind a prefix, without those that hold a live
// credential already.

import { z } from 'zod';
import { type DeviceSerial, parseDeviceSerial } from '../../domain/device.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection } from '../database/connection.ts';
import { parsedBy, rowParser } from '../rows/row.ts';
import type { DeviceStore } from './deviceStore.ts';

/** Device serials for an order that has no list: `prefix` and a number from 1 with leading zeros. */
export interface SerialNumbering {
  readonly prefix: string;
  readonly digits: number;
}

const parseListed = rowParser(
  'work_order_device',
  'device_serial',
  z.object({ device_serial: parsedBy(parseDeviceSerial) }),
);
const parseValue = z.object({ value: z.string() });

export function createBatchSequence(connection: Connection, devices: DeviceStore) {
  /** The serials from `position` on, at most `count`; fewer where the order's list ends. */
  function serialsFrom(
    orderId: OrderId,
    numbering: SerialNumbering | undefined,
    position: number,
    count: number,
  ): readonly DeviceSerial[] {
    if (numbering !== undefined) {
      const { prefix, digits } = numbering;
      return Array.from({ length: count }, (_, index) =>
        parseDeviceSerial(`${prefix}${String(position + index + 1).padStart(digits, '0')}`),
      );
    }
    return connection
      .all(
        `SELECT device_serial FROM work_order_device WHERE order_id = @orderId AND position >= @position
         ORDER BY position LIMIT @count`,
        { orderId, position, count },
      )
      .map((row) => parseListed(row).device_serial);
  }

  /**
   * Those of `deviceSerials` without a live credential. Throws `device_serial_case_conflict` for one that is known in another
   * spelling: found here, nothing was signed for it.
   */
  function unprovisioned(deviceSerials: readonly DeviceSerial[]): readonly DeviceSerial[] {
    const serials = JSON.stringify(deviceSerials);
    devices.refuseOtherSpellings(serials);
    const provisioned = new Set(
      connection
        .all(
          `SELECT value FROM json_each(@serials) WHERE EXISTS (
             SELECT 1 FROM credential WHERE device_serial = value
               AND state IN ('issued', 'installed', 'verified', 'sealed')
           )`,
          { serials },
        )
        .map((row) => parseValue.parse(row).value),
    );
    return provisioned.size === 0 ? deviceSerials : deviceSerials.filter((one) => !provisioned.has(one));
  }

  return {
    unprovisioned,
    hasList: (orderId: OrderId): boolean =>
      connection.get('SELECT 1 FROM work_order_device WHERE order_id = @orderId LIMIT 1', { orderId }) !==
      undefined,
    /** At most `count` devices from `position` on, and the position behind them. */
    take(orderId: OrderId, numbering: SerialNumbering | undefined, position: number, count: number) {
      const taken: DeviceSerial[] = [];
      let next = position;
      while (taken.length < count) {
        const candidates = serialsFrom(orderId, numbering, next, count - taken.length);
        if (candidates.length === 0) break;
        next += candidates.length;
        taken.push(...unprovisioned(candidates));
      }
      return { taken, next };
    },
  };
}
