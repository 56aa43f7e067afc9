// Runs through the port: who may open one, and that nothing changes after it closed.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PHASES } from '../../../core/domain/run.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import {
  bringTo,
  createOrder,
  createWorld,
  identify,
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

describe('opening a run', () => {
  it('refuses a device that has one open, and says where', () => {
    openRun(world.inventory, 'a', 'SN-1');
    try {
      openRun(world.inventory, 'b', 'sn-1');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(StationError);
      expect(error).toMatchObject({
        code: 'device_busy',
        details: { deviceSerial: 'SN-1', runId: 'run-a', bay: 'bay 1' },
      });
    }
    world.inventory.closeRun(runIdOf('a'), { outcome: 'aborted', atMs: T0 });
    openRun(world.inventory, 'c', 'SN-1');
  });

  it('refuses a serial that is known in another case, from devices or from its order', () => {
    provision(world.inventory, 'a', 'SN-a');
    expect(refusal(() => openRun(world.inventory, 'b', 'SN-A'))).toBe('device_serial_case_conflict');
    const orderId = createOrder(world.inventory, 'WO', { deviceSerials: [serial('SN-b')] });
    expect(refusal(() => openRun(world.inventory, 'c', 'SN-B', { orderId }))).toBe(
      'device_serial_case_conflict',
    );
    openRun(world.inventory, 'd', 'SN-b', { orderId });
  });

  it('takes a serial whose other spelling never became a device', () => {
    world.inventory.closeRun(openRun(world.inventory, 'typo', 'SN-X'), { outcome: 'aborted', atMs: T0 });
    provision(world.inventory, 'right', 'sn-x');
    expect(world.inventory.device(serial('SN-X'))?.deviceSerial).toBe('sn-x');
  });

  it('refuses an order that nobody made, and a serial that is not in it', () => {
    expect(refusal(() => openRun(world.inventory, 'a', 'SN-1', { orderId: orderIdOf('404') }))).toBe(
      'order_unknown',
    );
    const orderId = createOrder(world.inventory, 'WO', { deviceSerials: [serial('SN-1')] });
    expect(refusal(() => openRun(world.inventory, 'a', 'SN-2', { orderId }))).toBe(
      'device_serial_not_in_order',
    );
    expect(world.inventory.openRuns()).toEqual([]);
  });

  it('gives the last place of an order to one bay only', () => {
    const orderId = createOrder(world.inventory, 'WO', { quantity: 2 });
    provision(world.inventory, 'a', 'SN-1', { orderId });
    const inWork = openRun(world.inventory, 'b', 'SN-2', { orderId });
    expect(refusal(() => openRun(world.inventory, 'c', 'SN-3', { orderId }))).toBe('order_complete');
    world.inventory.closeRun(inWork, { outcome: 'fail', atMs: T0 });
    provision(world.inventory, 'd', 'SN-3', { orderId });
    expect(refusal(() => openRun(world.inventory, 'e', 'SN-2', { orderId }))).toBe('order_complete');
    expect(world.inventory.order(orderId)?.closedAtMs).toBe(T0 + 20);
  });

  it('does not count a device twice that is done again', () => {
    const orderId = createOrder(world.inventory, 'WO', { quantity: 3 });
    const { credentialId } = provision(world.inventory, 'a', 'SN-1', { orderId });
    provision(world.inventory, 'b', 'SN-1', { orderId, ...(credentialId && { supersedes: credentialId }) });
    expect(world.inventory.progress(orderId)).toMatchObject({ passed: 1, remaining: 2, runs: 2 });
    const again = openRun(world.inventory, 'c', 'SN-1', { orderId });
    openRun(world.inventory, 'd', 'SN-2', { orderId });
    openRun(world.inventory, 'e', 'SN-3', { orderId });
    world.inventory.closeRun(again, { outcome: 'pass', atMs: T0 });
    expect(world.inventory.checkInvariants()).toEqual([]);
  });
});

