// One page of the devices screen: any window of a sorted, filtered list, and how long the whole list is.

import { z } from 'zod';
import type { CredentialState } from '../../domain/credential.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { readCount, rowParser, timeMs } from '../rows/row.ts';
import { type DeviceSummary, parseSummaryRow, SUMMARY_SQL } from './deviceList.ts';

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
/** Fewer finds than this are found by one walk through the table and sorted; more of them lie close together in the index. */
const FEW = 2_000;
const CERTIFICATE_TEXT = /^[0-9a-f]{4,40}$/;
const parsePlace = rowParser('device', 'device_serial', z.object({ changed_at_ms: timeMs, runs: z.int() }));

/** `%` and `_` stand for themselves. */
const asPart = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`;

function conditions(query: Omit<DevicePageQuery, 'sort' | 'descending' | 'offset' | 'limit'>): {
  readonly where: string;
  readonly parameters: SqlParameters;
} {
  const { search, states, orderId, targetName, fromMs, toMs } = query;
  const sought = search?.trim() ?? '';
  const hex = sought.toLowerCase().replaceAll(':', '');
  const clauses: string[] = [];
  if (sought !== '') {
    const text = `device.device_serial LIKE @part ESCAPE '\\' OR device.hardware_id LIKE @part ESCAPE '\\'`;
    const certificate = `device.device_serial IN (
      SELECT device_serial FROM credential WHERE certificate_serial >= @hex AND certificate_serial < @hexEnd
    )`;
    clauses.push(CERTIFICATE_TEXT.test(hex) ? `(${text} OR ${certificate})` : `(${text})`);
  }
  if (states !== undefined && states.length > 0) {
    clauses.push('device.credential_state IN (SELECT value FROM json_each(@states))');
  }
  if (orderId !== undefined) {
    clauses.push('device.device_serial IN (SELECT device_serial FROM run WHERE order_id = @orderId)');
  }
  if (targetName !== undefined) clauses.push('device.target_name = @targetName');
  if (fromMs !== undefined) clauses.push('device.changed_at_ms >= @fromMs');
  if (toMs !== undefined) clauses.push('device.changed_at_ms < @toMs');
  return {
    where: clauses.length === 0 ? '' : `WHERE ${clauses.join(' AND ')}`,
    parameters: {
      part: asPart(sought),
      hex,
      hexEnd: `${hex}\u{10ffff}`,
      states: JSON.stringify(states ?? []),
      ...{ orderId, targetName, fromMs, toMs },
    },
  };
}

export function createDevicePages(connection: Connection) {
  return {
    devicePage: (
      query: DevicePageQuery,
    ): { readonly total: number; readonly rows: readonly DevicePageRow[] } =>
      connection.read(() => {
        const { where, parameters } = conditions(query);
        const total = readCount(connection.get(`SELECT count(*) AS count FROM device ${where}`, parameters));
        if (total === 0) return { total, rows: [] };
        const direction = query.descending ? 'DESC' : 'ASC';
        // `+` keeps SQLite from walking the whole index, one look-up a row, to meet a few of its rows.
        const order = (walk: '' | '+'): string =>
          `ORDER BY ${walk}device.${SORT_COLUMNS[query.sort]} ${direction}, device.device_number ${direction}`;
        // The window is cut out before anything is looked up for its rows.
        const page = `SELECT device_number FROM device ${where} ${order(total < FEW ? '+' : '')} LIMIT @limit OFFSET @offset`;
        const sql = SUMMARY_SQL.replace(
          'FROM device\n',
          `, device.changed_at_ms,
           (SELECT count(*) FROM run AS counted WHERE counted.device_serial = device.device_serial) AS runs
           FROM device\n`,
        );
        const rows = connection.all(`${sql} WHERE device.device_number IN (${page}) ${order('')}`, {
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
