// Work orders, what is left of them, and how well they went.

import { z } from 'zod';
import type { DeviceSerial } from '../../domain/device.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { PasswordPolicy } from '../../domain/password.ts';
import { StationError } from '../../domain/stationError.ts';
import {
  type LastChecks,
  NO_LAST_CHECKS,
  type OrderWishes,
  type WorkOrder,
  type WorkOrderProgress,
} from '../../domain/workOrder.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { rowParser } from '../rows/row.ts';
import {
  parseExpectedSerialRow,
  parseLastChecksRow,
  parsePasswordPolicyRow,
  parseWorkOrderFacts,
  parseWorkOrderRow,
  type WorkOrderFacts,
} from '../rows/workOrderRow.ts';
import type { DeviceStore } from './deviceStore.ts';

const parseProgressRow = rowParser(
  'run',
  'order_id',
  z.object({ runs: z.int(), tried: z.int(), passed_first: z.int() }),
);

/** The first closed run of each device decides on first-pass yield: SQLite takes `outcome` from the row with the minimum. */
const PROGRESS_SQL = `
  SELECT
    (SELECT count(*) FROM run WHERE order_id = @orderId) AS runs,
    count(*) AS tried,
    coalesce(sum(outcome = 'pass'), 0) AS passed_first
  FROM (
    SELECT outcome, min(run_number) FROM run WHERE order_id = @orderId AND outcome IS NOT NULL GROUP BY device_serial
  )`;

