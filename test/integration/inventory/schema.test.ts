// The rules for devices, runs, orders and the audit log that hold below all code: each is attacked with plain SQL.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { force, refusedBySchema } from './raw.ts';
import { createFilledWorld, type World } from './world.ts';

let world: World;
let path: string;
beforeAll(() => {
  world = createFilledWorld();
  path = world.path;
});
afterAll(() => world.remove());

const HASH = 'a'.repeat(64);

describe('the schema refuses', () => {
  it.each([
    // devices
    [
      'a device serial in another case',
      "INSERT INTO device (device_serial, target_name, first_seen_at_ms) VALUES ('sn-1', 't', 1)",
      'UNIQUE',
    ],
    [
      'a hardware id twice',
      "INSERT INTO device (device_serial, hardware_id, target_name, first_seen_at_ms) VALUES ('SN-7', 'HW1', 't', 1)",
      'UNIQUE',
    ],
    [
      'another hardware id',
      "UPDATE device SET hardware_id = 'HW9' WHERE device_serial = 'SN-1'",
      'device-names-are-fixed',
    ],
    [
      'no hardware id any more',
      "UPDATE device SET hardware_id = NULL WHERE device_serial = 'SN-1'",
      'device-names-are-fixed',
    ],
    [
      'another device serial',
      "UPDATE device SET device_serial = 'SN-8' WHERE device_serial = 'SN-3'",
      'device-names-are-fixed',
    ],
    [
      'the same device serial in another case',
      "UPDATE device SET device_serial = 'sn-3' WHERE device_serial = 'SN-3'",
      'device-names-are-fixed',
    ],
    ['deletion of a device', 'DELETE FROM device', 'device-is-kept'],
    // runs
    [
      'a change to a closed run',
      "UPDATE run SET hardware_id = 'HW9' WHERE run_id = 'run-closed'",
      'run-is-closed',
    ],
    [
      'reopening a run',
      "UPDATE run SET closed_at_ms = NULL, outcome = NULL WHERE run_id = 'run-closed'",
      'run-is-closed',
    ],
    [
      'other facts of an open run',
      "UPDATE run SET bay_name = 'bay 2' WHERE run_id = 'run-open'",
      'run-facts-are-fixed',
    ],
    [
      'a second open run of a device',
      "INSERT INTO run SELECT 99, 'run-99', order_id, 'sn-3', hardware_id, bay_name, port_path, operator_name, target_name, profile_name, profile_version, started_at_ms, NULL, NULL, NULL FROM run WHERE run_id = 'run-open'",
      'UNIQUE',
    ],
    [
      'a run that begins closed',
      "INSERT INTO run SELECT 99, 'run-99', order_id, 'SN-9', hardware_id, bay_name, port_path, operator_name, target_name, profile_name, profile_version, started_at_ms, 1, 'pass', NULL FROM run WHERE run_id = 'run-open'",
      'run-begins-open',
    ],
    ['an outcome without a time', "UPDATE run SET outcome = 'pass' WHERE run_id = 'run-open'", 'CHECK'],
    [
      'closing over an open phase',
      "UPDATE run SET outcome = 'pass', closed_at_ms = 1 WHERE run_id = 'run-open'",
      'phase-is-open',
    ],
    [
      'a failure of a passed run',
      "UPDATE run SET failure = '{}', outcome = 'pass', closed_at_ms = 1 WHERE run_id = 'run-open'",
      'phase-is-open',
    ],
    [
      'a phase of a closed run',
      "INSERT INTO run_phase (run_id, phase, position, started_at_ms) VALUES ('run-closed', 'seal', 8, 1)",
      'run-is-closed',
    ],
    [
      'a second open phase',
      "INSERT INTO run_phase (run_id, phase, position, started_at_ms) VALUES ('run-open', 'seal', 8, 1)",
      'UNIQUE',
    ],
    [
      'a phase nobody knows',
      "INSERT INTO run_phase (run_id, phase, position, started_at_ms) VALUES ('run-open', 'lunch', 11, 1)",
      'CHECK',
    ],
    ['deletion of a run', 'DELETE FROM run', 'run-is-kept'],
    ['deletion of a phase', 'DELETE FROM run_phase', 'run-is-kept'],
    // orders
    [
      'an order of the same name in another case',
      "INSERT INTO work_order (order_id, name, target_name, profile_name, quantity, created_at_ms) VALUES ('o', 'wo-1', 't', 'p', 1, 1)",
      'UNIQUE',
    ],
    ['another quantity', 'UPDATE work_order SET quantity = 1', 'work-order-is-fixed'],
    [
      'an order for nothing',
      "INSERT INTO work_order (order_id, name, target_name, profile_name, quantity, created_at_ms) VALUES ('o', 'WO-2', 't', 'p', 0, 1)",
      'CHECK',
    ],
    ['an expected serial twice', "INSERT INTO work_order_device VALUES ('order-WO-1', 5, 'sn-1')", 'UNIQUE'],
    [
      'expected serials of no order',
      "INSERT INTO work_order_device VALUES ('order-404', 0, 'SN-1')",
      'FOREIGN KEY',
    ],
    [
      'another expected serial',
      "UPDATE work_order_device SET device_serial = 'SN-5' WHERE position = 0",
      'work-order-is-fixed',
    ],
    ['removal of an expected serial', 'DELETE FROM work_order_device', 'work-order-is-kept'],
    ['deletion of an order', 'DELETE FROM work_order', 'work-order-is-kept'],
    // station and audit
    ['another station', "UPDATE station SET station_id = 'x'", 'station-is-fixed'],
    ['a second station', "INSERT INTO station VALUES (2, 'x', 1)", 'CHECK'],
    ['deletion of the station', 'DELETE FROM station', 'station-is-kept'],
    [
      'another actor in the audit log',
      "UPDATE audit SET actor = 'Eve' WHERE sequence = 2",
      'audit-is-append-only',
    ],
    [
      'deletion from the audit log',
      'DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit)',
      'audit-is-append-only',
    ],
    [
      'replacement in the audit log',
      'INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE sequence = 2',
      'audit-chain-order',
    ],
    [
      'an audit entry out of order',
      `INSERT INTO audit VALUES (9999, 1, 'a', 'b', '{}', '${HASH}', '${HASH}')`,
      'audit-chain-order',
    ],
    [
      'an audit entry that continues nothing',
      `INSERT INTO audit VALUES ((SELECT entries + 1 FROM audit_head), 1, 'a', 'b', '{}', '${HASH}', '${HASH}')`,
      'audit-chain-order',
    ],
    ['an audit head moved by hand', 'UPDATE audit_head SET entries = entries - 1', 'audit-is-append-only'],
    ['deletion of the audit head', 'DELETE FROM audit_head', 'audit-is-append-only'],
  ])('%s', (_, sql, expected) => {
    expect(refusedBySchema(path, sql)).toContain(expected);
  });

  it('and leaves the inventory as it was', () => {
    const inventory = world.reopen();
    expect(inventory.checkInvariants()).toEqual([]);
    inventory.close();
    expect(() => force(path, 'SELECT 1')).not.toThrow();
    expect(world.reopen().checkInvariants()).toEqual([]);
    world.inventory.close();
  });
});
