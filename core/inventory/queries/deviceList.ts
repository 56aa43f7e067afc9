// Lists of devices for screens and exports: filtered, searched, page by page from a key, never from an offset.

import { z } from 'zod';
import type { CredentialState, KeyCustody } from '../../domain/credential.ts';
import type { Device } from '../../domain/device.ts';
import type { CredentialId, RunId, Sha256Hex } from '../../domain/ids.ts';
import type { Outcome } from '../../domain/run.ts';
import type { Connection } from '../database/connection.ts';
import { certificateSerial, credentialState } from '../rows/credentialRow.ts';
import { DEVICE_COLUMNS, deviceColumns, toDevice } from '../rows/deviceRow.ts';
import { branded, nullable, rowParser, timeMs } from '../rows/row.ts';
import { outcome } from '../rows/runRow.ts';
import { type DeviceFilter, deviceConditions } from './deviceSearch.ts';

/** Where a page ended; opaque outside. */
export type PageKey = number;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Hand back for the next page; undefined after the last. */
  readonly next: PageKey | undefined;
}

export interface CredentialSummary {
  readonly credentialId: CredentialId;
  readonly state: CredentialState;
  readonly certificateSerial: string;
  readonly certificateSha256: Sha256Hex | undefined;
  readonly custody: KeyCustody | undefined;
  readonly profileName: string;
  readonly profileVersion: number;
  readonly notBeforeMs: number | undefined;
  readonly notAfterMs: number | undefined;
}

export interface DeviceSummary {
  readonly device: Device;
  /** The work order that it was last worked on under, by a run or a batch. */
  readonly orderName: string | undefined;
  /** The live credential, else the newest. */
  readonly credential: CredentialSummary | undefined;
  readonly lastRun:
    | {
        readonly runId: RunId;
        readonly orderName: string | undefined;
        readonly startedAtMs: number;
        readonly outcome: Outcome | undefined;
      }
    | undefined;
}

export const SUMMARY_SQL = `
  SELECT ${DEVICE_COLUMNS},
    credential.credential_id, credential.state, credential.certificate_serial, credential.certificate_sha256,
    credential.custody, credential.profile_name, credential.profile_version,
    credential.not_before_ms, credential.not_after_ms,
    run.run_id, run.started_at_ms, run.outcome, run_order.name AS run_order_name, work_order.name AS order_name
  FROM device
  LEFT JOIN credential ON credential.credential_number = (
    SELECT credential_number FROM credential AS candidate WHERE candidate.device_serial = device.device_serial
    ORDER BY state IN ('issued', 'installed', 'verified', 'sealed') DESC, credential_number DESC LIMIT 1
  )
  LEFT JOIN run ON run.run_number = (
    SELECT max(run_number) FROM run AS candidate WHERE candidate.device_serial = device.device_serial
  )
  LEFT JOIN work_order AS run_order ON run_order.order_id = run.order_id
  LEFT JOIN work_order ON work_order.order_number = device.order_number`;

export const parseSummaryRow = rowParser(
  'device',
  'device_serial',
  z
    .object({
      ...deviceColumns,
      device_number: z.int(),
      credential_id: nullable(branded<CredentialId>()),
      state: nullable(credentialState),
      certificate_serial: nullable(certificateSerial),
      certificate_sha256: nullable(branded<Sha256Hex>()),
      custody: nullable(branded<KeyCustody>()),
      profile_name: nullable(z.string()),
      profile_version: nullable(z.int()),
      not_before_ms: nullable(timeMs),
      not_after_ms: nullable(timeMs),
      run_id: nullable(branded<RunId>()),
      started_at_ms: nullable(timeMs),
      outcome: nullable(outcome),
      run_order_name: nullable(z.string()),
      order_name: nullable(z.string()),
    })
    .transform((row): { readonly key: PageKey; readonly summary: DeviceSummary } => ({
      key: row.device_number,
      summary: {
        device: toDevice(row),
        orderName: row.order_name,
        credential:
          row.credential_id === undefined || row.state === undefined
            ? undefined
            : {
                credentialId: row.credential_id,
                state: row.state,
                certificateSerial: row.certificate_serial ?? '',
                certificateSha256: row.certificate_sha256,
                custody: row.custody,
                profileName: row.profile_name ?? '',
                profileVersion: row.profile_version ?? 0,
                notBeforeMs: row.not_before_ms,
                notAfterMs: row.not_after_ms,
              },
        lastRun:
          row.run_id === undefined
            ? undefined
            : {
                runId: row.run_id,
                orderName: row.run_order_name,
                startedAtMs: row.started_at_ms ?? 0,
                outcome: row.outcome,
              },
      },
    })),
);

const MAX_PAGE_SIZE = 1_000;

export function createDeviceList(connection: Connection) {
  function page(
    filter: DeviceFilter,
    direction: 'newest-first' | 'oldest-first',
    from: PageKey | undefined,
    limit: number,
  ): Page<DeviceSummary> {
    const { clauses, parameters } = deviceConditions(connection, filter);
    const [comparison, order] = direction === 'newest-first' ? ['<', 'DESC'] : ['>', 'ASC'];
    const all = [...clauses, ...(from === undefined ? [] : [`device.device_number ${comparison} @from`])];
    const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
    const size = Math.max(1, Math.min(MAX_PAGE_SIZE, Math.trunc(limit)));
    const rows = connection
      .all(`${SUMMARY_SQL} ${where} ORDER BY device.device_number ${order} LIMIT @limit`, {
        ...parameters,
        from,
        limit: size + 1,
      })
      .map(parseSummaryRow);
    const shown = rows.slice(0, size);
    return {
      items: shown.map((row) => row.summary),
      next: rows.length > size ? shown.at(-1)?.key : undefined,
    };
  }

  return {
    /** Newest first. `limit` is 1 to 1,000. */
    listDevices: (filter: DeviceFilter = {}, options: { from?: PageKey | undefined; limit?: number } = {}) =>
      page(filter, 'newest-first', options.from, options.limit ?? 50),
    /**
     * All that match, oldest first, read in pages, so that runs go on meanwhile; each row is true when it is read, and
     * what is added meanwhile comes last.
     */
    *eachDevice(filter: DeviceFilter = {}): Generator<DeviceSummary, void, undefined> {
      let from: PageKey | undefined;
      do {
        const { items, next } = page(filter, 'oldest-first', from, MAX_PAGE_SIZE);
        yield* items;
        from = next;
      } while (from !== undefined);
    },
  };
}