export function createWorkOrderStore(
  connection: Connection,
  audit: AuditLog,
  devices: DeviceStore,
  actor: () => string,
) {
  const serialRows = (orderId: OrderId): readonly unknown[] =>
    connection.all(
      'SELECT device_serial FROM work_order_device WHERE order_id = @orderId ORDER BY position',
      {
        orderId,
      },
    );

  const find = (idOrName: string): unknown =>
    connection.get(
      'SELECT * FROM work_order WHERE order_id = @idOrName OR name = @idOrName ORDER BY order_id = @idOrName DESC',
      { idOrName },
    );

  /** Undefined where the order asks for nothing beside the usual. */
  function lastChecks(orderId: OrderId): LastChecks | undefined {
    const row = connection.get('SELECT * FROM work_order_last_checks WHERE order_id = @orderId', { orderId });
    return row === undefined ? undefined : parseLastChecksRow(row);
  }

  /** Undefined where the order asks for certificates alone. */
  function passwordPolicy(orderId: OrderId): PasswordPolicy | undefined {
    const row = connection.get('SELECT * FROM work_order_password WHERE order_id = @orderId', { orderId });
    return row === undefined ? undefined : parsePasswordPolicyRow(row);
  }

  const wishes = (orderId: OrderId): OrderWishes => ({
    lastChecks: lastChecks(orderId),
    passwordPolicy: passwordPolicy(orderId),
  });

  /** By id, else by name (upper and lower case alike). */
  function order(idOrName: string): WorkOrder | undefined {
    const row = find(idOrName);
    if (row === undefined) return undefined;
    const found = parseWorkOrderRow(row, serialRows);
    return { ...found, ...wishes(found.orderId) };
  }

  /** `order_unknown` */
  function facts(orderId: OrderId): WorkOrderFacts {
    const row = connection.get('SELECT * FROM work_order WHERE order_id = @orderId', { orderId });
    if (row === undefined) throw new StationError('order_unknown', { order: orderId });
    return parseWorkOrderFacts(row);
  }

  function refuseUnusable({ name, quantity, deviceSerials }: WorkOrder): void {
    const refuse = (field: string, value: string | number, reason: string): never => {
      throw new StationError('value_invalid', { field, value, reason });
    };
    if (!Number.isSafeInteger(quantity) || quantity < 1) refuse('quantity', quantity, 'not-positive');
    if (deviceSerials.length > 0 && deviceSerials.length < quantity) {
      refuse('quantity', quantity, 'more-than-device-serials');
    }
    if (name.trim() === '') refuse('name', name, 'empty');
    if (find(name) !== undefined) throw new StationError('order_exists', { name });
    const spellings = new Map<string, DeviceSerial>();
    for (const deviceSerial of deviceSerials) {
      const known = spellings.get(deviceSerial.toLowerCase());
      if (known === deviceSerial) refuse('deviceSerials', deviceSerial, 'twice');
      devices.refuseCaseConflict(deviceSerial, known ?? devices.device(deviceSerial)?.deviceSerial);
      spellings.set(deviceSerial.toLowerCase(), deviceSerial);
    }
  }

  /** Refuses `order_exists`, `value_invalid` (quantity, a serial twice) and `device_serial_case_conflict`. */
  function createOrder(created: WorkOrder): void {
    const { orderId, name, targetName, profileName, quantity, deviceSerials, createdAtMs, closedAtMs } =
      created;
    connection.write('createOrder', { orderId }, () => {
      refuseUnusable(created);
      connection.run(
        `INSERT INTO work_order (order_id, name, target_name, profile_name, quantity, created_at_ms, closed_at_ms)
         VALUES (@orderId, @name, @targetName, @profileName, @quantity, @createdAtMs, @closedAtMs)`,
        { orderId, name, targetName, profileName, quantity, createdAtMs, closedAtMs },
      );
      for (const [position, deviceSerial] of deviceSerials.entries()) {
        connection.run('INSERT INTO work_order_device VALUES (@orderId, @position, @deviceSerial)', {
          orderId,
          position,
          deviceSerial,
        });
      }
      const { checkReboot, seal } = created.lastChecks ?? NO_LAST_CHECKS;
      if (checkReboot || seal) {
        connection.run('INSERT INTO work_order_last_checks VALUES (@orderId, @checkReboot, @seal)', {
          ...{ orderId, checkReboot: Number(checkReboot), seal: Number(seal) },
        });
      }
      const { passwordPolicy } = created;
      if (passwordPolicy !== undefined) {
        connection.run('INSERT INTO work_order_password VALUES (@orderId, @alphabet, @length)', {
          ...{ orderId, alphabet: passwordPolicy.alphabet, length: passwordPolicy.length },
        });
      }
      const details = {
        orderId,
        name,
        targetName,
        profileName,
        quantity,
        deviceSerials: deviceSerials.length,
        ...(checkReboot ? { checkReboot } : {}),
        ...(seal ? { seal } : {}),
        ...(passwordPolicy === undefined ? {} : { password: { ...passwordPolicy } }),
      };
      audit.record({ act: 'order-created', actor: actor(), atMs: createdAtMs, details });
    });
  }

  /** Ends an order inside the caller's transaction. */
  function close(orderId: OrderId, why: 'complete' | 'ended-early', by: string, atMs: number): void {
    const changed = connection.run(
      'UPDATE work_order SET closed_at_ms = @atMs WHERE order_id = @orderId AND closed_at_ms IS NULL',
      { orderId, atMs },
    );
    if (changed > 0) audit.record({ act: 'order-closed', actor: by, atMs, details: { orderId, why } });
  }

  /** Ends an order before it is complete; an order that is already closed stays as it is. `order_unknown`. */
  function closeOrder(orderId: OrderId, atMs: number): void {
    connection.write('closeOrder', { orderId }, () => {
      close(facts(orderId).orderId, 'ended-early', actor(), atMs);
    });
  }

  /** `order_unknown` */
  function progress(orderId: OrderId): WorkOrderProgress {
    return connection.read(() => {
      const { quantity, passedDevices } = facts(orderId);
      const row = parseProgressRow(connection.get(PROGRESS_SQL, { orderId }));
      return {
        passed: passedDevices,
        remaining: Math.max(0, quantity - passedDevices),
        runs: row.runs,
        firstPassYield: row.tried === 0 ? undefined : row.passed_first / row.tried,
      };
    });
  }

  return {
    order,
    orderName: (orderId: string): string | undefined => {
      const row = connection.get('SELECT * FROM work_order WHERE order_id = @orderId', { orderId });
      return row === undefined ? undefined : parseWorkOrderFacts(row).name;
    },
    facts,
    wishes,
    createOrder,
    closeOrder,
    progress,
    orders: (): readonly WorkOrder[] =>
      connection
        .all('SELECT * FROM work_order ORDER BY order_number')
        .map((row) => parseWorkOrderRow(row, serialRows)),
    remainingSerials: (orderId: OrderId): readonly DeviceSerial[] =>
      connection
        .all(
          `SELECT device_serial FROM work_order_device AS expected WHERE order_id = @orderId AND NOT EXISTS (
             SELECT 1 FROM run
             WHERE run.order_id = @orderId AND outcome = 'pass' AND run.device_serial = expected.device_serial
           ) ORDER BY position`,
          { orderId },
        )
        .map(parseExpectedSerialRow),
    /** Closes the order when the last device passed; inside the caller's transaction. */
    closeIfComplete: (orderId: OrderId, by: string, atMs: number): void => {
      const { passedDevices, quantity } = facts(orderId);
      if (passedDevices >= quantity) close(orderId, 'complete', by, atMs);
    },
  };
}

export type WorkOrderStore = ReturnType<typeof createWorkOrderStore>;