describe('identifying', () => {
  it('binds a hardware id once and for all', () => {
    const first = openRun(world.inventory, 'a', 'SN-1');
    expect(identify(world.inventory, first).hardwareId).toBeUndefined();
    expect(identify(world.inventory, first, 'HW1').hardwareId).toBe('HW1');
    expect(refusal(() => identify(world.inventory, first, 'HW2'))).toBe('hardware_id_changed');
    expect(identify(world.inventory, first).hardwareId).toBe('HW1');
    const second = openRun(world.inventory, 'b', 'SN-2');
    expect(refusal(() => identify(world.inventory, second, 'HW1'))).toBe('hardware_id_taken');
    expect(world.inventory.device(serial('SN-2'))).toBeUndefined();
    expect(world.inventory.run(first)?.hardwareId).toBe('HW1');
    const bound = world.inventory.auditEntries().filter((entry) => entry.act === 'hardware-id-bound');
    expect(bound.map((entry) => entry.details)).toEqual(['{"deviceSerial":"SN-1","hardwareId":"HW1"}']);
  });

  it('lets a board have its right label after a mistyped one, as long as nothing was signed for that', () => {
    const { inventory } = world;
    const mistyped = openRun(inventory, 'a', 'SN-1O');
    identify(inventory, mistyped, 'HW1');
    inventory.closeRun(mistyped, { outcome: 'fail', atMs: T0 });
    identify(inventory, openRun(inventory, 'b', 'SN-10'), 'HW1');
    expect(inventory.device(serial('SN-1O'))?.hardwareId).toBeUndefined();
    expect(inventory.device(serial('SN-10'))?.hardwareId).toBe('HW1');
    expect(inventory.run(mistyped)?.hardwareId).toBe('HW1');
    // The unit whose label it was.
    const rightful = openRun(inventory, 'c', 'SN-1O');
    identify(inventory, rightful, 'HW2');
    inventory.closeRun(rightful, { outcome: 'fail', atMs: T0 });
    identify(inventory, openRun(inventory, 'd', 'SN-1O'), 'HW3');
    expect(inventory.device(serial('SN-1O'))?.hardwareId).toBe('HW3');
    const acts = inventory.auditEntries().filter((entry) => entry.act.startsWith('hardware-id'));
    expect(acts.map(({ act, details }) => `${act} ${details}`)).toEqual([
      'hardware-id-bound {"deviceSerial":"SN-1O","hardwareId":"HW1"}',
      'hardware-id-released {"deviceSerial":"SN-1O","hardwareId":"HW1"}',
      'hardware-id-bound {"deviceSerial":"SN-10","hardwareId":"HW1"}',
      'hardware-id-bound {"deviceSerial":"SN-1O","hardwareId":"HW2"}',
      'hardware-id-released {"deviceSerial":"SN-1O","hardwareId":"HW2"}',
      'hardware-id-bound {"deviceSerial":"SN-1O","hardwareId":"HW3"}',
    ]);
    expect(inventory.checkInvariants()).toEqual([]);
  });

  it('holds a binding for good once something was signed, revoked or not', () => {
    const { inventory } = world;
    const { credentialId } = provision(inventory, 'a', 'SN-1');
    const later = openRun(inventory, 'later', 'SN-1');
    identify(inventory, later, 'HW1');
    inventory.closeRun(later, { outcome: 'fail', atMs: T0 });
    if (credentialId) inventory.revoke(credentialId, 'superseded', 'x', T0);
    expect(refusal(() => identify(inventory, openRun(inventory, 'b', 'SN-2'), 'HW1'))).toBe(
      'hardware_id_taken',
    );
    expect(refusal(() => identify(inventory, openRun(inventory, 'c', 'SN-1'), 'HW9'))).toBe(
      'hardware_id_changed',
    );
  });

  it('keeps the last firmware and the first sighting', () => {
    const run = openRun(world.inventory, 'a', 'SN-1');
    identify(world.inventory, run, undefined, T0 + 1);
    const device = world.inventory.recordIdentity(run, {
      hardwareId: undefined,
      firmware: '2.0',
      atMs: T0 + 9,
    });
    expect(device).toEqual(world.inventory.device(serial('SN-1')));
    expect(device).toMatchObject({ firmware: '2.0', firstSeenAtMs: T0 + 1 });
  });
});

describe('phases', () => {
  it('are begun once each, one at a time, and ended once', () => {
    const run = openRun(world.inventory, 'a', 'SN-1');
    world.inventory.beginPhase(run, 'identify', T0);
    expect(refusal(() => world.inventory.beginPhase(run, 'reserve', T0))).toBe('record_refused');
    world.inventory.endPhase(run, 'identify', T0 + 1, 'pass');
    expect(refusal(() => world.inventory.endPhase(run, 'identify', T0 + 2, 'fail'))).toBe('record_refused');
    expect(refusal(() => world.inventory.beginPhase(run, 'identify', T0))).toBe('record_refused');
    expect(refusal(() => world.inventory.endPhase(run, 'key', T0, 'pass'))).toBe('record_refused');
    expect(refusal(() => world.inventory.beginPhase(runIdOf('404'), 'key', T0))).toBe('record_refused');
  });

  it('are read in their order', () => {
    const run = openRun(world.inventory, 'a', 'SN-1');
    for (const phase of [...PHASES].reverse()) {
      world.inventory.beginPhase(run, phase, T0);
      world.inventory.endPhase(run, phase, T0, 'pass');
    }
    expect(world.inventory.run(run)?.phases.map((record) => record.phase)).toEqual(PHASES);
  });
});

describe('closing a run', () => {
  it('ends its open phase with the same outcome and keeps the failure', () => {
    const run = openRun(world.inventory, 'a', 'SN-1');
    world.inventory.beginPhase(run, 'install', T0);
    const failure = { code: 'device_silent', details: { timeoutMs: 3_000, port: undefined } } as const;
    world.inventory.closeRun(run, { outcome: 'timeout', failure, atMs: T0 + 5 });
    expect(world.inventory.run(run)).toMatchObject({
      outcome: 'timeout',
      failure: { code: 'device_silent', details: { timeoutMs: 3_000 } },
      phases: [{ phase: 'install', outcome: 'timeout', endedAtMs: T0 + 5 }],
    });
  });

  it('is final', () => {
    const { runId } = provision(world.inventory, 'a', 'SN-1');
    const before = world.inventory.run(runId);
    const attempts = [
      () => world.inventory.closeRun(runId, { outcome: 'fail', atMs: T0 }),
      () => world.inventory.beginPhase(runId, 'seal', T0),
      () => world.inventory.endPhase(runId, 'seal', T0, 'pass'),
      () => identify(world.inventory, runId, 'HW1'),
    ];
    expect(attempts.map(refusal)).toEqual(attempts.map(() => 'record_refused'));
    expect(world.inventory.run(runId)).toEqual(before);
  });

  it('does not pass with a credential that was not verified', () => {
    const run = openRun(world.inventory, 'a', 'SN-1');
    identify(world.inventory, run);
    bringTo(world.inventory, 'a', { kind: 'device', deviceSerial: serial('SN-1') }, 'installed', {
      runId: run,
    });
    expect(refusal(() => world.inventory.closeRun(run, { outcome: 'pass', atMs: T0 }))).toBe(
      'record_refused',
    );
    world.inventory.closeRun(run, { outcome: 'error', atMs: T0 });
    expect(world.inventory.unfinishedCredentials()).toHaveLength(1);
  });
});
