// The devices of a work order: of its runs and of its batch, few (looked up one by one) and many (met by a walk).

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OrderId } from '../../../core/domain/ids.ts';
import { madeFor, openBatch } from './batchWorld.ts';
import { createOrder, createWorld, provision, type World } from './world.ts';

/** More than are looked up one by one. */
const MANY = 5_200;
let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.remove());

function batchOf(name: string, count: number, prefix: string): OrderId {
  const orderId = createOrder(world.inventory, name, { quantity: count + 1, targetName: 'zephyr-shell' });
  const batch = openBatch(world.inventory, orderId, count, { numbering: { prefix, digits: 4 } });
  for (;;) {
    const block = batch.reserve(1_000);
    if (block.length === 0) return orderId;
    batch.commit(
      block.map((one) => madeFor(one)),
      1,
    );
  }
}

const ask = (orderId: OrderId, more: { search?: string; states?: ['revoked'] } = {}) => {
  const list = { sort: 'deviceSerial', descending: false, offset: 0, limit: 500 } as const;
  return world.inventory.devicePage({ orderId, ...list, ...more });
};
const listed = (orderId: OrderId): number => [...world.inventory.eachDevice({ orderId })].length;

it.each([3, MANY])('are found under it, %i in a batch and one that had a run', (count) => {
  const { inventory } = world;
  const other = batchOf('WO-OTHER', 2, 'X-');
  provision(inventory, 'other', 'SN-9', { orderId: other });
  const order = batchOf('WO-1', count, 'B-');
  provision(inventory, 'own', 'SN-1', { orderId: order });
  // Counted once, though it had both.
  provision(inventory, 'both', 'B-0002', { orderId: order, outcome: 'fail' });

  expect(ask(order).total).toBe(count + 1);
  expect(ask(other).total).toBe(3);
  expect(listed(order)).toBe(count + 1);
  expect(ask(order, { search: 'B-000' }).total).toBe(Math.min(count, 9));
  expect(ask(order, { search: 'SN-' }).rows.map(({ device }) => device.deviceSerial)).toEqual(['SN-1']);
  const [made] = ask(order).rows;
  expect(made).toMatchObject({ device: { deviceSerial: 'B-0001' }, orderName: 'WO-1' });
  const row = [...inventory.exportRows()].find(({ deviceSerial }) => deviceSerial === 'B-0001');
  expect(row?.lastOrder).toBe('WO-1');

  // A device whose certificate was revoked is still one of the order's.
  if (made?.credential === undefined) throw new Error('unreachable');
  inventory.revoke(made.credential.credentialId, 'superseded', 'lost', Date.now());
  expect(ask(order).total).toBe(count + 1);
  expect(ask(order, { states: ['revoked'] }).total).toBe(1);
});
