// A row of `run` with the id of its newest credential, and the rows of `run_phase` that belong to it.

import { z } from 'zod';
import { parseDeviceSerial, parseHardwareId } from '../../domain/device.ts';
import type { CredentialId, OrderId, RunId } from '../../domain/ids.ts';
import { type Outcome, PHASES, type PhaseRecord, type Run, type RunFailure } from '../../domain/run.ts';
import { ERROR_SIDES, type ErrorCode } from '../../domain/stationError.ts';
import { branded, jsonObject, jsonText, nullable, parsedBy, rowParser, timeMs } from './row.ts';

export const RUN_SQL = `SELECT run.*, (
  SELECT credential_id FROM credential WHERE credential.run_id = run.run_id ORDER BY credential_number DESC LIMIT 1
) AS credential_id FROM run`;

export const outcome = z.enum([
  'pass',
  'fail',
  'error',
  'timeout',
  'aborted',
] as const satisfies readonly Outcome[]);

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_SIDES, code);

/** A code that a later version dropped must not make the record unreadable: it becomes `internal` and keeps its name. */
const failure = z
  .object({ code: z.string(), details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])) })
  .transform(
    ({ code, details }): RunFailure =>
      isErrorCode(code)
        ? { code, details }
        : { code: 'internal', details: { ...details, recordedCode: code } },
  );

export const parsePhaseRow = rowParser(
  'run_phase',
  'run_id',
  z
    .object({
      phase: z.enum(PHASES),
      started_at_ms: timeMs,
      ended_at_ms: nullable(timeMs),
      outcome: nullable(outcome),
      evidence: nullable(jsonText(jsonObject)),
    })
    .transform(
      (row): PhaseRecord => ({
        phase: row.phase,
        startedAtMs: row.started_at_ms,
        endedAtMs: row.ended_at_ms,
        outcome: row.outcome,
        evidence: row.evidence,
      }),
    ),
);

const parseRunColumns = rowParser(
  'run',
  'run_id',
  z
    .object({
      run_id: branded<RunId>(),
      order_id: nullable(branded<OrderId>()),
      device_serial: parsedBy(parseDeviceSerial),
      hardware_id: nullable(parsedBy(parseHardwareId)),
      bay_name: z.string(),
      port_path: z.string(),
      operator_name: z.string(),
      target_name: z.string(),
      profile_name: z.string(),
      profile_version: z.int(),
      credential_id: nullable(branded<CredentialId>()),
      started_at_ms: timeMs,
      closed_at_ms: nullable(timeMs),
      outcome: nullable(outcome),
      failure: nullable(jsonText(failure)),
    })
    .transform(
      (row): Omit<Run, 'phases'> => ({
        runId: row.run_id,
        orderId: row.order_id,
        deviceSerial: row.device_serial,
        hardwareId: row.hardware_id,
        bayName: row.bay_name,
        portPath: row.port_path,
        operatorName: row.operator_name,
        targetName: row.target_name,
        profileName: row.profile_name,
        profileVersion: row.profile_version,
        credentialId: row.credential_id,
        startedAtMs: row.started_at_ms,
        closedAtMs: row.closed_at_ms,
        outcome: row.outcome,
        failure: row.failure,
      }),
    ),
);

/** Reads a run; `phaseRows` gives its phases in their order. */
export function parseRunRow(row: unknown, phaseRows: (runId: RunId) => readonly unknown[]): Run {
  const run = parseRunColumns(row);
  return { ...run, phases: phaseRows(run.runId).map(parsePhaseRow) };
}
