// Figures over runs: of one work order, and of a stretch of time such as a shift. Medians are the caller's arithmetic.

import { z } from 'zod';
import { parseDeviceSerial } from '../../domain/device.ts';
import type { OrderId, RunId } from '../../domain/ids.ts';
import { type Outcome, PHASES, type Phase } from '../../domain/run.ts';
import type { Connection } from '../database/connection.ts';
import { branded, nullable, parsedBy, rowParser, timeMs } from '../rows/row.ts';
import { outcome } from '../rows/runRow.ts';
import { type WorkOrderFacts, workOrderColumns, workOrderFacts } from '../rows/workOrderRow.ts';

/** A work order and how its runs went. */
export interface OrderSummary extends WorkOrderFacts {
  readonly listedSerials: number;
  /** Devices whose last closed run did not pass. */
  readonly failed: number;
  /** Devices with a closed run. */
  readonly tried: number;
  readonly passedFirst: number;
  readonly runs: number;
}

/** A closed run, as far as figures need it. */
export interface ClosedRun {
  readonly runId: RunId;
  readonly deviceSerial: string;
  readonly bayName: string;
  readonly outcome: Outcome;
  readonly failureCode: string | undefined;
  readonly startedAtMs: number;
  readonly closedAtMs: number;
  /** No closed run of this device came before it. */
  readonly first: boolean;
}

export interface PhaseTime {
  readonly phase: Phase;
  readonly durationMs: number;
}

/** In each device's group SQLite takes `outcome` from the row with the extreme run number (sqlite.org/quirks.html 6). */
const TRIED = (extreme: 'min' | 'max'): string => `
  SELECT outcome, ${extreme}(run_number) FROM run
  WHERE run.order_id = work_order.order_id AND outcome IS NOT NULL GROUP BY device_serial`;

const ORDERS_SQL = `SELECT work_order.*,
  (SELECT count(*) FROM work_order_device AS listed WHERE listed.order_id = work_order.order_id) AS listed_serials,
  (SELECT count(*) FROM run WHERE run.order_id = work_order.order_id) AS runs,
  (SELECT count(*) FROM (${TRIED('min')})) AS tried,
  (SELECT count(*) FROM (${TRIED('min')}) WHERE outcome = 'pass') AS passed_first,
  (SELECT count(*) FROM (${TRIED('max')}) WHERE outcome <> 'pass') AS failed
  FROM work_order`;

const parseOrder = rowParser(
  'work_order',
  'order_id',
  workOrderColumns
    .extend({
      listed_serials: z.int(),
      runs: z.int(),
      tried: z.int(),
      passed_first: z.int(),
      failed: z.int(),
    })
    .transform(
      (row): OrderSummary => ({
        ...workOrderFacts(row),
        failed: row.failed,
        tried: row.tried,
        passedFirst: row.passed_first,
        listedSerials: row.listed_serials,
        runs: row.runs,
      }),
    ),
);

const parseClosedRun = rowParser(
  'run',
  'run_id',
  z
    .object({
      run_id: branded<RunId>(),
      device_serial: parsedBy(parseDeviceSerial),
      bay_name: z.string(),
      outcome,
      failure_code: nullable(z.string()),
      started_at_ms: timeMs,
      closed_at_ms: timeMs,
      is_first: z.int(),
    })
    .transform(
      (row): ClosedRun => ({
        runId: row.run_id,
        deviceSerial: row.device_serial,
        bayName: row.bay_name,
        outcome: row.outcome,
        failureCode: row.failure_code,
        startedAtMs: row.started_at_ms,
        closedAtMs: row.closed_at_ms,
        first: row.is_first === 1,
      }),
    ),
);

const CLOSED_RUN_COLUMNS = `run_id, device_serial, bay_name, outcome, json_extract(failure, '$.code') AS failure_code,
  started_at_ms, closed_at_ms, NOT EXISTS (
    SELECT 1 FROM run AS earlier WHERE earlier.device_serial = run.device_serial
      AND earlier.closed_at_ms IS NOT NULL AND earlier.run_number < run.run_number
  ) AS is_first`;

const parsePhaseTime = rowParser(
  'run_phase',
  'phase',
  z
    .object({ phase: z.enum(PHASES), duration_ms: z.int() })
    .transform((row): PhaseTime => ({ phase: row.phase, durationMs: row.duration_ms })),
);

export function createFigures(connection: Connection) {
  return {
    /** Newest first. */
    orderSummaries: (limit = 2_000): readonly OrderSummary[] =>
      connection.all(`${ORDERS_SQL} ORDER BY order_number DESC LIMIT @limit`, { limit }).map(parseOrder),
    orderSummary: (orderId: OrderId): OrderSummary | undefined => {
      const row = connection.get(`${ORDERS_SQL} WHERE order_id = @orderId`, { orderId });
      return row === undefined ? undefined : parseOrder(row);
    },
    runsOfOrder: (orderId: OrderId): readonly ClosedRun[] =>
      connection
        .all(
          `SELECT ${CLOSED_RUN_COLUMNS} FROM run WHERE order_id = @orderId AND closed_at_ms IS NOT NULL ORDER BY run_number`,
          { orderId },
        )
        .map(parseClosedRun),
    runsClosedBetween: (fromMs: number, toMs: number): readonly ClosedRun[] =>
      connection
        .all(
          `SELECT ${CLOSED_RUN_COLUMNS} FROM run WHERE closed_at_ms >= @fromMs AND closed_at_ms < @toMs ORDER BY closed_at_ms`,
          { fromMs, toMs },
        )
        .map(parseClosedRun),
    /** Of phases that passed, in runs that closed in that time. */
    phaseTimesBetween: (fromMs: number, toMs: number): readonly PhaseTime[] =>
      connection
        .all(
          `SELECT phase, run_phase.ended_at_ms - run_phase.started_at_ms AS duration_ms
           FROM run JOIN run_phase USING (run_id)
           WHERE run.closed_at_ms >= @fromMs AND run.closed_at_ms < @toMs AND run_phase.outcome = 'pass'`,
          { fromMs, toMs },
        )
        .map(parsePhaseTime),
  };
}
