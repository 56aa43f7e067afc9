// What lists of devices are filtered by, as a condition on the group that a device stands in (migration 170): one number to
// test on a walk, and known beforehand how many devices meet it.

import { z } from 'zod';
import type { CredentialState } from '../../domain/credential.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { readCount } from '../rows/row.ts';
import { isMarked, marksOf } from './marks.ts';

export interface GroupFilter {
  /** Of the live credential, else of the newest; `none`: the device has no credential. */
  readonly states?: readonly (CredentialState | 'none')[] | undefined;
  readonly targetName?: string | undefined;
  /** Devices that were worked on under this order, by a run or a batch, also those that went on to another since. */
  readonly orderId?: OrderId | undefined;
}

export interface GroupCondition {
  /** Finds devices through the index of groups; undefined when all devices meet it. */
  readonly clause: string | undefined;
  /** The same for a walk over many devices: it tests each. */
  readonly test: string | undefined;
  /** Met by all devices that do not meet it; undefined when no groups tell them. */
  readonly opposite: string | undefined;
  readonly parameters: SqlParameters;
  readonly total: number;
}

const parseGroups = z.object({ numbers: z.string(), devices: z.int() });
const parseOrder = z.object({ order_number: z.int() });

const FILTERED = `(@states IS NULL OR credential_state IN (SELECT value FROM json_each(@states)))
  AND (@targetName IS NULL OR target_name = @targetName)`;
const GROUPS_SQL = `SELECT json_group_array(group_number) AS numbers, coalesce(sum(devices), 0) AS devices
  FROM device_group WHERE devices > 0 AND ${FILTERED} AND (@orderNumber IS NULL OR order_number = @orderNumber)`;
/** Devices that are not of the order any more. */
const FORMER = `SELECT device_number FROM device_former_order AS former JOIN device USING (device_number)
  WHERE former.order_number = @orderNumber
    AND device.group_number IN (SELECT group_number FROM device_group WHERE ${FILTERED})`;

const OTHERS = `device.group_number IN (
  SELECT group_number FROM device_group WHERE group_number NOT IN (SELECT value FROM json_each(@groups))
)`;

const NONE: GroupCondition = {
  clause: 'false',
  test: 'false',
  opposite: undefined,
  parameters: {},
  total: 0,
};

export const countDevices = (connection: Connection): number =>
  readCount(connection.get('SELECT coalesce(sum(devices), 0) AS count FROM device_group'));

export function groupCondition(connection: Connection, filter: GroupFilter): GroupCondition {
  const { states = [], targetName, orderId } = filter;
  const order =
    orderId && connection.get('SELECT order_number FROM work_order WHERE order_id = @orderId', { orderId });
  if (orderId !== undefined && order === undefined) return NONE;
  const orderNumber = order === undefined ? undefined : parseOrder.parse(order).order_number;
  const asked = { states: states.length === 0 ? undefined : JSON.stringify(states), targetName, orderNumber };
  const { numbers, devices } = parseGroups.parse(connection.get(GROUPS_SQL, asked));
  const former =
    orderNumber === undefined
      ? 0
      : readCount(connection.get(`SELECT count(*) AS count FROM (${FORMER})`, asked));
  const total = devices + former;
  if (total === 0) return NONE;
  if (total === countDevices(connection))
    return { clause: undefined, test: undefined, opposite: undefined, parameters: {}, total };
  const numbered = z.array(z.int()).parse(JSON.parse(numbers));
  const orFormer = (now: string): string =>
    former === 0 ? now : `(${now} OR device.device_number IN (${FORMER}))`;
  return {
    clause: orFormer('device.group_number IN (SELECT value FROM json_each(@groups))'),
    test: orFormer(
      numbered.length === 1 ? 'device.group_number = @group' : isMarked('groupMarks', 'device.group_number'),
    ),
    opposite: former === 0 ? OTHERS : undefined,
    parameters: { ...asked, groups: numbers, group: numbered[0], groupMarks: marksOf(numbered) },
    total,
  };
}
