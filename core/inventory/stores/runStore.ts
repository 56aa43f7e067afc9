// The journal of runs: what was begun, how far it came, how it ended. A closed run never changes.

import type { Device, DeviceSerial, DeviceSighting } from '../../domain/device.ts';
import type { RunId } from '../../domain/ids.ts';
import {
  type JsonObject,
  type NewRun,
  type Outcome,
  PHASES,
  type Phase,
  type Run,
  type RunClosing,
} from '../../domain/run.ts';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { readCount } from '../rows/row.ts';
import { parseRunRow, RUN_SQL } from '../rows/runRow.ts';
import { parseExpectedSerialRow, type WorkOrderFacts } from '../rows/workOrderRow.ts';
import type { DeviceStore } from './deviceStore.ts';
import type { WorkOrderStore } from './workOrderStore.ts';

/** Whether the device of the row `run` has passed in its order before. */
const PASSED_IN_ORDER = `EXISTS (
  SELECT 1 FROM run AS earlier WHERE earlier.order_id = run.order_id
    AND earlier.device_serial = run.device_serial AND earlier.outcome = 'pass'
)`;

export function createRunStore(
  connection: Connection,
  audit: AuditLog,
  devices: DeviceStore,
  orders: WorkOrderStore,
) {
  const phaseRows = (runId: RunId): readonly unknown[] =>
    connection.all('SELECT * FROM run_phase WHERE run_id = @runId ORDER BY position', { runId });
  const toRun = (row: unknown): Run => parseRunRow(row, phaseRows);

  function run(runId: RunId): Run | undefined {
    const row = connection.get(`${RUN_SQL} WHERE run_id = @runId`, { runId });
    return row === undefined ? undefined : toRun(row);
  }

  function openRunOf(runId: RunId): Run {
    const found = run(runId);
    if (found === undefined) throw new StationError('record_refused', { runId, reason: 'run-unknown' });
    if (found.closedAtMs !== undefined)
      throw new StationError('record_refused', { runId, reason: 'run-is-closed' });
    return found;
  }

  /** The serial as the order writes it; `device_serial_not_in_order`. Orders without serials take any. */
  function refuseOutsideOrder({ orderId, name }: WorkOrderFacts, deviceSerial: DeviceSerial): void {
    const expected = connection.get(
      'SELECT device_serial FROM work_order_device WHERE order_id = @orderId AND device_serial = @deviceSerial',
      { orderId, deviceSerial },
    );
    if (expected !== undefined) {
      devices.refuseCaseConflict(deviceSerial, parseExpectedSerialRow(expected));
    } else if (
      connection.get('SELECT 1 FROM work_order_device WHERE order_id = @orderId LIMIT 1', { orderId }) !==
      undefined
    ) {
      throw new StationError('device_serial_not_in_order', { deviceSerial, order: name });
    }
  }

  /** Devices that passed or are being worked on count as taken: two bays must not both make the last one. */
  function refuseWithoutPlace(order: WorkOrderFacts, deviceSerial: DeviceSerial): void {
    const { orderId, name, quantity, passedDevices, closedAtMs } = order;
    const elsewhere = readCount(
      connection.get(
        `SELECT count(*) AS count FROM run
         WHERE closed_at_ms IS NULL AND order_id = @orderId AND device_serial <> @deviceSerial
           AND NOT ${PASSED_IN_ORDER}`,
        { orderId, deviceSerial },
      ),
    );
    if (closedAtMs !== undefined || passedDevices + elsewhere >= quantity) {
      throw new StationError('order_complete', {
        order: name,
        quantity,
        passed: passedDevices,
        inWork: elsewhere,
      });
    }
  }

  function refuseBusy(deviceSerial: DeviceSerial): void {
    const row = connection.get(`${RUN_SQL} WHERE device_serial = @deviceSerial AND closed_at_ms IS NULL`, {
      deviceSerial,
    });
    if (row === undefined) return;
    const busy = toRun(row);
    throw new StationError('device_busy', {
      deviceSerial: busy.deviceSerial,
      runId: busy.runId,
      bay: busy.bayName,
    });
  }

  function openRun(opened: NewRun): void {
    const { runId, orderId, deviceSerial } = opened;
    connection.write('openRun', { runId, deviceSerial }, () => {
      devices.refuseCaseConflict(deviceSerial, devices.device(deviceSerial)?.deviceSerial);
      if (orderId !== undefined) {
        const order = orders.facts(orderId);
        refuseOutsideOrder(order, deviceSerial);
        refuseWithoutPlace(order, deviceSerial);
      }
      refuseBusy(deviceSerial);
      connection.run(
        `INSERT INTO run (run_id, order_id, device_serial, bay_name, port_path, operator_name, target_name,
           profile_name, profile_version, started_at_ms)
         VALUES (@runId, @orderId, @deviceSerial, @bayName, @portPath, @operatorName, @targetName,
           @profileName, @profileVersion, @startedAtMs)`,
        { ...opened },
      );
    });
  }

  /** Phases of a run are begun once each and one at a time (`record_refused`). */
  function beginPhase(runId: RunId, phase: Phase, atMs: number): void {
    connection.write('beginPhase', { runId, phase }, () => {
      openRunOf(runId);
      connection.run(
        'INSERT INTO run_phase (run_id, phase, position, started_at_ms) VALUES (@runId, @phase, @position, @atMs)',
        { runId, phase, position: PHASES.indexOf(phase), atMs },
      );
    });
  }

  function endPhase(runId: RunId, phase: Phase, atMs: number, outcome: Outcome, evidence?: JsonObject): void {
    connection.write('endPhase', { runId, phase, outcome }, () => {
      openRunOf(runId);
      const changed = connection.run(
        `UPDATE run_phase SET ended_at_ms = @atMs, outcome = @outcome, evidence = @evidence
         WHERE run_id = @runId AND phase = @phase AND ended_at_ms IS NULL`,
        { runId, phase, atMs, outcome, evidence: evidence && JSON.stringify(evidence) },
      );
      if (changed === 0)
        throw new StationError('record_refused', { runId, phase, reason: 'phase-is-not-open' });
    });
  }

  /** Binds hardware id and device serial; `hardware_id_taken`, `hardware_id_changed`, `device_serial_case_conflict`. */
  function recordIdentity(runId: RunId, sighting: DeviceSighting): Device {
    return connection.write('recordIdentity', { runId }, () => {
      const { deviceSerial, targetName, operatorName } = openRunOf(runId);
      const device = devices.recordSighting({ ...sighting, deviceSerial, targetName, operatorName });
      connection.run('UPDATE run SET hardware_id = @hardwareId WHERE run_id = @runId', {
        runId,
        hardwareId: device.hardwareId,
      });
      return device;
    });
  }

  /** A run passes only with a credential that was verified, if it made one. */
  function refuseUnverifiedPass(runId: RunId): void {
    const row = connection.get(
      `SELECT 1 FROM credential WHERE run_id = @runId AND credential_number = (
         SELECT max(credential_number) FROM credential WHERE run_id = @runId
       ) AND state NOT IN ('verified', 'sealed')`,
      { runId },
    );
    if (row !== undefined)
      throw new StationError('record_refused', { runId, reason: 'credential-is-not-verified' });
  }

  /** Closes a run, ends its open phase with the same outcome, and closes its order when that is complete now. */
  function closeRun(runId: RunId, closing: RunClosing): void {
    const { outcome, failure, atMs } = closing;
    connection.write('closeRun', { runId, outcome }, () => {
      const { orderId, deviceSerial, operatorName } = openRunOf(runId);
      if (outcome === 'pass') refuseUnverifiedPass(runId);
      connection.run(
        'UPDATE run_phase SET ended_at_ms = @atMs, outcome = @outcome WHERE run_id = @runId AND ended_at_ms IS NULL',
        { runId, atMs, outcome },
      );
      connection.run(
        'UPDATE run SET closed_at_ms = @atMs, outcome = @outcome, failure = @failure WHERE run_id = @runId',
        { runId, atMs, outcome, failure: failure && JSON.stringify(failure) },
      );
      const details = {
        runId,
        deviceSerial,
        orderId: orderId ?? null,
        outcome,
        failure: failure?.code ?? null,
      };
      audit.record({ act: 'run-closed', actor: operatorName, atMs, details });
      if (orderId !== undefined) orders.closeIfComplete(orderId, operatorName, atMs);
    });
  }

  return {
    run,
    openRun,
    beginPhase,
    endPhase,
    recordIdentity,
    closeRun,
    openRuns: (): readonly Run[] =>
      connection.all(`${RUN_SQL} WHERE closed_at_ms IS NULL ORDER BY run_number`).map(toRun),
    /** Newest first. */
    runsOf: (deviceSerial: DeviceSerial): readonly Run[] =>
      connection
        .all(`${RUN_SQL} WHERE device_serial = @deviceSerial ORDER BY run_number DESC`, { deviceSerial })
        .map(toRun),
    toRun,
  };
}

export type RunStore = ReturnType<typeof createRunStore>;
