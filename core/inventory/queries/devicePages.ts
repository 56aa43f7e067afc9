// One page of the devices screen: any window of a sorted, filtered list, and how long the whole list is.

import { z } from 'zod';
import type { CredentialState } from '../../domain/credential.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { readCount, rowParser, timeMs } from '../rows/row.ts';
import { countDevices, type GroupCondition, groupCondition } from './deviceGroups.ts';
import { type DeviceSummary, parseSummaryRow, SUMMARY_SQL } from './deviceList.ts';
import { type SearchCondition, searchCondition } from './searchCondition.ts';

export interface DevicePageQuery {
  /** Part of a device serial or hardware id, or the beginning (4 digits or more) of a certificate serial. */
  readonly search?: string | undefined;
  readonly states?: readonly CredentialState[] | undefined;
  readonly orderId?: OrderId | undefined;
  readonly targetName?: string | undefined;
  /** When the device last changed. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly sort: 'changed' | 'deviceSerial' | 'expiry';
  readonly descending: boolean;
  readonly offset: number;
  readonly limit: number;
}

export interface DevicePageRow extends DeviceSummary {
  readonly changedAtMs: number;
  readonly runs: number;
}

/** What each list is sorted by, and the index that holds it together with what lists are filtered by (migration 170). */
const SORTS = {
  changed: { columns: ['changed_at_ms', 'device_number'], index: 'device_by_change' },
  deviceSerial: { columns: ['device_serial'], index: 'device_by_name' },
  expiry: { columns: ['not_after_ms', 'device_number'], index: 'device_by_expiry' },
} as const;
const parsePlace = rowParser('device', 'device_serial', z.object({ changed_at_ms: timeMs, runs: z.int() }));

/** Up to this many are found and then sorted; above, a walk in the order of the list meets enough of them soon. */
const FEW = 5_000;

interface Conditions {
  readonly searched: SearchCondition;
  readonly grouped: GroupCondition;
  readonly timed: string | undefined;
  readonly parameters: SqlParameters;
  /** All devices there are. */
  readonly all: number;
}

function conditionsOf(connection: Connection, query: DevicePageQuery): Conditions {
  const { search = '', fromMs, toMs } = query;
  const all = countDevices(connection);
  const searched = searchCondition(connection, search.trim(), all);
  const grouped = groupCondition(connection, query);
  const timed = [
    ...(fromMs === undefined ? [] : ['device.changed_at_ms >= @fromMs']),
    ...(toMs === undefined ? [] : ['device.changed_at_ms < @toMs']),
  ].join(' AND ');
  return {
    ...{ searched, grouped, all },
    timed: timed === '' ? undefined : timed,
    parameters: { ...searched.parameters, ...grouped.parameters, fromMs, toMs },
  };
}

const whereOf = (...clauses: readonly (string | undefined)[]): string => {
  const given = clauses.filter((clause) => clause !== undefined);
  return given.length === 0 ? '' : `WHERE ${given.join(' AND ')}`;
};

/** Out of reach of the indexes (sqlite.org/queryplanner-ng.html 3.1). */
const testOnly = (clause: string | undefined): string | undefined => clause && `(${clause}) IS TRUE`;

/** `FROM` and `WHERE` that find devices through the index of one condition and test the others; undefined where all let many through. */
function findingSql({ searched, grouped, timed }: Conditions): string | undefined {
  if (searched.isFew) return `device ${whereOf(searched.clause, testOnly(timed), testOnly(grouped.clause))}`;
  if (grouped.clause !== undefined && grouped.total <= FEW)
    return `device ${whereOf(grouped.clause, testOnly(timed), testOnly(searched.clause))}`;
  if (timed !== undefined)
    return `device INDEXED BY device_by_change ${whereOf(timed, grouped.test, searched.clause)}`;
  return undefined;
}

/** `FROM` and `WHERE` that test every device along an index. */
const walkingSql = (index: string, { searched, grouped, timed }: Conditions): string =>
  `device INDEXED BY ${index} ${whereOf(timed, grouped.test, searched.clause)}`;

function totalOf(connection: Connection, conditions: Conditions): number {
  const { searched, grouped, timed, all, parameters } = conditions;
  const count = (sql: string): number =>
    readCount(connection.get(`SELECT count(*) AS count FROM ${sql}`, parameters));
  if (timed === undefined && searched.clause === undefined) return grouped.total;
  if (timed === undefined && grouped.clause === undefined) return searched.total;
  const finding = findingSql(conditions);
  if (finding === undefined) {
    // What the other groups have of it is counted where that is less.
    return grouped.opposite !== undefined && grouped.total > all / 2
      ? searched.total -
          count(`device INDEXED BY device_by_group ${whereOf(grouped.opposite, searched.clause)}`)
      : count(walkingSql('device_by_group', conditions));
  }
  if (timed === undefined || searched.isFew || grouped.total <= FEW) return count(finding);
  // Most devices changed about when the one in the middle did: what is on the other side of the limits is less to count.
  const isMost = count(`device ${whereOf(`device_number = ${Math.ceil(all / 2)}`, testOnly(timed))}`) === 1;
  if (!isMost) return count(finding);
  const outside = ['device.changed_at_ms < @fromMs', 'device.changed_at_ms >= @toMs'].map((clause) =>
    count(`device INDEXED BY device_by_change ${whereOf(clause, grouped.test, searched.clause)}`),
  );
  return outside.reduce(
    (left, some) => left - some,
    totalOf(connection, { ...conditions, timed: undefined }),
  );
}

/** The numbers of the window's devices. It is cut out of an index, from its nearer end, before anything is looked up. */
function windowSql(query: DevicePageQuery, conditions: Conditions, total: number) {
  const { columns, index } = SORTS[query.sort];
  const limit = Math.max(0, Math.min(query.limit, total - query.offset));
  const fromEnd = total - query.offset - limit;
  const isBackwards = fromEnd < query.offset;
  const source = (total > FEW ? undefined : findingSql(conditions)) ?? walkingSql(index, conditions);
  return {
    sql: `SELECT device_number FROM ${source}
      ${orderOf(columns, query.descending !== isBackwards)} LIMIT @limit OFFSET @offset`,
    parameters: { limit, offset: isBackwards ? Math.max(0, fromEnd) : query.offset },
  };
}

const orderOf = (columns: readonly string[], descending: boolean): string =>
  `ORDER BY ${columns.map((column) => `device.${column} ${descending ? 'DESC' : 'ASC'}`).join(', ')}`;

export function createDevicePages(connection: Connection) {
  return {
    devicePage: (
      query: DevicePageQuery,
    ): { readonly total: number; readonly rows: readonly DevicePageRow[] } =>
      connection.read(() => {
        const conditions = conditionsOf(connection, query);
        const total = totalOf(connection, conditions);
        const window = windowSql(query, conditions, total);
        const sql = SUMMARY_SQL.replace(
          'FROM device\n',
          `, device.changed_at_ms,
           (SELECT count(*) FROM run AS counted WHERE counted.device_serial = device.device_serial) AS runs
           FROM device\n`,
        );
        const order = orderOf(SORTS[query.sort].columns, query.descending);
        const rows = connection.all(`${sql} WHERE device.device_number IN (${window.sql}) ${order}`, {
          ...conditions.parameters,
          ...window.parameters,
        });
        return {
          total,
          rows: rows.map((row) => {
            const { changed_at_ms, runs } = parsePlace(row);
            return { ...parseSummaryRow(row).summary, changedAtMs: changed_at_ms, runs };
          }),
        };
      }),
  };
}
