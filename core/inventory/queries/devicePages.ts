// One page of the devices screen: any window of a sorted, filtered list, and how long the whole list is.

import { z } from 'zod';
import type { CredentialState } from '../../domain/credential.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { readCount, rowParser, timeMs } from '../rows/row.ts';
import { type DeviceSummary, parseSummaryRow, SUMMARY_SQL } from './deviceList.ts';
import { countOfOrder, orderCondition } from './devicesOfOrder.ts';

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

const SORT_COLUMNS = {
  changed: 'changed_at_ms',
  deviceSerial: 'device_serial',
  expiry: 'not_after_ms',
} as const;
const CERTIFICATE_TEXT = /^[0-9a-f]{4,40}$/;
const parsePlace = rowParser('device', 'device_serial', z.object({ changed_at_ms: timeMs, runs: z.int() }));

/** `%` and `_` stand for themselves. */
const asPart = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

/** Below this many they are found and then sorted; above, a walk in the order of the list meets enough of them soon. */
const FEW = 5_000;
const parseNumber = z.object({ device_number: z.int() });

/**
 * The devices that a search means, each name looked through in the index that holds it; undefined when they are many.
 * Parts of names have no index: the narrowest one is read whole, once for the page and its total.
 */
function found(
  connection: Connection,
  parameters: SqlParameters,
  hex: string,
): readonly number[] | undefined {
  const parts = [
    `SELECT device_number FROM device WHERE device_serial LIKE @part ESCAPE '\\'`,
    `SELECT device_number FROM device WHERE hardware_id IS NOT NULL AND hardware_id LIKE @part ESCAPE '\\'`,
    ...(CERTIFICATE_TEXT.test(hex)
      ? [
          `SELECT device_number FROM device WHERE device_serial IN (
             SELECT device_serial FROM credential WHERE certificate_serial >= @hex AND certificate_serial < @hexEnd
           )`,
        ]
      : []),
  ];
  const numbers = new Set<number>();
  for (const part of parts) {
    const rows = connection.all(`${part} LIMIT ${FEW}`, parameters);
    if (rows.length === FEW) return undefined;
    for (const row of rows) numbers.add(parseNumber.parse(row).device_number);
  }
  return [...numbers];
}

function searchCondition(connection: Connection, search: string) {
  const hex = search.toLowerCase().replaceAll(':', '');
  const parameters = { part: asPart(search), hex, hexEnd: `${hex}\u{10ffff}` };
  const numbers = found(connection, parameters, hex);
  if (numbers !== undefined) {
    return {
      clauses: ['device.device_number IN (SELECT value FROM json_each(@numbers))'],
      parameters: { numbers: JSON.stringify(numbers) },
    };
  }
  const certificate = `device.device_serial IN (
    SELECT device_serial FROM credential WHERE certificate_serial >= @hex AND certificate_serial < @hexEnd
  )`;
  const text = `device.device_serial LIKE @part ESCAPE '\\' OR device.hardware_id LIKE @part ESCAPE '\\'`;
  return { clauses: [`(${CERTIFICATE_TEXT.test(hex) ? `${text} OR ${certificate}` : text})`], parameters };
}

function conditions(connection: Connection, query: DevicePageQuery) {
  const { search, states, orderId, targetName, fromMs, toMs } = query;
  const sought = search?.trim() ?? '';
  const searched = sought === '' ? { clauses: [], parameters: {} } : searchCondition(connection, sought);
  const [state, ...others] = states ?? [];
  const inStates =
    others.length === 0
      ? 'device.credential_state = @state'
      : 'device.credential_state IN (SELECT value FROM json_each(@states))';
  const clauses = [
    ...searched.clauses,
    ...(state === undefined ? [] : [inStates]),
    ...(orderId === undefined ? [] : [orderCondition(connection, orderId)]),
    ...(targetName === undefined ? [] : ['device.target_name = @targetName']),
    ...(fromMs === undefined ? [] : ['device.changed_at_ms >= @fromMs']),
    ...(toMs === undefined ? [] : ['device.changed_at_ms < @toMs']),
  ];
  const parameters: SqlParameters = {
    ...searched.parameters,
    ...{ state, states: JSON.stringify(states ?? []), orderId, targetName, fromMs, toMs },
  };
  return { clauses, parameters };
}

/**
 * The same conditions, out of reach of the indexes on state and target (sqlite.org/queryplanner-ng.html 3.1): the list's
 * own order is then walked, and nothing has to be sorted.
 */
const inListOrder = (clauses: readonly string[]): readonly string[] =>
  clauses.map((clause) =>
    clause.replace(/^device\.(credential_state|target_name|changed_at_ms)/, '+device.$1'),
  );

const whereOf = (clauses: readonly string[]): string =>
  clauses.length === 0 ? '' : `WHERE ${clauses.join(' AND ')}`;

export function createDevicePages(connection: Connection) {
  return {
    devicePage: (
      query: DevicePageQuery,
    ): { readonly total: number; readonly rows: readonly DevicePageRow[] } =>
      connection.read(() => {
        const { clauses, parameters } = conditions(connection, query);
        const total =
          query.orderId !== undefined && clauses.length === 1
            ? countOfOrder(connection, query.orderId)
            : readCount(
                connection.get(`SELECT count(*) AS count FROM device ${whereOf(clauses)}`, parameters),
              );
        const column = SORT_COLUMNS[query.sort];
        const order = (table: string): string =>
          `ORDER BY ${table}.${column} ${query.descending ? 'DESC' : 'ASC'}, ${table}.device_number ${query.descending ? 'DESC' : 'ASC'}`;
        const where = whereOf(total > FEW && query.sort !== 'changed' ? inListOrder(clauses) : clauses);
        // The window is cut out of an index before anything is looked up for its rows.
        const page = `SELECT device_number FROM device ${where} ${order('device')} LIMIT @limit OFFSET @offset`;
        const sql = SUMMARY_SQL.replace(
          'FROM device\n',
          `, device.changed_at_ms,
           (SELECT count(*) FROM run AS counted WHERE counted.device_serial = device.device_serial) AS runs
           FROM device\n`,
        );
        const rows = connection.all(`${sql} WHERE device.device_number IN (${page}) ${order('device')}`, {
          ...parameters,
          limit: query.limit,
          offset: query.offset,
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
