// The fake station, put together. NOT A STATION (see world.ts): hosts that ship must not import this folder, and an
// architecture rule says so.

import type { StationError } from '../../domain/stationError.ts';
import type { StationEvent } from '../events.ts';
import { METHOD_NAMES } from '../methods.ts';
import type { StationMethods, StationService } from '../rpc/host.ts';
import type { Condition } from '../schemas/session.ts';
import { fakeAudit } from './fakeAudit.ts';
import { fakeAuthority } from './fakeAuthority.ts';
import { fakeBackups } from './fakeBackups.ts';
import { fakeBatch } from './fakeBatch.ts';
import { type FakeBays, fakeBays } from './fakeBays.ts';
import { fakeFolder } from './fakeFolder.ts';
import { fakeOrders } from './fakeOrders.ts';
import { fakeRecords } from './fakeRecords.ts';
import { fakeSession, SHIFT_MS } from './fakeSession.ts';
import { fakeShift } from './fakeShift.ts';
import { fakeTargetList, fakeTargets } from './fakeTargets.ts';
import { fakeIssuing } from './fakeTrust.ts';
import { type FakeOptions, tellSession, type World } from './world.ts';

export interface FakeStation {
  readonly service: StationService;
  readonly bays: FakeBays;
  setConditions(conditions: readonly Condition[]): void;
  /** Every later call fails with this code; undefined mends it. */
  breakWith(error: StationError | undefined): void;
  lock(): void;
  /** Shows no sign of life until it is told otherwise. */
  hang(hangs: boolean): void;
  emit(event: StationEvent): void;
}

const DEFAULTS: Omit<FakeOptions, 'nowMs' | 'later'> = {
  speed: 1,
  stage: 'signed-in',
  role: 'supervisor',
  practice: false,
  bays: 4,
  inventoryRows: 100_000,
  orders: true,
  longNames: false,
  auditIntact: true,
  keychainTrouble: undefined,
  rootRefuses: undefined,
  settings: { theme: 'system', language: 'en', soundEnabled: true, soundVolume: 0.6 },
};

export function fakeStation(given: Partial<FakeOptions> = {}): FakeStation {
  const speed = given.speed ?? DEFAULTS.speed;
  const options: FakeOptions = {
    ...DEFAULTS,
    nowMs: () => Date.now(),
    ...given,
    later: (run, ms) => {
      const timer = setTimeout(run, ms / speed);
      return () => clearTimeout(timer);
    },
  };
  const listeners = new Set<(event: StationEvent) => void>();
  const emit = (event: StationEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const started = options.stage !== 'no-station';
  const operatorName = options.longNames ? 'Maximiliane-Alexandra von Hohenzollern-Sigmaringen' : 'Ada Lind';
  const world: World = {
    options,
    emit,
    stage: options.stage,
    practice: options.practice,
    stationName: options.longNames
      ? 'Provisioning station 14, hall B, northern line, second bench from the window'
      : 'Bench 3',
    site: options.longNames ? 'Example Instruments and Gateways Manufacturing GmbH' : 'Plant North',
    signedIn: options.stage === 'signed-in' ? { operatorName, role: options.role } : undefined,
    lock: started ? { state: 'unlocked', locksAtMs: options.nowMs() + SHIFT_MS } : { state: 'missing' },
    operators: started
      ? [operatorName, 'Bruno Kask', 'Chen Wei', 'Marta Oliveira', 'Yusuf Demir'].map((name, index) => ({
          operatorName: name,
          role: index === 0 ? 'supervisor' : 'operator',
          hasBadge: index < 3,
          active: index !== 4,
          lastSignInAtMs: options.nowMs() - index * 9_000_000,
          pin: '1234',
          badge: index < 3 ? `BADGE-${index}00${index}` : undefined,
        }))
      : [],
    settings: options.settings,
    conditions: [],
    currentOrder: undefined,
    targets: fakeTargetList(),
    issuing: undefined,
    baysAtWork: () => 0,
    hangs: false,
    broken: undefined,
  };
  const orders = fakeOrders(world);
  const records = fakeRecords(world);
  const bays = fakeBays(world, (bay, run) => {
    records.add(bay, run);
    orders.count(run);
  });
  const parts: StationMethods = {
    ...fakeSession(world),
    ...fakeBackups(world),
    ...bays.methods,
    ...orders.methods,
    ...fakeShift(world),
    ...records.methods,
    ...fakeTargets(world),
    ...fakeAudit(world),
    ...fakeAuthority(world),
    ...fakeIssuing(world, records.isProvisioned),
    ...fakeBatch(world, orders.find),
    ...fakeFolder(world, orders),
  };
  const methods = Object.fromEntries(
    METHOD_NAMES.map((name) => [
      name,
      async (input: never, context: never) => {
        if (world.broken !== undefined && !name.startsWith('session.') && !name.startsWith('settings.'))
          throw world.broken;
        return (parts[name] as (i: never, c: never) => unknown)(input, context);
      },
    ]),
  ) as unknown as StationMethods;

  return {
    service: {
      methods,
      role: () => world.signedIn?.role,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    bays,
    setConditions: (conditions) => {
      world.conditions = conditions;
      emit({ event: 'conditions.changed', payload: [...conditions] });
    },
    breakWith: (error) => {
      world.broken = error;
    },
    hang: (hangs) => {
      world.hangs = hangs;
    },
    lock: () => {
      world.lock = { state: 'locked' };
      tellSession(world);
    },
    emit,
  };
}
