// Devices and the binding between the serial that is printed on them and the id that their silicon reports.

import { z } from 'zod';
import {
  type Device,
  type DeviceSerial,
  type DeviceSighting,
  type HardwareId,
  parseDeviceSerial,
} from '../../domain/device.ts';
import type { OrderId } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { NAMES_PER_PAGE } from '../database/migrations/150-device-list-filters.ts';
import { NAME_LINES_SQL } from '../database/migrations/170-device-groups.ts';
import { parseDeviceRow } from '../rows/deviceRow.ts';
import { parsedBy, parseNewest } from '../rows/row.ts';

/** Which device was seen, as what, and by whom. */
export interface Sighting extends DeviceSighting {
  readonly deviceSerial: DeviceSerial;
  readonly targetName: string;
  readonly operatorName: string;
}

const parseGroup = z.object({ group_number: z.int() });
const parseSpellings = z.object({ wanted: parsedBy(parseDeviceSerial), known: z.string() });

export function createDeviceStore(connection: Connection, audit: AuditLog) {
  const one = (row: unknown): Device | undefined => (row === undefined ? undefined : parseDeviceRow(row));

  /** Upper and lower case are one name here; the device found says how it is written. */
  const device = (deviceSerial: string): Device | undefined =>
    one(connection.get('SELECT * FROM device WHERE device_serial = @deviceSerial', { deviceSerial }));

  const byHardwareId = (hardwareId: HardwareId): Device | undefined =>
    one(connection.get('SELECT * FROM device WHERE hardware_id = @hardwareId', { hardwareId }));

  /** Refuses a serial that is already known in another spelling: two labels that differ by case are one mistake. */
  function refuseCaseConflict(deviceSerial: DeviceSerial, known: string | undefined): void {
    if (known !== undefined && known !== deviceSerial) {
      throw new StationError('device_serial_case_conflict', { deviceSerial, known });
    }
  }

  /** Nothing was ever signed for the device, and no run is at work on the board: its label may have been another unit's. */
  function isProvisional({ deviceSerial, hardwareId }: Device): boolean {
    const bound = connection.get(
      `SELECT 1 FROM credential
       WHERE device_serial = @deviceSerial AND state NOT IN ('reserved', 'prepared', 'voided')
       UNION ALL
       SELECT 1 FROM run
       WHERE device_serial = @deviceSerial AND hardware_id = @hardwareId AND closed_at_ms IS NULL LIMIT 1`,
      { deviceSerial, hardwareId },
    );
    return bound === undefined;
  }

  function release({ deviceSerial, hardwareId }: Device, { operatorName, atMs }: Sighting): void {
    connection.run('UPDATE device SET hardware_id = NULL WHERE device_serial = @deviceSerial', {
      deviceSerial,
    });
    const details = { deviceSerial, hardwareId: hardwareId ?? null };
    audit.record({ act: 'hardware-id-released', actor: operatorName, atMs, details });
  }

  /** Lets go of provisional bindings that are in the way; refuses for those that hold. */
  function settleConflicts(known: Device | undefined, sighting: Sighting): void {
    const { deviceSerial, hardwareId } = sighting;
    refuseCaseConflict(deviceSerial, known?.deviceSerial);
    if (hardwareId === undefined) return;
    if (known?.hardwareId !== undefined && known.hardwareId !== hardwareId) {
      if (!isProvisional(known))
        throw new StationError('hardware_id_changed', { deviceSerial, known: known.hardwareId, hardwareId });
      release(known, sighting);
    }
    const owner = byHardwareId(hardwareId);
    if (owner !== undefined && owner.deviceSerial !== deviceSerial) {
      if (!isProvisional(owner))
        throw new StationError('hardware_id_taken', {
          deviceSerial,
          hardwareId,
          takenBy: owner.deviceSerial,
        });
      release(owner, sighting);
    }
  }

  /**
   * Notes that a device was seen, inside the caller's transaction. A known hardware id stays when a device reports none;
   * firmware and target are those of the last sighting.
   */
  function recordSighting(sighting: Sighting): Device {
    const { deviceSerial, targetName, firmware, atMs } = sighting;
    const known = device(deviceSerial);
    settleConflicts(known, sighting);
    const hardwareId = sighting.hardwareId ?? known?.hardwareId;
    connection.run(
      `INSERT INTO device (device_serial, hardware_id, target_name, firmware, first_seen_at_ms, changed_at_ms)
       VALUES (@deviceSerial, @hardwareId, @targetName, @firmware, @atMs, @atMs)
       ON CONFLICT (device_serial) DO UPDATE SET
         hardware_id = @hardwareId, target_name = @targetName, firmware = coalesce(@firmware, firmware)`,
      { deviceSerial, hardwareId, targetName, firmware, atMs },
    );
    if (hardwareId !== undefined && known?.hardwareId !== hardwareId) {
      audit.record({
        act: 'hardware-id-bound',
        actor: sighting.operatorName,
        atMs,
        details: { deviceSerial, hardwareId },
      });
    }
    return {
      deviceSerial,
      hardwareId,
      targetName,
      firmware: firmware ?? known?.firmware,
      firstSeenAtMs: known?.firstSeenAtMs ?? atMs,
    };
  }

  /**
   * Notes that a batch gave devices their credentials, inside the caller's transaction. A device may be unseen; one that is
   * known in another spelling is `device_serial_case_conflict`.
   */
  function recordBatchIssued(
    deviceSerials: readonly DeviceSerial[],
    facts: {
      readonly orderId: OrderId;
      readonly targetName: string;
      readonly atMs: number;
      readonly notAfterMs: number;
    },
  ): void {
    const serials = JSON.stringify(deviceSerials);
    refuseOtherSpellings(serials);
    const before = parseNewest(connection.get('SELECT max(device_number) AS newest FROM device')) ?? 0;
    const group = groupOfIssued(facts);
    connection.run(
      `INSERT INTO device (device_serial, target_name, first_seen_at_ms, credential_state, changed_at_ms, not_after_ms,
         order_number, group_number)
       SELECT value, @targetName, @atMs, 'issued', @atMs, @notAfterMs, device_group.order_number, group_number
       FROM device_group, json_each(@serials) WHERE group_number = @group
       ON CONFLICT (device_serial) DO UPDATE SET credential_state = 'issued', changed_at_ms = @atMs,
         not_after_ms = @notAfterMs, order_number = excluded.order_number`,
      { serials, group, ...facts },
    );
    connection.run(
      `UPDATE device_group SET devices = devices + (SELECT count(*) FROM device WHERE device_number > @before)
       WHERE group_number = @group`,
      { group, before },
    );
    recordNames(before + 1);
  }

  /** The group of devices that a batch has issued for; new devices are counted in by whoever inserts them (migration 170). */
  function groupOfIssued(facts: { readonly orderId: OrderId; readonly targetName: string }): number {
    connection.run(
      `INSERT INTO device_group (credential_state, target_name, order_number, devices)
       SELECT 'issued', @targetName, order_number, 0 FROM work_order WHERE order_id = @orderId ON CONFLICT DO NOTHING`,
      facts,
    );
    return parseGroup.parse(
      connection.get(
        `SELECT group_number FROM device_group JOIN work_order USING (order_number)
         WHERE order_id = @orderId AND device_group.target_name = @targetName AND credential_state = 'issued'`,
        facts,
      ),
    ).group_number;
  }

  /** Writes the pages that hold the names of device `first` and those after it (migration 150). */
  function recordNames(first: number): void {
    connection.run(
      `INSERT INTO device_name_page
       SELECT device_number / ${NAMES_PER_PAGE}, ${NAME_LINES_SQL} FROM device
       WHERE device_number >= @from GROUP BY 1
       ON CONFLICT (page) DO UPDATE SET names = excluded.names`,
      { from: Math.floor(first / NAMES_PER_PAGE) * NAMES_PER_PAGE },
    );
  }

  /** `serials` is a JSON array: however many they are, one question answers for all. */
  function refuseOtherSpellings(serials: string): void {
    const row = connection.get(
      `SELECT wanted.value AS wanted, device_serial AS known FROM json_each(@serials) AS wanted
       JOIN device ON device_serial = wanted.value AND device_serial <> wanted.value COLLATE BINARY LIMIT 1`,
      { serials },
    );
    if (row === undefined) return;
    const { wanted, known } = parseSpellings.parse(row);
    refuseCaseConflict(wanted, known);
  }

  return { device, refuseCaseConflict, refuseOtherSpellings, recordSighting, recordBatchIssued };
}

export type DeviceStore = ReturnType<typeof createDeviceStore>;
