// Which devices a filter means, as SQL conditions that stay fast however many there are.

import { z } from 'zod';
import type { CredentialState } from '../../domain/credential.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { groupCondition } from './deviceGroups.ts';

export interface DeviceFilter {
  /** Of the live credential, else of the newest; `none`: the device has no credential. */
  readonly state?: CredentialState | 'none' | undefined;
  /** Devices that were worked on under this order, by a run or a batch. */
  readonly orderId?: OrderId | undefined;
  readonly targetName?: string | undefined;
  /** The beginning of a device serial, a hardware id or (from 4 characters on) a certificate serial. */
  readonly text?: string | undefined;
}

export interface Conditions {
  readonly clauses: readonly string[];
  readonly parameters: SqlParameters;
}

/** Sorts after every text that begins with `text`: nothing in UTF-8 is greater than U+10FFFF. */
const endOfPrefix = (text: string): string => `${text}\u{10ffff}`;

const SERIAL_MATCH = 'device.device_serial >= @text AND device.device_serial < @textEnd';
const HARDWARE_MATCH =
  'device.hardware_id COLLATE NOCASE >= @text AND device.hardware_id COLLATE NOCASE < @textEnd';
const CERTIFICATE_MATCH = `device.device_serial IN (
  SELECT device_serial FROM credential WHERE certificate_serial >= @hex AND certificate_serial < @hexEnd
)`;

/** Below this many finds they are listed by number; above, a walk from the newest device meets enough of them soon. */
const FEW = 2_000;
const MATCHES = [SERIAL_MATCH, HARDWARE_MATCH, CERTIFICATE_MATCH];
const FEW_SQL = MATCHES.map(
  (match) => `SELECT * FROM (SELECT device_number FROM device WHERE ${match} LIMIT ${FEW})`,
).join(' UNION ');

const parseNumber = z.object({ device_number: z.int() });
const CERTIFICATE_TEXT = /^[0-9a-f]{4,40}$/;

/** Each of the three names has an index of its own, and no single plan is good for both few and many finds. */
function textCondition(connection: Connection, sought: string): Conditions {
  const digits = sought.toLowerCase().replaceAll(':', '');
  const hex = CERTIFICATE_TEXT.test(digits) ? digits : undefined;
  const text = { text: sought, textEnd: endOfPrefix(sought), hex, hexEnd: hex && endOfPrefix(hex) };
  const found = connection.all(FEW_SQL, text).map((row) => parseNumber.parse(row).device_number);
  if (found.length < FEW) {
    return {
      clauses: ['device.device_number IN (SELECT value FROM json_each(@found))'],
      parameters: { found: JSON.stringify(found) },
    };
  }
  return { clauses: [`(${MATCHES.map((match) => `(${match})`).join(' OR ')})`], parameters: text };
}

/** The conditions on `device` that `filter` makes. */
export function deviceConditions(connection: Connection, filter: DeviceFilter): Conditions {
  const { state, orderId, targetName } = filter;
  const states = state === undefined ? [] : [state];
  const { clause, test, total, parameters } = groupCondition(connection, { states, orderId, targetName });
  // What few devices meet is looked up in its index; what many meet is tested on a walk over all devices, out of reach of
  // the indexes (sqlite.org/queryplanner-ng.html 3.1).
  const found = total < FEW ? clause : test && `(${test}) IS TRUE`;
  const grouped = found === undefined ? [] : [found];
  const sought = filter.text?.trim() ?? '';
  const text = sought === '' ? { clauses: [], parameters: {} } : textCondition(connection, sought);
  return { clauses: [...grouped, ...text.clauses], parameters: { ...parameters, ...text.parameters } };
}
