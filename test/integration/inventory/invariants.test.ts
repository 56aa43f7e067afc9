// Each rule of "always true" is broken by force, below the schema's own guards, and must be found and named.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ViolationKind } from '../../../core/inventory/checkInvariants.ts';
import { force } from './raw.ts';
import { bringTo, createOrder, createWorld, orderIdOf, provision, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
  const { inventory } = world;
  createOrder(inventory, 'WO-1', { quantity: 2 });
  provision(inventory, 'a', 'SN-1', { orderId: orderIdOf('WO-1'), hardwareId: 'HW1' });
  provision(inventory, 'b', 'SN-2', { orderId: orderIdOf('WO-1') });
  bringTo(inventory, 'server', { kind: 'edge-server', serverName: 'edge' }, 'verified');
});
afterEach(() => world.remove());

function violationsAfter(sql: string, keepOff = false): readonly (readonly [ViolationKind, string])[] {
  world.inventory.close();
  force(world.path, sql, keepOff);
  return world
    .reopen()
    .checkInvariants({ settled: true })
    .map(({ kind, id }) => [kind, id] as const);
}

describe('the check of invariants', () => {
  it('finds nothing wrong in an inventory in order', () => {
    expect(world.inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  it.each<[string, string, ViolationKind, string | undefined]>([
    [
      'a signature without content',
      "UPDATE credential SET to_be_signed = x'ff' WHERE credential_id = 'credential-a'",
      'signed-without-prepared',
      'credential-a',
    ],
    [
      'a missing step',
      "DELETE FROM credential_step WHERE credential_id = 'credential-a' AND state = 'prepared'",
      'signed-without-prepared',
      'credential-a',
    ],
    [
      'a state that no step led to',
      "UPDATE credential SET state = 'sealed' WHERE credential_id = 'credential-a'",
      'state-without-steps',
      'credential-a',
    ],
    [
      'another certificate',
      "UPDATE credential SET certificate_der = CAST(certificate_der || x'00' AS BLOB) WHERE credential_id = 'credential-a'",
      'certificate-differs',
      'credential-a',
    ],
    [
      'another device state',
      "UPDATE device SET credential_state = 'revoked' WHERE device_serial = 'SN-1'",
      'device-state-differs',
      'SN-1',
    ],
    [
      'a name that the search cannot find',
      "UPDATE device_name_page SET names = 'sn-9' WHERE page = 0",
      'device-names-differ',
      '0',
    ],
    [
      'a group with another count',
      'UPDATE device_group SET devices = devices + 1 WHERE devices = 2',
      'device-group-differs',
      undefined,
    ],
    [
      'a device in the group of others',
      "UPDATE device SET target_name = 'other' WHERE device_serial = 'SN-2'",
      'device-group-differs',
      'SN-2',
    ],
    ['no names to search in', 'DELETE FROM device_name_page', 'device-names-differ', '0'],
    [
      'another count of an order',
      'UPDATE work_order SET passed_devices = 1',
      'order-count-differs',
      'order-WO-1',
    ],
    ['an order that got too many', 'UPDATE work_order SET quantity = 1', 'order-overfilled', 'order-WO-1'],
    [
      'an order that is full but open',
      'UPDATE work_order SET closed_at_ms = NULL',
      'order-left-open',
      'order-WO-1',
    ],
    [
      'a pass without verification',
      "DELETE FROM credential_step WHERE credential_id = 'credential-b' AND state = 'verified'",
      'passed-unverified',
      'run-b',
    ],
    [
      'an act without a trace',
      "UPDATE audit SET act = 'something-else' WHERE act = 'run-closed' AND json_extract(details, '$.runId') = 'run-a'",
      'audit-entry-missing',
      'run-a',
    ],
    ['an edited audit entry', 'UPDATE audit SET at_ms = at_ms + 1 WHERE sequence = 3', 'audit-broken', '3'],
    [
      'a broken reference',
      "UPDATE credential SET run_id = 'run-404' WHERE credential_id = 'credential-a'",
      'reference-broken',
      undefined,
    ],
    [
      'an open run',
      "UPDATE run SET closed_at_ms = NULL, outcome = NULL WHERE run_id = 'run-a'",
      'run-open',
      'run-a',
    ],
    [
      'an unfinished credential',
      "UPDATE credential SET state = 'installed' WHERE credential_id = 'credential-a'",
      'credential-unfinished',
      'credential-a',
    ],
  ])('finds %s', (_, sql, kind, id) => {
    const found = violationsAfter(sql);
    expect(found.map(([foundKind]) => foundKind)).toContain(kind);
    if (id !== undefined) expect(found).toContainEqual([kind, id]);
  });

  it('finds a certificate serial that was used twice, though the rule that refuses it is gone', () => {
    const found = violationsAfter(
      `DROP INDEX credential_one_live_per_device;
       UPDATE credential SET certificate_serial = upper((SELECT certificate_serial FROM credential WHERE credential_id = 'credential-b'))
       WHERE credential_id = 'credential-a'`,
    );
    expect(found.map(([kind]) => kind)).toContain('certificate-serial-twice');
    expect(found.map(([kind]) => kind)).toContain('schema-changed');
  });

  it('finds two live credentials of one device', () => {
    const found = violationsAfter(
      `DROP INDEX credential_one_live_per_device;
       UPDATE credential SET device_serial = 'SN-2' WHERE credential_id = 'credential-a'`,
    );
    expect(found).toContainEqual(['two-live-credentials', 'SN-2']);
  });

  it('finds that the guards were taken away', () => {
    expect(violationsAfter('SELECT 1', true)).toEqual([['schema-changed', world.path]]);
  });
});
