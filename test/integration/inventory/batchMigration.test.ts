// An inventory as version 100 left it (fixtures/version-100.db.gz: runs, credentials in every state, and a batch with two
// blocks, one open reservation of two devices and two that were given up) is opened by this version.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openInventory, openInventoryReadOnly } from '../../../core/inventory/inventory.ts';
import { madeFor, planOf } from './batchWorld.ts';
import { force, query, refusedBySchema } from './raw.ts';
import { certificateSerialOf, orderIdOf, refusal, serial, T0, temporaryFolder } from './world.ts';

const FIXTURE = gunzipSync(
  readFileSync(fileURLToPath(new URL('fixtures/version-100.db.gz', import.meta.url))),
);

let folder: ReturnType<typeof temporaryFolder>;
let path: string;
let before: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder.path, 'inventory.db');
  before = join(folder.path, 'before.db');
  writeFileSync(path, FIXTURE);
  writeFileSync(before, FIXTURE);
});
afterEach(() => folder.remove());

it('carries every row over', () => {
  openInventory({ path }).close();
  const tables = query(
    before,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('credential', 'credential_step', 'batch_reservation')",
  );
  expect(tables.length).toBeGreaterThan(10);
  for (const { name } of tables) {
    const rows = query(before, `SELECT * FROM ${name}`);
    // Columns that came later are told apart below.
    const columns = query(before, `SELECT name FROM pragma_table_info('${name}')`).map((row) => row.name);
    expect(query(path, `SELECT ${columns.join(', ')} FROM ${name}`)).toEqual(rows);
  }
  // The content stands in the certificate already, and the block knows when it was issued.
  const columns = 'iif(batch_block IS NULL, to_be_signed, NULL) AS to_be_signed';
  const credentials = `SELECT *, ${columns} FROM credential ORDER BY credential_number`;
  expect(query(before, credentials).length).toBe(16);
  expect(query(path, credentials)).toEqual(query(before, credentials));
  const steps = `SELECT * FROM credential_step WHERE state <> 'issued' OR credential_id IN (
    SELECT credential_id FROM credential WHERE batch_block IS NULL) ORDER BY 1, 2`;
  expect(query(path, 'SELECT * FROM credential_step ORDER BY 1, 2')).toEqual(query(before, steps));
});

it('tells which order each device was last worked on under, and finds devices by a part of their names', () => {
  openInventory({ path }).close();
  const orders = `SELECT device_serial, work_order.name AS name FROM device LEFT JOIN work_order USING (order_number)`;
  const named = Object.fromEntries(query(path, orders).map((row) => [row.device_serial, row.name]));
  const blocks = query(
    before,
    `SELECT device_serial, work_order.name AS name FROM credential
     JOIN batch_block AS block ON block.block_number = credential.batch_block JOIN work_order USING (order_id)`,
  );
  expect(blocks.length).toBeGreaterThan(3);
  for (const { device_serial, name } of blocks) expect(named[String(device_serial)]).toBe(name);
  const inventory = openInventoryReadOnly(path);
  const page = { sort: 'deviceSerial', descending: false, offset: 0, limit: 50 } as const;
  expect(
    inventory.devicePage({ ...page, search: '-003' }).rows.map(({ device }) => device.deviceSerial),
  ).toEqual(['B-003']);
  inventory.close();
});

it('finds nothing wrong with it, and the audit chain as long and as whole as before', () => {
  const inventory = openInventory({ path });
  expect(inventory.checkInvariants()).toEqual([]);
  expect(inventory.verifyAudit()).toMatchObject({ intact: true });
  expect(inventory.newestIssuedAtMs()).toBe(T0 + 103);
  expect(inventory.issuingCas()[0]?.used).toBe(8);
  expect(inventory.deviceRecord(serial('B-002'))?.credentials[0]).toMatchObject({
    state: 'revoked',
    reason: 'keyCompromise',
    certificateSerial: certificateSerialOf('batch 2'),
  });
  expect(inventory.unfinishedCredentials().map((one) => one.state)).toEqual([
    ...['prepared', 'reserved', 'prepared', 'issued', 'installed'],
  ]);
  inventory.close();
  openInventoryReadOnly(path).close();
});

it('goes on with the batch where it stood: no device twice, none missing, nothing signed forgotten', () => {
  const inventory = openInventory({ path });
  const order = orderIdOf('WO-2');
  const batch = inventory.openBatch(planOf(order, 12));
  const { issuedCount, outputSizeBytes, reserved } = batch.state();
  expect({ issuedCount, outputSizeBytes }).toEqual({ issuedCount: 6, outputSizeBytes: 600 });
  expect(reserved.map((one) => [one.deviceSerial, one.certificateSerial])).toEqual([
    ['B-009', certificateSerialOf('batch 9')],
    ['B-010', certificateSerialOf('batch 10')],
  ]);
  const next = batch.reserve(100);
  expect(next.map((one) => one.deviceSerial)).toEqual(['B-007', 'B-008', 'B-011', 'B-012']);
  batch.commit(
    [...reserved, ...next].map((one) => madeFor(one)),
    1200,
  );
  expect(batch.reserve(1)).toEqual([]);
  expect(inventory.issuingCas()[0]?.used).toBe(12);
  expect([...inventory.issuedDevices(order)]).toHaveLength(11);
  expect(inventory.checkInvariants()).toEqual([]);
  inventory.close();
});

it('keeps the old rules for the old rows', () => {
  openInventory({ path }).close();
  const of = (name: string): string => `WHERE credential_id = 'credential-${name}'`;
  for (const [sql, expected] of [
    [`UPDATE credential SET to_be_signed = x'00' ${of('s-prepared')}`, 'credential-facts-are-fixed'],
    [`UPDATE credential SET state = 'issued' ${of('s-reserved')}`, 'credential-state-order'],
    ['DELETE FROM credential', 'credential-is-kept'],
    ['DELETE FROM credential_step', 'credential-step-is-kept'],
    ["INSERT INTO credential_step VALUES ('credential-none', 'issued', 1)", 'FOREIGN KEY constraint failed'],
  ] as const) {
    expect(refusedBySchema(path, sql)).toContain(expected);
  }
});

it('is read only after a station has opened it', () => {
  expect(refusal(() => openInventoryReadOnly(path))).toBe('inventory_older');
  expect(readFileSync(path).equals(FIXTURE)).toBe(true);
});

it('stays as it was when a row does not fit', () => {
  force(
    path,
    "UPDATE credential SET public_key_sha256 = upper(public_key_sha256) WHERE credential_id = 'credential-a'",
  );
  expect(refusal(() => openInventory({ path }))).toBe('record_refused');
  expect(query(path, 'PRAGMA user_version')).toEqual([{ user_version: 100 }]);
  expect(query(path, 'SELECT count(*) AS count FROM credential')).toEqual([{ count: 16 }]);
  expect(query(path, 'SELECT count(*) AS count FROM batch_reservation')).toEqual([{ count: 4 }]);
});
