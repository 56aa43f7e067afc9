// The whole of the port on a real database: what is recorded is read back as it was, also after a restart.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InventoryPort } from '../../../core/station/ports/inventory.ts';
import {
  bringTo,
  certificateOf,
  certificateSerialOf,
  createOrder,
  createWorld,
  credentialIdOf,
  identify,
  openRun,
  provision,
  STATION,
  serial,
  sha256,
  T0,
  toBeSignedOf,
  type World,
} from './world.ts';

let world: World;
beforeEach(() => {
  world = createWorld();
});
afterEach(() => world.remove());

describe('the inventory', () => {
  it('is what the station asks for', () => {
    const port: InventoryPort = world.inventory;
    expect(port.openRuns()).toEqual([]);
  });

  it('remembers a whole run across a restart', () => {
    const orderId = createOrder(world.inventory, 'WO-1');
    const runId = openRun(world.inventory, 'a', 'SN-1', { orderId });
    world.inventory.beginPhase(runId, 'identify', T0 + 1);
    identify(world.inventory, runId, 'AA:BB');
    world.inventory.endPhase(runId, 'identify', T0 + 2, 'pass', { slots: [1, null], nested: { ok: true } });
    const holder = { kind: 'device', deviceSerial: serial('SN-1') } as const;
    const id = bringTo(world.inventory, 'a', holder, 'sealed', { runId });
    world.inventory.beginPhase(runId, 'close', T0 + 30);
    world.inventory.closeRun(runId, { outcome: 'pass', atMs: T0 + 31 });

    const inventory = world.reopen();
    expect(inventory.device(serial('SN-1'))).toEqual({
      deviceSerial: 'SN-1',
      hardwareId: 'AA:BB',
      targetName: 'esp32',
      firmware: '1.0',
      firstSeenAtMs: T0 + 1,
    });
    expect(inventory.run(runId)).toEqual({
      runId,
      orderId,
      deviceSerial: 'SN-1',
      hardwareId: 'AA:BB',
      bayName: 'bay 1',
      portPath: '/dev/ttyUSB0',
      operatorName: 'Ada',
      targetName: 'esp32',
      profileName: 'device-tls',
      profileVersion: 1,
      credentialId: id,
      startedAtMs: T0,
      closedAtMs: T0 + 31,
      outcome: 'pass',
      failure: undefined,
      phases: [
        {
          phase: 'identify',
          startedAtMs: T0 + 1,
          endedAtMs: T0 + 2,
          outcome: 'pass',
          evidence: { slots: [1, null], nested: { ok: true } },
        },
        { phase: 'close', startedAtMs: T0 + 30, endedAtMs: T0 + 31, outcome: 'pass', evidence: undefined },
      ],
    });
    expect(inventory.credential(id)).toEqual({
      credentialId: id,
      holder,
      runId,
      certificateSerial: certificateSerialOf('a'),
      state: 'sealed',
      custody: 'station-memory',
      profileName: 'device-tls',
      profileVersion: 1,
      publicKeySha256: sha256('a'),
      toBeSigned: toBeSignedOf('a'),
      ...certificateOf(toBeSignedOf('a')),
      notBeforeMs: T0,
      notAfterMs: T0 + 1e9,
      storedDigests: { certificate: sha256(toBeSignedOf('a')) },
      reason: undefined,
      reservedAtMs: T0 + 2,
      changedAtMs: T0 + 9,
    });
    expect(inventory.station).toEqual(STATION);
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
  });

  it('tells what recovery has to decide on', () => {
    const runId = openRun(world.inventory, 'a', 'SN-1');
    identify(world.inventory, runId);
    const holder = { kind: 'device', deviceSerial: serial('SN-1') } as const;
    const id = bringTo(world.inventory, 'a', holder, 'issued', { runId });
    const inventory = world.reopen();
    expect(inventory.openRuns().map((run) => [run.runId, run.credentialId])).toEqual([[runId, id]]);
    expect(inventory.unfinishedCredentials().map((credential) => credential.credentialId)).toEqual([id]);
    expect(inventory.liveCredential(serial('SN-1'))?.credentialId).toBe(id);
    expect(inventory.checkInvariants()).toEqual([]);
    expect(inventory.checkInvariants({ settled: true }).map((violation) => violation.kind)).toEqual([
      'run-open',
      'credential-unfinished',
    ]);
  });

  it('keeps an edge server’s credential apart from devices', () => {
    const holder = { kind: 'edge-server', serverName: 'edge.local' } as const;
    const first = bringTo(world.inventory, 'a', holder, 'issued');
    const second = bringTo(world.inventory, 'b', holder, 'issued', { supersedes: first });
    expect(world.inventory.credential(first)?.state).toBe('revoked');
    expect(world.inventory.credential(second)).toMatchObject({ holder, state: 'issued', runId: undefined });
    expect(world.inventory.checkInvariants()).toEqual([]);
  });

  it('replaces a credential in one step and says which took its place', () => {
    const { credentialId: old } = provision(world.inventory, 'a', 'SN-1');
    const { credentialId: successor } = provision(world.inventory, 'b', 'SN-1', {
      supersedes: old ?? credentialIdOf('none'),
    });
    expect(world.inventory.credentialsOf(serial('SN-1')).map(({ state, reason }) => [state, reason])).toEqual(
      [
        ['verified', undefined],
        ['revoked', 'superseded'],
      ],
    );
    expect(world.inventory.liveCredential(serial('SN-1'))?.credentialId).toBe(successor);
  });

  it('knows the latest moment at which anything was issued', () => {
    expect(world.inventory.newestIssuedAtMs()).toBeUndefined();
    provision(world.inventory, 'a', 'SN-1');
    expect(world.inventory.newestIssuedAtMs()).toBe(T0 + 5);
  });
});
