// kill -9 at every kind of moment of a batch's transactions, also in the middle of them; and two at once without the
// station's lock, which is the host's to hold.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderId } from '../../../core/domain/ids.ts';
import { openInventory } from '../../../core/inventory/inventory.ts';
import { CA, madeFor, openBatch } from './batchWorld.ts';
import { query } from './raw.ts';
import { createOrder, createWorld, refusal, type World } from './world.ts';

const QUANTITY = 20;
let world: World;
let order: OrderId;
beforeEach(() => {
  world = createWorld();
  order = createOrder(world.inventory, 'WO-1', { quantity: QUANTITY, targetName: 'zephyr-shell' });
  openBatch(world.inventory, order, QUANTITY);
});
afterEach(() => world.remove());

function runUntilKilledAt(moment: string, blocksBefore: number): void {
  world.inventory.close();
  const { signal, stderr } = spawnSync(
    process.execPath,
    [
      join(import.meta.dirname, 'children/batchUntilKilled.ts'),
      ...[world.path, moment, String(blocksBefore)],
    ],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(signal).toBe('SIGKILL');
}

const serialsIn = (path: string): readonly unknown[] =>
  query(path, 'SELECT certificate_serial FROM credential ORDER BY 1').map((row) => row.certificate_serial);

describe('a batch that is killed', () => {
  it.each([
    ['while reserving', 0, 0],
    ['while reserving', 2, 0],
    ['after reserving', 0, 5],
    ['after reserving', 3, 5],
    ['after signing', 1, 5],
    ['while committing', 0, 5],
    ['while committing', 2, 5],
    ['after committing', 1, 0],
    ['after committing', 4, 0],
  ])('%s, with %i blocks before it, stands as it stood, and ends whole', (moment, blocksBefore, intended) => {
    runUntilKilledAt(moment, blocksBefore);
    const inventory = world.reopen();
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
    const batch = openBatch(inventory, order, QUANTITY);
    const { issuedCount, outputSizeBytes, reserved } = batch.state();
    expect({ issuedCount, outputSizeBytes }).toEqual({
      issuedCount: 5 * blocksBefore,
      outputSizeBytes: 5 * blocksBefore,
    });
    expect(reserved).toHaveLength(intended);
    expect(inventory.issuingCas().find((one) => one.certificateSha256 === CA)?.used).toBe(
      issuedCount + intended,
    );

    batch.void(reserved, 'batch-interrupted');
    for (;;) {
      const next = batch.reserve(7);
      if (next.length === 0) break;
      batch.commit(
        next.map((one) => madeFor(one)),
        100,
      );
    }
    expect([...inventory.issuedDevices(order)].map((one) => one.deviceSerial).sort()).toEqual(
      Array.from({ length: QUANTITY }, (_, index) => `B-${String(index + 1).padStart(3, '0')}`),
    );
    // A serial that may have been signed once is never given to another certificate.
    const given = new Set(serialsIn(world.path));
    expect(given.size).toBe(QUANTITY);
    expect(reserved.some((one) => given.has(one.certificateSerial))).toBe(false);
    expect(inventory.issuingCas().find((one) => one.certificateSha256 === CA)?.used).toBe(QUANTITY);
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  });
});

describe('two processes at the same batch', () => {
  it('never get the same device or serial, and record nothing twice', () => {
    const other = openInventory({ path: world.path });
    try {
      const here = openBatch(world.inventory, order, QUANTITY);
      const there = openBatch(other, order, QUANTITY);
      const mine = here.reserve(6);
      const theirs = there.reserve(6);
      const rest = here.reserve(100);
      expect(rest).toHaveLength(QUANTITY - 12);
      const all = [...mine, ...theirs, ...rest];
      expect(new Set(all.map((one) => one.deviceSerial)).size).toBe(QUANTITY);
      expect(new Set(all.map((one) => one.certificateSerial)).size).toBe(QUANTITY);
      here.commit(
        mine.map((one) => madeFor(one)),
        1,
      );
      expect(
        refusal(() =>
          there.commit(
            mine.map((one) => madeFor(one)),
            2,
          ),
        ),
      ).toBe('record_refused');
      there.void(theirs.slice(0, 2), 'batch-interrupted');
      expect(refusal(() => here.void(theirs, 'batch-interrupted'))).toBe('record_refused');
      const again = here.reserve(5);
      expect(again.map((one) => one.deviceSerial)).toEqual(theirs.slice(0, 2).map((one) => one.deviceSerial));
      there.commit(
        [...theirs.slice(2), ...rest, ...again].map((one) => madeFor(one)),
        3,
      );
      expect(here.state()).toEqual({ issuedCount: QUANTITY, outputSizeBytes: 3, reserved: [] });
      expect(other.checkInvariants({ settled: true })).toEqual([]);
    } finally {
      other.close();
    }
  });
});
