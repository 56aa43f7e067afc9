// What the screens and commands ask beside the list of devices: runs of an order, and figures.

import { z } from 'zod';
import type { CredentialState } from '../../domain/credential.ts';
import type { DeviceSerial } from '../../domain/device.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Outcome, Run } from '../../domain/run.ts';
import type { Connection } from '../database/connection.ts';
import { rowParser } from '../rows/row.ts';
import { RUN_SQL } from '../rows/runRow.ts';
import type { RunStore } from '../stores/runStore.ts';
import type { Page, PageKey } from './deviceList.ts';

export interface RunFilter {
  readonly orderId?: OrderId | undefined;
  readonly deviceSerial?: DeviceSerial | undefined;
  readonly outcome?: Outcome | undefined;
}

/** How many of each kind there are; kinds without any are left out. */
export interface Counts {
  readonly devices: number;
  readonly devicesByState: Readonly<Partial<Record<CredentialState | 'none', number>>>;
  readonly credentialsByState: Readonly<Partial<Record<CredentialState, number>>>;
  readonly runsByOutcome: Readonly<Partial<Record<Outcome | 'open', number>>>;
  readonly ordersByState: Readonly<Partial<Record<'open' | 'closed', number>>>;
}

const parseGroupRow = z.object({ name: z.string(), count: z.int() });
const parseRunKey = rowParser('run', 'run_id', z.object({ run_number: z.int() }));
const MAX_PAGE_SIZE = 1_000;

export function createOverview(connection: Connection, runs: RunStore) {
  /** Newest first. `limit` is 1 to 1,000. */
  function listRuns(
    filter: RunFilter = {},
    options: { from?: PageKey | undefined; limit?: number } = {},
  ): Page<Run> {
    const { orderId, deviceSerial, outcome } = filter;
    const { from, limit = 50 } = options;
    const clauses = [
      ...(orderId === undefined ? [] : ['order_id = @orderId']),
      ...(deviceSerial === undefined ? [] : ['device_serial = @deviceSerial']),
      ...(outcome === undefined ? [] : ['outcome = @outcome']),
      ...(from === undefined ? [] : ['run_number < @from']),
    ];
    const where = clauses.length === 0 ? '' : `WHERE ${clauses.join(' AND ')}`;
    const size = Math.max(1, Math.min(MAX_PAGE_SIZE, Math.trunc(limit)));
    const rows = connection.all(`${RUN_SQL} ${where} ORDER BY run_number DESC LIMIT @limit`, {
      ...{ orderId, deviceSerial, outcome, from, limit: size + 1 },
    });
    const shown = rows.slice(0, size);
    const last = shown.at(-1);
    return {
      items: shown.map(runs.toRun),
      next: rows.length > size && last !== undefined ? parseRunKey(last).run_number : undefined,
    };
  }

  const grouped = (name: string, table: string, count = 'count(*)'): Readonly<Record<string, number>> =>
    Object.fromEntries(
      connection
        .all(`SELECT ${name} AS name, ${count} AS count FROM ${table} GROUP BY 1`)
        .map((row) => parseGroupRow.parse(row))
        .map((group) => [group.name, group.count]),
    );

  function counts(): Counts {
    return connection.read(() => {
      const devicesByState = grouped('credential_state', 'device_group WHERE devices > 0', 'sum(devices)');
      return {
        devices: Object.values(devicesByState).reduce((sum, count) => sum + count, 0),
        devicesByState,
        credentialsByState: grouped('state', 'credential'),
        runsByOutcome: grouped("coalesce(outcome, 'open')", 'run'),
        ordersByState: grouped("iif(closed_at_ms IS NULL, 'open', 'closed')", 'work_order'),
      };
    });
  }

  return {
    listRuns,
    counts,
  };
}
