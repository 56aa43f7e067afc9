// Runs in bays: starts one, shows how it goes, and tidies up after it. Which bay and why is decided in bench.ts.

import { profileNamed } from '../authority/profileStore.ts';
import type { DeviceSerial } from '../domain/device.ts';
import type { OrderId } from '../domain/ids.ts';
import { refuseFiles } from '../domain/orderRules.ts';
import type { PasswordPolicy } from '../domain/password.ts';
import type { Profile } from '../domain/profile.ts';
import { asStationError, StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import { type LastChecks, NO_LAST_CHECKS } from '../domain/workOrder.ts';
import type { RunEvent } from '../station/events.ts';
import { provision } from '../station/provision/provision.ts';
import { recover } from '../station/recovery.ts';
import { applyRunEvent, type BayRecord, bayView, breakRun } from './bay.ts';
import type { House } from './house.ts';
import { orderTarget } from './orderTarget.ts';
import { orderView } from './orderView.ts';
import { USUAL_PROFILE, USUAL_TARGET } from './usualChoice.ts';
import { lockNow } from './workshop.ts';
import { houseOf, operatorOf, refuseDuringBatch, tellSession, type World } from './world.ts';

const PROGRESS_INTERVAL_MS = 80;

export interface BayRuns {
  /** Resolves with the run's id as soon as the run is on record; throws where no run began. */
  start(bay: BayRecord, deviceSerial: DeviceSerial, replace: boolean): Promise<{ runId: string }>;
  stop(bay: BayRecord): void;
  /** Resolves when every run is recorded as far as it can be. */
  settled(): Promise<void>;
}

interface Work {
  readonly target: Target;
  readonly profile: Profile;
  readonly orderId: OrderId | undefined;
  readonly orderName: string | undefined;
  readonly lastChecks: LastChecks;
  readonly passwordPolicy: PasswordPolicy | undefined;
}

export function createBayRuns(world: World): BayRuns {
  const { clock, emit } = world;
  /** Runs that end; each resolves when its record is as complete as it can be. */
  const ending = new Set<Promise<void>>();
  /** A run was left open because nothing could be written. */
  let unsettled = false;

  const tell = (bay: BayRecord): void => emit({ event: 'bay.changed', payload: bayView(bay) });

  /** Shows the bay's operator what to do; resolves when it is done. */
  function askRestart(bay: BayRecord, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        bay.restarted = undefined;
        signal.removeEventListener('abort', end);
        if (bay.run !== undefined) {
          const { awaitsRestart: _, ...run } = bay.run;
          bay.run = run;
        }
        tell(bay);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener('abort', end);
      bay.restarted = end;
      if (bay.run !== undefined) bay.run = { ...bay.run, awaitsRestart: true };
      tell(bay);
    });
  }

  /** What a device in this station is provisioned for now. */
  function workOf(house: House): Work {
    const desk = house.desk.get();
    const order = desk.currentOrderId === undefined ? undefined : house.inventory.order(desk.currentOrderId);
    const targetName = order?.targetName ?? desk.targetName ?? USUAL_TARGET;
    const profileName = order?.profileName ?? desk.profileName ?? USUAL_PROFILE;
    const target = world.targets.target(targetName);
    refuseFiles(orderTarget(target));
    return {
      target,
      profile: profileNamed(world.profiles, profileName),
      orderId: order?.orderId,
      orderName: order?.name,
      lastChecks: order?.lastChecks ?? NO_LAST_CHECKS,
      passwordPolicy: order?.passwordPolicy,
    };
  }

  function refuseUnready(bay: BayRecord): void {
    const { bayName } = bay.layout;
    if (bay.controller !== undefined) throw new StationError('bay_busy', { bayName });
    if (bay.port === undefined) throw new StationError('bay_empty', { bayName });
    refuseDuringBatch(world);
    if (world.workshop === undefined || world.workshop.closing) throw new StationError('authority_locked');
    if (world.conditions.has('disk-full')) {
      throw new StationError('disk_full', { path: world.options.dataRoot });
    }
  }

  async function start(
    bay: BayRecord,
    deviceSerial: DeviceSerial,
    replace: boolean,
  ): Promise<{ runId: string }> {
    const house = houseOf(world);
    const operatorName = operatorOf(world);
    refuseUnready(bay);
    const workshop = world.workshop;
    const port = bay.port;
    if (workshop === undefined || port === undefined) throw new StationError('authority_locked');
    if (unsettled && world.runsUnderWay() === 0) {
      recover({ inventory: house.inventory, clock });
      unsettled = false;
    }
    const work = workOf(house);
    const controller = new AbortController();
    const runBefore = bay.run;
    bay.controller = controller;
    bay.stopping = false;
    bay.run = undefined;
    house.practice?.prepare(port.path, deviceSerial);

    return new Promise((resolve, reject) => {
      let begun = false;
      const listener = (event: RunEvent): void => {
        if (event.kind === 'refused') return;
        applyRunEvent(bay, event, clock.nowMs());
        if (event.kind === 'install-progress') tellProgress(bay, event);
        else if (event.kind !== 'closed') tell(bay);
        if (begun) return;
        begun = true;
        resolve({ runId: event.runId });
      };
      const { lastChecks, ...order } = work;
      const done = provision(workshop.ports, {
        ...order,
        seal: lastChecks.seal,
        checkReboot: lastChecks.checkReboot
          ? { askOperator: (signal) => askRestart(bay, signal) }
          : undefined,
        deviceSerial,
        operatorName,
        replace,
        listener,
        bayName: bay.layout.bayName,
        portPath: port.path,
        site: house.facts.site,
        signal: controller.signal,
      }).then(
        () => undefined,
        (thrown: unknown) => {
          if (begun) {
            unsettled = true;
            breakRun(bay, thrown, clock.nowMs());
            noteStorage(thrown);
            return;
          }
          bay.run = runBefore;
          reject(thrown);
        },
      );
      const ended = done.then(() => afterRun(house, bay, work.orderId, begun));
      ending.add(ended);
      void ended.finally(() => ending.delete(ended));
    });
  }

  function noteStorage(thrown: unknown): void {
    const { code, details } = asStationError(thrown);
    if (code === 'disk_full') world.conditions.set('disk-full', { path: details.path });
    if (code === 'storage_read_only') world.conditions.set('storage-read-only', { path: details.path });
  }

  function afterRun(house: House, bay: BayRecord, orderId: OrderId | undefined, begun: boolean): void {
    bay.controller = undefined;
    bay.stopping = false;
    if (world.house !== house) return;
    tell(bay);
    if (begun && bay.run?.outcome !== undefined) {
      const { runId, outcome, failure } = bay.run;
      emit({ event: 'bay.verdict', payload: { bayName: bay.layout.bayName, runId, outcome, failure } });
      emit({ event: 'inventory.changed', payload: {} });
      const order = orderId === undefined ? undefined : house.inventory.orderSummary(orderId);
      if (order !== undefined) {
        const wishes = house.inventory.orderWishes(order.orderId);
        emit({
          event: 'order.changed',
          payload: orderView(order, house.desk.get().currentOrderId, wishes),
        });
      }
    }
    if (world.workshop?.closing === true && world.runsUnderWay() === 0) {
      void lockNow(world).then(() => tellSession(world));
    }
  }

  const lastTold = new WeakMap<BayRecord, number>();
  function tellProgress(bay: BayRecord, event: Extract<RunEvent, { kind: 'install-progress' }>): void {
    const { runId, sentBytes, totalBytes } = event;
    const nowMs = clock.nowMs();
    if (sentBytes < totalBytes && nowMs - (lastTold.get(bay) ?? 0) < PROGRESS_INTERVAL_MS) return;
    lastTold.set(bay, nowMs);
    emit({
      event: 'bay.progress',
      payload: {
        bayName: bay.layout.bayName,
        runId,
        phase: 'install',
        progress: { sentBytes, totalBytes },
      },
    });
  }

  function stop(bay: BayRecord): void {
    if (bay.controller === undefined || bay.stopping) return;
    bay.stopping = true;
    bay.controller.abort(new StationError('interrupted'));
    tell(bay);
  }

  return {
    start,
    stop,
    settled: async () => {
      await Promise.all(ending);
    },
  };
}
