// What a batch is about to sign, durable before it is signed: one row for a whole block of devices and the certificate
// serials that are theirs. A row goes when its devices are issued; what was given up waits without serials and comes next.

import { z } from 'zod';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { type DeviceSerial, parseDeviceSerial } from '../../domain/device.ts';
import type { OrderId } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import type { Connection } from '../database/connection.ts';
import { certificateSerial } from '../rows/credentialRow.ts';
import { jsonText, nullable, parsedBy, rowParser } from '../rows/row.ts';

/** A device and the certificate serial that is its alone. */
export interface IntendedDevice {
  readonly deviceSerial: DeviceSerial;
  readonly certificateSerial: CertificateSerial;
}

const parseIntent = rowParser(
  'batch_intent',
  'intent_number',
  z.object({
    intent_number: z.int(),
    device_serials: jsonText(z.array(parsedBy(parseDeviceSerial))),
    certificate_serials: nullable(jsonText(z.array(certificateSerial))),
  }),
);
const parseWaiting = z.object({ waiting: z.int(), intended: z.int() });

export function createBatchIntents(connection: Connection) {
  function insert(
    orderId: OrderId,
    deviceSerials: readonly DeviceSerial[],
    certificateSerials: readonly CertificateSerial[] | undefined,
  ): void {
    if (deviceSerials.length === 0) return;
    connection.run(
      `INSERT INTO batch_intent (order_id, devices, device_serials, certificate_serials)
       VALUES (@orderId, @devices, @deviceSerials, @certificateSerials)`,
      {
        orderId,
        devices: deviceSerials.length,
        deviceSerials: JSON.stringify(deviceSerials),
        certificateSerials: certificateSerials && JSON.stringify(certificateSerials),
      },
    );
  }

  const remove = (intentNumber: number): void => {
    connection.run('DELETE FROM batch_intent WHERE intent_number = @intentNumber', { intentNumber });
  };

  /** Oldest first; `condition` says of which kind. */
  const rows = (orderId: OrderId, condition: 'IS NULL' | 'IS NOT NULL') =>
    connection
      .all(
        `SELECT * FROM batch_intent WHERE order_id = @orderId AND certificate_serials ${condition}
         ORDER BY intent_number`,
        { orderId },
      )
      .map(parseIntent);

  const devicesOf = (intent: ReturnType<typeof parseIntent>): readonly IntendedDevice[] =>
    intent.device_serials.flatMap((deviceSerial, index) => {
      const serial = intent.certificate_serials?.[index];
      return serial === undefined ? [] : [{ deviceSerial, certificateSerial: serial }];
    });

  const add = (orderId: OrderId, devices: readonly IntendedDevice[]): void =>
    insert(
      orderId,
      devices.map((one) => one.deviceSerial),
      devices.map((one) => one.certificateSerial),
    );

  /** Removes the intent that names just these devices, in this order: what a batch that was not interrupted settles. */
  const removeWhole = (orderId: OrderId, settled: readonly IntendedDevice[]): boolean =>
    connection.run(
      `DELETE FROM batch_intent WHERE order_id = @orderId
         AND device_serials = @deviceSerials AND certificate_serials = @certificateSerials`,
      {
        orderId,
        deviceSerials: JSON.stringify(settled.map((one) => one.deviceSerial)),
        certificateSerials: JSON.stringify(settled.map((one) => one.certificateSerial)),
      },
    ) > 0;

  /** Takes devices out of the intents that name them; `record_refused` for one that no intent names as it is named here. */
  function settle(orderId: OrderId, settled: readonly IntendedDevice[]): void {
    if (removeWhole(orderId, settled)) return;
    const sought = new Map(settled.map((one) => [one.certificateSerial, one.deviceSerial]));
    for (const intent of rows(orderId, 'IS NOT NULL')) {
      if (sought.size === 0) return;
      const devices = devicesOf(intent);
      const rest = devices.filter(
        (one) =>
          sought.get(one.certificateSerial) !== one.deviceSerial || !sought.delete(one.certificateSerial),
      );
      if (rest.length === devices.length) continue;
      remove(intent.intent_number);
      add(orderId, rest);
    }
    for (const deviceSerial of sought.values()) {
      throw new StationError('record_refused', { deviceSerial, reason: 'not-reserved' });
    }
  }

  return {
    add,
    settle,
    /** Everything that may be signed by now and is not recorded as issued. */
    open: (orderId: OrderId): readonly IntendedDevice[] => rows(orderId, 'IS NOT NULL').flatMap(devicesOf),
    /** Devices given up come first when the batch goes on. */
    postpone: (orderId: OrderId, deviceSerials: readonly DeviceSerial[]): void =>
      insert(orderId, deviceSerials, undefined),
    /** Takes up to `count` of the devices that were given up. */
    takePostponed(orderId: OrderId, count: number): readonly DeviceSerial[] {
      const taken: DeviceSerial[] = [];
      for (const { intent_number, device_serials } of rows(orderId, 'IS NULL')) {
        if (taken.length === count) break;
        const left = count - taken.length;
        taken.push(...device_serials.slice(0, left));
        remove(intent_number);
        insert(orderId, device_serials.slice(left), undefined);
      }
      return taken;
    },
    /** How many devices were given up, and how many are intended. */
    counts: (orderId: OrderId): { readonly waiting: number; readonly intended: number } =>
      parseWaiting.parse(
        connection.get(
          `SELECT coalesce(sum(devices) FILTER (WHERE certificate_serials IS NULL), 0) AS waiting,
             coalesce(sum(devices) FILTER (WHERE certificate_serials IS NOT NULL), 0) AS intended
           FROM batch_intent WHERE order_id = @orderId`,
          { orderId },
        ),
      ),
  };
}
