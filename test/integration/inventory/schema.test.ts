// The rules that hold below all code: each is attacked with plain SQL on a filled inventory.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CredentialState, mayBecome } from '../../../core/domain/credential.ts';
import { CREDENTIAL_STATES } from '../../../core/inventory/rows/credentialRow.ts';
import { force, query, refusedBySchema } from './raw.ts';
import {
  bringTo,
  certificateSerialOf,
  createOrder,
  createWorld,
  identify,
  openRun,
  provision,
  serial,
  T0,
  type World,
} from './world.ts';

let world: World;
let path: string;
beforeAll(() => {
  world = createWorld();
  path = world.path;
  const { inventory } = world;
  createOrder(inventory, 'WO-1', { deviceSerials: [serial('SN-1'), serial('SN-9')] });
  provision(inventory, 'closed', 'SN-1', { hardwareId: 'HW1' });
  provision(inventory, 'other', 'SN-2', { hardwareId: 'HW2' });
  const open = openRun(inventory, 'open', 'SN-3');
  identify(inventory, open);
  inventory.beginPhase(open, 'identify', T0);
  for (const state of CREDENTIAL_STATES) {
    bringTo(inventory, `s-${state}`, { kind: 'edge-server', serverName: 'edge' }, state);
  }
  inventory.close();
});
afterAll(() => world.remove());

const HASH = 'a'.repeat(64);
const newCredential = (columns: Record<string, string>): string => {
  const all = {
    credential_id: "'credential-x'",
    holder_kind: "'edge-server'",
    server_name: "'edge'",
    certificate_serial: `'${certificateSerialOf('x')}'`,
    state: "'reserved'",
    profile_name: "'p'",
    profile_version: '1',
    reserved_at_ms: '1',
    changed_at_ms: '1',
    ...columns,
  };
  return `INSERT INTO credential (${Object.keys(all).join()}) VALUES (${Object.values(all).join()})`;
};
const onDevice = { holder_kind: "'device'", server_name: 'NULL' };

