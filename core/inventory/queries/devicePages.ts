// One page of the devices screen: any window of a sorted, filtered list, and how long the whole list is.

import { z } from 'zod';
import type { CredentialState } from '../../domain/credential.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { readCount, rowParser, timeMs } from '../rows/row.ts';
import { type DeviceSummary, parseSummaryRow, SUMMARY_SQL } from './deviceList.ts';
import { findNames } from './nameSearch.ts';
import { orderCondition } from './orderFilter.ts';

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

/** What each list is sorted by, and the index that holds it together with what lists are filtered by (migration 150). */
const SORTS = {
  changed: { columns: ['changed_at_ms', 'device_number'], index: 'device_by_change' },
  deviceSerial: { columns: ['device_serial'], index: 'device_by_name' },
  expiry: { columns: ['not_after_ms', 'device_number'], index: 'device_by_expiry' },
} as const;
const CERTIFICATE_TEXT = /^[0-9a-f]{4,40}$/;
const parsePlace = rowParser('device', 'device_serial', z.object({ changed_at_ms: timeMs, runs: z.int() }));
const parseNumber = z.object({ device_number: z.int() });

/** `%` and `_` stand for themselves. */
const asPart = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Up to this many are found and then sorted; above, a walk in the order of the list meets enough of them soon. */
const FEW = 5_000;

const NAME_MATCH = `(device.device_serial LIKE @part ESCAPE '\\' OR device.hardware_id LIKE @part ESCAPE '\\')`;
const CERTIFICATE_MATCH = `device.device_serial IN (
  SELECT device_serial FROM credential WHERE certificate_serial >= @hex AND certificate_serial < @hexEnd
)`;
const FOUND_SQL = `
  SELECT device_number FROM device WHERE device_serial IN (SELECT value FROM json_each(@serials))
  UNION SELECT device_number FROM device WHERE @isHex = 1 AND ${CERTIFICATE_MATCH} LIMIT ${FEW + 1}`;

interface Conditions {
  readonly clauses: readonly string[];
  readonly parameters: SqlParameters;
  /** How many these conditions alone let through, where that is known already. */
  readonly total?: number | undefined;
}

function searchCondition(connection: Connection, search: string): Conditions {
  const hex = search.toLowerCase().replaceAll(':', '');
  const isHex = CERTIFICATE_TEXT.test(hex);
  const parameters = { part: asPart(search), hex, hexEnd: `${hex}\u{10ffff}`, isHex: isHex ? 1 : 0 };
  const named = findNames(connection, search, FEW);
  if (named.deviceSerials !== undefined) {
    const found = connection
      .all(FOUND_SQL, { ...parameters, serials: JSON.stringify(named.deviceSerials) })
      .map((row) => parseNumber.parse(row).device_number);
    if (found.length <= FEW) {
      return {
        clauses: ['device.device_number IN (SELECT value FROM json_each(@numbers))'],
        parameters: { numbers: JSON.stringify(found) },
        total: found.length,
      };
    }
  }
  if (!isHex) return { clauses: [NAME_MATCH], parameters, total: named.count };
  const others = readCount(
    connection.get(
      `SELECT count(*) AS count FROM device WHERE ${CERTIFICATE_MATCH} AND ${NAME_MATCH} IS NOT TRUE`,
      parameters,
    ),
  );
  return {
    clauses: [`(${NAME_MATCH} OR ${CERTIFICATE_MATCH})`],
    parameters,
    total: named.count + others,
  };
}

function conditionsOf(connection: Connection, query: DevicePageQuery): Conditions {
  const { search, states, orderId, targetName, fromMs, toMs } = query;
  const sought = search?.trim() ?? '';
  const searched: Conditions =
    sought === '' ? { clauses: [], parameters: {} } : searchCondition(connection, sought);
  const ordered = orderId === undefined ? undefined : orderCondition(connection, orderId);
  const [state, ...others] = states ?? [];
  const inStates =
    others.length === 0
      ? 'device.credential_state = @state'
      : 'device.credential_state IN (SELECT value FROM json_each(@states))';
  const filters = [
    ...(state === undefined ? [] : [inStates]),
    ...(ordered === undefined ? [] : [ordered.clause]),
    ...(targetName === undefined ? [] : ['device.target_name = @targetName']),
    ...(fromMs === undefined ? [] : ['device.changed_at_ms >= @fromMs']),
    ...(toMs === undefined ? [] : ['device.changed_at_ms < @toMs']),
  ];
  const isFew = searched.total !== undefined && searched.total <= FEW;
  return {
    // Few that were found are tested one by one: out of reach of the indexes (sqlite.org/queryplanner-ng.html 3.1).
    clauses: [...searched.clauses, ...filters.map((clause) => (isFew ? `(${clause}) IS TRUE` : clause))],
    parameters: {
      ...searched.parameters,
      ...ordered?.parameters,
      ...{ state, states: JSON.stringify(states ?? []), targetName, fromMs, toMs },
    },
    total: filters.length === 0 ? searched.total : undefined,
  };
}

const whereOf = (clauses: readonly string[]): string =>
  clauses.length === 0 ? '' : `WHERE ${clauses.join(' AND ')}`;

const orderOf = (table: string, columns: readonly string[], descending: boolean): string =>
  `ORDER BY ${columns.map((column) => `${table}.${column} ${descending ? 'DESC' : 'ASC'}`).join(', ')}`;

/** The numbers of the window's devices. It is cut out of an index, from its nearer end, before anything is looked up. */
function windowSql(query: DevicePageQuery, clauses: readonly string[], total: number) {
  const { columns, index } = SORTS[query.sort];
  const limit = Math.max(0, Math.min(query.limit, total - query.offset));
  const fromEnd = total - query.offset - limit;
  const isBackwards = fromEnd < query.offset;
  const source = total > FEW ? `device INDEXED BY ${index}` : 'device';
  return {
    sql: `SELECT device_number FROM ${source} ${whereOf(clauses)}
      ${orderOf('device', columns, query.descending !== isBackwards)} LIMIT @limit OFFSET @offset`,
    parameters: { limit, offset: isBackwards ? Math.max(0, fromEnd) : query.offset },
  };
}

/** No index begins with both an order and a target; one that holds both is read whole sooner than each device is looked up. */
const countedIn = ({ search = '', orderId, targetName }: DevicePageQuery): string =>
  search.trim() === '' && orderId !== undefined && targetName !== undefined
    ? 'device INDEXED BY device_by_change'
    : 'device';

export function createDevicePages(connection: Connection) {
  return {
    devicePage: (
      query: DevicePageQuery,
    ): { readonly total: number; readonly rows: readonly DevicePageRow[] } =>
      connection.read(() => {
        const { clauses, parameters, total: known } = conditionsOf(connection, query);
        const total =
          known ??
          readCount(
            connection.get(
              `SELECT count(*) AS count FROM ${countedIn(query)} ${whereOf(clauses)}`,
              parameters,
            ),
          );
        const window = windowSql(query, clauses, total);
        const sql = SUMMARY_SQL.replace(
          'FROM device\n',
          `, device.changed_at_ms,
           (SELECT count(*) FROM run AS counted WHERE counted.device_serial = device.device_serial) AS runs
           FROM device\n`,
        );
        const order = orderOf('device', SORTS[query.sort].columns, query.descending);
        const rows = connection.all(`${sql} WHERE device.device_number IN (${window.sql}) ${order}`, {
          ...parameters,
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
