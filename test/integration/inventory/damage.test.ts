// What a disk may do to the files of an inventory: lose the write-ahead log, cut it anywhere, change a byte of it, cut the
// database. What is left is an earlier moment, whole, or is named as damaged: never a record that is half there.

import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../core/inventory/audit/auditChain.ts';
import { type Inventory, openInventory } from '../../../core/inventory/inventory.ts';
import { createWorld, provision, refusal, STATION, temporaryFolder, type World } from './world.ts';

const SETTLED_DEVICES = 6;
const MORE_DEVICES = 6;

let world: World;
let folder: ReturnType<typeof temporaryFolder>;
/** The files as a power cut left them: the database up to its last checkpoint, and the log with what came after. */
let database: Buffer;
let log: Buffer;
let entries: readonly AuditEntry[];
let copies = 0;

beforeEach(() => {
  world = createWorld();
  folder = temporaryFolder();
  for (let n = 0; n < SETTLED_DEVICES; n += 1) provision(world.inventory, `s${n}`, `SN-S${n}`);
  const inventory = world.reopen(); // closing folds the log into the database
  for (let n = 0; n < MORE_DEVICES; n += 1) provision(inventory, `m${n}`, `SN-M${n}`);
  entries = inventory.auditEntries(0, 10_000);
  database = readFileSync(world.path);
  log = readFileSync(`${world.path}-wal`);
});
afterEach(() => {
  world.remove();
  folder.remove();
});

/** Opens a copy whose log is `left`; undefined: there is none. */
function openLeft(left: Uint8Array | undefined): Inventory {
  copies += 1;
  const path = join(folder.path, `copy-${copies}.sqlite`);
  writeFileSync(path, database);
  if (left !== undefined) writeFileSync(`${path}-wal`, left);
  return openInventory({ path });
}

/** A moment of the original: a beginning of its audit log, every invariant, every device of the checkpoint. */
function expectEarlierMoment(inventory: Inventory): number {
  expect(inventory.checkInvariants()).toEqual([]);
  const found = inventory.auditEntries(0, 10_000);
  expect(found).toEqual(entries.slice(0, found.length));
  const { devices } = inventory.counts();
  expect(devices).toBeGreaterThanOrEqual(SETTLED_DEVICES);
  expect(devices).toBeLessThanOrEqual(SETTLED_DEVICES + MORE_DEVICES);
  provision(inventory, `after-${copies}`, `SN-AFTER-${copies}`);
  expect(inventory.verifyAudit()).toMatchObject({ intact: true });
  return found.length;
}

describe('the write-ahead log', () => {
  it('with all that was committed since the checkpoint is read at the next start', () => {
    const inventory = openLeft(log);
    expect(inventory.counts().devices).toBe(SETTLED_DEVICES + MORE_DEVICES);
    expect(inventory.auditEntries(0, 10_000)).toEqual(entries);
    inventory.close();
  });

  it('lost takes back what it held, and nothing else; a head that was noted elsewhere shows it', () => {
    const noted = world.inventory.auditHead();
    const inventory = openLeft(undefined);
    expect(inventory.counts().devices).toBe(SETTLED_DEVICES);
    const known = expectEarlierMoment(inventory);
    expect(known).toBeLessThan(entries.length);
    inventory.close();
    // Before anything is added: the chain is whole, but shorter than what was noted.
    const untouched = openLeft(undefined);
    expect(untouched.verifyAudit()).toMatchObject({ intact: true });
    expect(untouched.verifyAudit(noted)).toMatchObject({ intact: false, why: 'end-missing' });
    untouched.close();
  });

  it('cut at any place leaves a moment from before the cut', () => {
    const known: number[] = [];
    const steps = 60;
    for (let step = 0; step <= steps; step += 1) {
      const inventory = openLeft(log.subarray(0, Math.floor((log.length * step) / steps)));
      known.push(expectEarlierMoment(inventory));
      inventory.close();
    }
    expect(known).toEqual([...known].sort((one, other) => one - other));
    expect(known.at(-1)).toBe(entries.length);
    expect(new Set(known).size).toBeGreaterThan(5);
  });

  it('with one byte changed anywhere is not believed from there on', () => {
    for (let step = 0; step < 60; step += 1) {
      const changed = Buffer.from(log);
      const at = Math.floor((log.length * step) / 60) + 13;
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      const inventory = openLeft(changed);
      expectEarlierMoment(inventory);
      inventory.close();
    }
  });
});

describe('a database that was cut', () => {
  it('at any page is refused or named as damaged, never taken for whole', () => {
    const path = join(folder.path, 'cut.sqlite');
    const copyFrom = join(folder.path, 'whole.sqlite');
    world.inventory.close();
    copyFileSync(world.path, copyFrom);
    const pages = Math.floor(statSync(copyFrom).size / 4096);
    expect(pages).toBeGreaterThan(20);
    for (let left = 1; left < pages; left += Math.ceil(pages / 25)) {
      copyFileSync(copyFrom, path);
      truncateSync(path, left * 4096 - (left % 2) * 100);
      const code = refusal(() => {
        const inventory = openInventory({ path });
        try {
          expect(inventory.checkInvariants()).not.toEqual([]);
        } finally {
          inventory.close();
        }
      });
      expect([undefined, 'inventory_invalid', 'storage_failed']).toContain(code);
    }
  });

  it('to nothing is not mistaken for a new one unless a station is being made', () => {
    const path = join(folder.path, 'empty.sqlite');
    writeFileSync(path, '');
    expect(refusal(() => openInventory({ path }))).toBe('station_missing');
    expect(existsSync(path)).toBe(true);
    openInventory({ path, station: STATION }).close();
  });
});
