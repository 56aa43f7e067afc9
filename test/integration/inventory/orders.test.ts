import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createOrder,
  createWorld,
  openRun,
  orderIdOf,
  provision,
  refusal,
  runIdOf,
  serial,
  T0,
  type World,
} from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.remove());

const serials = (...texts: string[]) => texts.map(serial);

describe('a work order', () => {
  it('is found by id and by name and keeps its serials in their order', () => {
    const orderId = createOrder(world.inventory, 'WO-7', { deviceSerials: serials('SN-3', 'SN-1', 'SN-2') });
    createOrder(world.inventory, 'WO-8', { quantity: 5 });
    const inventory = world.reopen();
    expect(inventory.order('wo-7')).toEqual({
      orderId,
      name: 'WO-7',
      targetName: 'esp32',
      profileName: 'device-tls',
      quantity: 3,
      deviceSerials: ['SN-3', 'SN-1', 'SN-2'],
      createdAtMs: T0,
      closedAtMs: undefined,
    });
    expect(inventory.order(orderId)).toEqual(inventory.order('WO-7'));
    expect(inventory.order('WO-9')).toBeUndefined();
    expect(inventory.orders().map(({ name, deviceSerials }) => [name, deviceSerials.length])).toEqual([
      ['WO-7', 3],
      ['WO-8', 0],
    ]);
  });

  it.each([
    ['the same name', 'wo-1', {}, 'order_exists'],
    ['no name', ' ', {}, 'value_invalid'],
    ['no quantity', 'WO-2', { quantity: 0 }, 'value_invalid'],
    ['a broken quantity', 'WO-2', { quantity: 1.5 }, 'value_invalid'],
    ['more devices than serials', 'WO-2', { quantity: 3, deviceSerials: serials('A', 'B') }, 'value_invalid'],
    ['a serial twice', 'WO-2', { deviceSerials: serials('A', 'A') }, 'value_invalid'],
    [
      'a serial in two spellings',
      'WO-2',
      { deviceSerials: serials('sn', 'SN') },
      'device_serial_case_conflict',
    ],
    [
      'a known device in another spelling',
      'WO-2',
      { deviceSerials: serials('KNOWN') },
      'device_serial_case_conflict',
    ],
  ])('is refused with %s, as a whole', (_, name, changes, code) => {
    createOrder(world.inventory, 'WO-1');
    provision(world.inventory, 'k', 'known');
    expect(refusal(() => createOrder(world.inventory, name, changes))).toBe(code);
    expect(world.inventory.orders()).toHaveLength(1);
  });

  it('counts devices, retries and first passes', () => {
    const orderId = createOrder(world.inventory, 'WO', { deviceSerials: serials('A', 'B', 'C', 'D') });
    expect(world.inventory.progress(orderId)).toEqual({
      passed: 0,
      remaining: 4,
      runs: 0,
      firstPassYield: undefined,
    });
    openRun(world.inventory, 'open', 'D', { orderId });
    expect(world.inventory.progress(orderId)).toMatchObject({ runs: 1, firstPassYield: undefined });
    provision(world.inventory, '1', 'B', { orderId });
    provision(world.inventory, '2', 'A', { orderId, outcome: 'fail' });
    provision(world.inventory, '3', 'A', { orderId });
    provision(world.inventory, '4', 'C', { orderId, outcome: 'fail' });
    expect(world.inventory.progress(orderId)).toEqual({
      passed: 2,
      remaining: 2,
      runs: 5,
      firstPassYield: 1 / 3,
    });
    expect(world.inventory.remainingSerials(orderId)).toEqual(['C', 'D']);
    expect(refusal(() => world.inventory.progress(orderIdOf('404')))).toBe('order_unknown');
  });

  it('closes itself when the last device passed', () => {
    const orderId = createOrder(world.inventory, 'WO', { deviceSerials: serials('A', 'B') });
    provision(world.inventory, '1', 'A', { orderId });
    expect(world.inventory.order(orderId)?.closedAtMs).toBeUndefined();
    provision(world.inventory, '2', 'B', { orderId });
    expect(world.inventory.order(orderId)?.closedAtMs).toBe(T0 + 20);
    expect(world.inventory.remainingSerials(orderId)).toEqual([]);
    expect(world.inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  it('can be ended early; a run under way still counts', () => {
    const orderId = createOrder(world.inventory, 'WO', { quantity: 5 });
    openRun(world.inventory, 'open', 'A', { orderId });
    world.inventory.closeOrder(orderId, T0 + 9);
    world.inventory.closeOrder(orderId, T0 + 99);
    expect(refusal(() => openRun(world.inventory, 'b', 'B', { orderId }))).toBe('order_complete');
    world.inventory.closeRun(runIdOf('open'), { outcome: 'pass', atMs: T0 + 10 });
    expect(world.inventory.order(orderId)?.closedAtMs).toBe(T0 + 9);
    expect(world.inventory.progress(orderId).passed).toBe(1);
    expect(world.inventory.auditEntries().filter((entry) => entry.act === 'order-closed')).toHaveLength(1);
    expect(refusal(() => world.inventory.closeOrder(orderIdOf('404'), T0))).toBe('order_unknown');
    expect(world.inventory.checkInvariants()).toEqual([]);
  });
});