describe('the schema refuses', () => {
  it.each([
    // certificate serials
    [
      'a certificate serial used before',
      newCredential({ certificate_serial: `'${certificateSerialOf('closed')}'` }),
      'UNIQUE',
    ],
    ['a certificate serial of another form', newCredential({ certificate_serial: "'00ff'" }), 'CHECK'],
    [
      'a certificate serial in capitals',
      newCredential({ certificate_serial: `'4${'A'.repeat(39)}'` }),
      'CHECK',
    ],
    // beginnings
    ['a credential that begins as issued', newCredential({ state: "'issued'" }), 'credential-state-order'],
    ['a state of its own', newCredential({ state: "'lost'" }), 'credential-state-order'],
    [
      'a credential for an unknown device',
      newCredential({ ...onDevice, device_serial: "'SN-404'" }),
      'device-unknown',
    ],
    [
      'a device named in another case',
      newCredential({ ...onDevice, device_serial: "'sn-1'" }),
      'device-unknown',
    ],
    ['a credential for nobody', newCredential({ server_name: 'NULL' }), 'CHECK'],
    ['a credential for two', newCredential({ device_serial: "'SN-1'" }), 'CHECK'],
    [
      'a credential of a closed run',
      newCredential({ run_id: "'run-closed'" }),
      'credential-does-not-fit-run',
    ],
    ['a credential of no known run', newCredential({ run_id: "'run-404'" }), 'credential-does-not-fit-run'],
    [
      'a credential for another device than its run’s',
      newCredential({ ...onDevice, device_serial: "'SN-1'", run_id: "'run-open'" }),
      'credential-does-not-fit-run',
    ],
    // what was signed
    [
      'a signature on what was not prepared',
      "UPDATE credential SET state = 'issued', certificate_der = x'3003020100', certificate_sha256 = '" +
        HASH +
        "' WHERE credential_id = 'credential-s-prepared'",
      'CHECK',
    ],
    [
      'an issued state without certificate',
      "UPDATE credential SET state = 'issued' WHERE credential_id = 'credential-s-prepared'",
      'CHECK',
    ],
    [
      'a prepared state without content',
      "UPDATE credential SET state = 'prepared' WHERE credential_id = 'credential-s-reserved'",
      'CHECK',
    ],
    [
      'another content after preparing',
      "UPDATE credential SET to_be_signed = x'00' WHERE credential_id = 'credential-s-prepared'",
      'credential-facts-are-fixed',
    ],
    [
      'another certificate after issuing',
      "UPDATE credential SET certificate_sha256 = '" + HASH + "' WHERE credential_id = 'credential-s-issued'",
      'credential-facts-are-fixed',
    ],
    [
      'another key',
      "UPDATE credential SET public_key_sha256 = '" +
        HASH +
        "' WHERE credential_id = 'credential-s-prepared'",
      'credential-facts-are-fixed',
    ],
    [
      'other digests after installing',
      "UPDATE credential SET stored_digests = '{}' WHERE credential_id = 'credential-s-installed'",
      'credential-facts-are-fixed',
    ],
    [
      'another holder',
      "UPDATE credential SET server_name = 'other' WHERE credential_id = 'credential-s-issued'",
      'credential-facts-are-fixed',
    ],
    [
      'an installation without its intent',
      "UPDATE credential SET state = 'installed' WHERE credential_id = 'credential-s-issued'",
      'CHECK',
    ],
    [
      'a revocation without reason',
      "UPDATE credential SET state = 'revoked' WHERE credential_id = 'credential-s-issued'",
      'CHECK',
    ],
    [
      'a change to what is revoked',
      "UPDATE credential SET reason = 'x' WHERE credential_id = 'credential-s-revoked'",
      'credential-facts-are-fixed',
    ],
    [
      'digests that are no JSON',
      "UPDATE credential SET stored_digests = '{' WHERE credential_id = 'credential-s-issued'",
      'CHECK',
    ],
    [
      'text where bytes belong',
      "UPDATE credential SET to_be_signed = 'text' WHERE credential_id = 'credential-s-reserved'",
      'cannot store TEXT',
    ],
    ['deletion of a credential', 'DELETE FROM credential', 'credential-is-kept'],
    [
      'replacement of a credential',
      newCredential({ credential_id: "'credential-s-issued'" }).replace('INSERT', 'INSERT OR REPLACE'),
      'credential-is-kept',
    ],
    ['deletion of a step', 'DELETE FROM credential_step', 'credential-step-is-kept'],
    ['another time of a step', 'UPDATE credential_step SET at_ms = 0', 'credential-step-is-fixed'],
    [
      'a step taken twice',
      "INSERT INTO credential_step VALUES ('credential-s-issued', 'issued', 1)",
      'UNIQUE',
    ],
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

  it('two live credentials of one device', () => {
    const content =
      "to_be_signed = x'0102', not_before_ms = 1, not_after_ms = 2, custody = 'file', public_key_sha256 = '" +
      HASH +
      "'";
    const signed = "state = 'issued', certificate_der = x'30040102ffff', certificate_sha256 = '" + HASH + "'";
    const sql = `BEGIN;
      ${newCredential({ ...onDevice, device_serial: "'SN-2'" })};
      UPDATE credential SET state = 'prepared', ${content} WHERE credential_id = 'credential-x';
      UPDATE credential SET ${signed} WHERE credential_id = 'credential-x'; COMMIT`;
    expect(refusedBySchema(path, sql)).toContain('UNIQUE constraint failed: credential.device_serial');
  });

  it('exactly the changes of state that the domain refuses', () => {
    const rules = query(path, "SELECT sql FROM sqlite_schema WHERE name = 'credential_state_order'")[0]?.sql;
    const allowed = [...String(rules).matchAll(/'([a-z]+>[a-z]+)'/g)].map(([, pair]) => pair);
    const domain = CREDENTIAL_STATES.flatMap((from) =>
      CREDENTIAL_STATES.filter((to) => mayBecome(from, to)).map((to) => `${from}>${to}`),
    );
    expect(allowed.sort()).toEqual(domain.sort());
    const attempts = CREDENTIAL_STATES.flatMap((from) =>
      CREDENTIAL_STATES.filter((to: CredentialState) => to !== from && !mayBecome(from, to)).map((to) =>
        refusedBySchema(
          path,
          `UPDATE credential SET state = '${to}' WHERE credential_id = 'credential-s-${from}'`,
        ),
      ),
    );
    expect(attempts).toHaveLength(64 - 8 - domain.length);
    for (const refused of attempts) expect(refused).toMatch(/credential-(state-order|facts-are-fixed)/);
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
