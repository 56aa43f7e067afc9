import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openInventory, openInventoryReadOnly } from '../../../core/inventory/inventory.ts';
import { createWorld, provision, STATION, type World } from './world.ts';

let world: World;
let target: string;
beforeEach(() => {
  world = createWorld();
  target = join(world.folder, 'backup.sqlite');
});
afterEach(() => world.remove());

it('a backup is one file that opens, restores and goes on', async () => {
  provision(world.inventory, 'a', 'SN-1');
  const head = world.inventory.auditHead();
  await world.inventory.backupTo(target);
  provision(world.inventory, 'b', 'SN-2');
  expect(readdirSync(world.folder).filter((name) => name.startsWith('backup'))).toEqual(['backup.sqlite']);
  const reader = openInventoryReadOnly(target);
  expect(reader.station).toEqual(STATION);
  expect(reader.verifyAudit(head)).toEqual({ intact: true, entries: head.entries, head });
  reader.close();
  const restored = join(world.folder, 'restored.sqlite');
  copyFileSync(target, restored);
  const inventory = openInventory({ path: restored });
  expect(inventory.counts().devices).toBe(1);
  provision(inventory, 'c', 'SN-3');
  expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  inventory.close();
});

it('a backup taken while runs go on is one moment of them', async () => {
  for (let n = 0; n < 40; n += 1) provision(world.inventory, String(n), `SN-${n}`);
  const backup = world.inventory.backupTo(target);
  let during = 0;
  const writing = setInterval(
    () => provision(world.inventory, `during-${during}`, `SN-during-${during++}`),
    0,
  );
  await backup;
  clearInterval(writing);
  const reader = openInventoryReadOnly(target);
  expect(reader.checkInvariants({ settled: true })).toEqual([]);
  expect(reader.counts().devices).toBeGreaterThanOrEqual(40);
  reader.close();
});

it('a backup replaces an older one only by a whole one', async () => {
  await world.inventory.backupTo(target);
  provision(world.inventory, 'a', 'SN-1');
  await world.inventory.backupTo(target);
  const reader = openInventoryReadOnly(target);
  expect(reader.counts().devices).toBe(1);
  reader.close();
  const before = readFileSync(target);
  world.inventory.close();
  await expect(world.inventory.backupTo(target)).rejects.toMatchObject({ name: 'StationError' });
  expect(readFileSync(target).equals(before)).toBe(true);
});

it('a backup says why it cannot be made', async () => {
  await expect(world.inventory.backupTo(join(world.folder, 'no', 'backup.sqlite'))).rejects.toMatchObject({
    code: 'storage_failed',
  });
  writeFileSync(join(world.folder, 'file'), '');
  await expect(world.inventory.backupTo(join(world.folder, 'file', 'backup.sqlite'))).rejects.toMatchObject({
    code: 'storage_failed',
  });
});

it('a backup can be made beside a station at work', async () => {
  provision(world.inventory, 'a', 'SN-1');
  const reader = openInventoryReadOnly(world.path);
  await reader.backupTo(target);
  reader.close();
  const copy = openInventoryReadOnly(target);
  expect(copy.checkInvariants({ settled: true })).toEqual([]);
  copy.close();
});
