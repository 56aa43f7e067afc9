// An order whose devices are files in a folder: its devices one after the other, each in a run like any other, without a bay. As
// with a batch, bays wait meanwhile: the two could make a credential for the same device serial.

import { isAbsolute, join } from 'node:path';
import { profileNamed } from '../authority/profileStore.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import { failureOf } from '../contract/schemas/common.ts';
import type { FolderWork, NewFolderWork } from '../contract/schemas/issuing.ts';
import type { DeviceSerial } from '../domain/device.ts';
import { checkFolderOrder } from '../domain/orderRules.ts';
import { Secret } from '../domain/secret.ts';
import { asStationError, ERROR_SIDES, type ErrorCode, StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import type { WorkOrder } from '../domain/workOrder.ts';
import { createDrivers } from '../host/drivers.ts';
import { createLink } from '../link/driverRegistry.ts';
import { deviceFolderName } from '../link/files/folderTransport.ts';
import type { RunResult } from '../station/events.ts';
import type { StationPorts } from '../station/ports/all.ts';
import { provision } from '../station/provision/provision.ts';
import { recover } from '../station/recovery.ts';
import { exportsFolder } from './exportsFolder.ts';
import { serialsToIssue } from './folderSerials.ts';
import type { House } from './house.ts';
import { openWorkshop } from './issuingParts.ts';
import { orderTarget } from './orderTarget.ts';
import { orderView } from './orderView.ts';
import { lockNow } from './workshop.ts';
import { houseOf, operatorOf, refuseAtWork, tellSession, type World } from './world.ts';

export interface FolderDesk {
  readonly methods: Pick<StationMethods, 'folder.get' | 'folder.start' | 'folder.stop'>;
  /** The order that is being issued to a folder. */
  underWay(): string | undefined;
  /** Stops it and resolves when the run in work is closed. */
  close(): Promise<void>;
}

/** Stands in a run's record where a bay's name does. */
const BAY_NAME = 'folder';

/** Refused before its run, and no other device with it: the order goes on. */
const REFUSED_ALONE: readonly ErrorCode[] = ['password_taken', 'device_serial_case_conflict'];

interface Work {
  state: FolderWork;
  readonly house: House;
  readonly order: WorkOrder;
  readonly controller: AbortController;
  ended: Promise<void>;
}

interface Job {
  readonly order: WorkOrder;
  readonly target: Target;
  readonly ports: StationPorts;
  readonly operatorName: string;
  readonly serials: Iterable<DeviceSerial>;
}

export function createFolderDesk(world: World): FolderDesk {
  const { clock } = world;
  /** Under way, or the last one. */
  let work: Work | undefined;
  /** A run could not be closed in the records: that is made good before the next begins. */
  let unsettled = false;
  const isUnderWay = (): boolean => work?.state.state === 'running' || work?.state.state === 'stopping';

  function orderOf(orderId: string): WorkOrder {
    const order = houseOf(world).inventory.order(orderId);
    if (order === undefined) throw new StationError('order_unknown', { order: orderId });
    return order;
  }

  function tell(mine: Work, change: Partial<FolderWork>): void {
    mine.state = { ...mine.state, ...change };
    world.emit({ event: 'folder.changed', payload: mine.state });
  }

  function tellOrder({ house, order }: Work): void {
    const summary = house.inventory.orderSummary(order.orderId);
    if (summary === undefined) return;
    const payload = orderView(summary, house.desk.get().currentOrderId, order);
    world.emit({ event: 'order.changed', payload });
  }

  const provisionOne = (
    mine: Work,
    job: Job,
    deviceSerial: DeviceSerial,
  ): Promise<Pick<RunResult, 'outcome' | 'failure'>> =>
    provision(job.ports, {
      deviceSerial,
      orderId: job.order.orderId,
      orderName: job.order.name,
      bayName: BAY_NAME,
      portPath: join(mine.state.folder, deviceFolderName(deviceSerial)),
      operatorName: job.operatorName,
      site: mine.house.facts.site,
      target: job.target,
      profile: profileNamed(world.profiles, job.order.profileName),
      passwordPolicy: job.order.passwordPolicy,
      replace: false,
      signal: mine.controller.signal,
      listener: () => {},
    }).catch((thrown: unknown) => {
      const { code, details } = asStationError(thrown);
      if (!REFUSED_ALONE.includes(code)) throw thrown;
      return { outcome: 'fail', failure: { code, details } };
    });

  /** Until the order is full, somebody stops it, or the station is in the way; a device that cannot be written does not stop it. */
  async function issueAll(mine: Work, job: Job): Promise<Partial<FolderWork>> {
    const { house, order, controller } = mine;
    const startedMs = performance.now();
    let made = 0;
    for (const deviceSerial of job.serials) {
      if (controller.signal.aborted || mine.state.state === 'stopping') return { state: 'stopped' };
      tell(mine, { deviceSerial });
      const { outcome, failure } = await provisionOne(mine, job, deviceSerial);
      const { passed, remaining } = house.inventory.progress(order.orderId);
      made += outcome === 'pass' ? 1 : 0;
      const seconds = Math.max(0.001, (performance.now() - startedMs) / 1_000);
      const failed = mine.state.failed + (outcome === 'fail' ? 1 : 0);
      tell(mine, {
        ...{ passed, failed, devicesPerSecond: made / seconds },
        ...(failure === undefined
          ? {}
          : { failure: { ...failure, side: ERROR_SIDES[failure.code] }, failedSerial: deviceSerial }),
      });
      tellOrder(mine);
      // Whoever locks the authority waits for one device, not for all.
      if (world.workshop?.closing !== false) tell(mine, { state: 'stopping' });
      if (remaining === 0) return { state: 'full' };
      if (outcome !== 'pass' && outcome !== 'fail') return { state: 'stopped' };
    }
    return { state: 'stopped' };
  }

  async function run(mine: Work, job: Job): Promise<void> {
    const end = await issueAll(mine, job).catch((thrown: unknown): Partial<FolderWork> => {
      unsettled = true;
      // Not that of the device that failed before.
      return { state: 'stopped', failure: failureOf(thrown), failedSerial: undefined };
    });
    tell(mine, { ...end, deviceSerial: undefined });
    world.emit({ event: 'inventory.changed', payload: {} });
    if (world.workshop?.closing === true && world.runsUnderWay() === 0) {
      await lockNow(world);
      tellSession(world);
    }
  }

  /** Where this order's files are proposed to go. */
  const proposedFolder = (house: House, { name, orderId }: WorkOrder): string =>
    join(exportsFolder(house), `order-${name.replace(/[^A-Za-z0-9._-]+/g, '_')}-${orderId.slice(-8)}`);

  function start({ orderId, folder, numbering, passphrase }: NewFolderWork): FolderWork {
    const house = houseOf(world);
    const order = orderOf(orderId);
    const operatorName = operatorOf(world);
    const workshop = openWorkshop(world);
    refuseAtWork(world);
    const target = world.targets.target(order.targetName);
    const { passed, remaining } = house.inventory.progress(order.orderId);
    const { name, closedAtMs } = order;
    checkFolderOrder(
      orderTarget(target),
      { name, closedAtMs, remaining },
      { folder, passphrase },
      isAbsolute,
    );
    const serials = serialsToIssue(house.inventory, order, numbering);
    if (unsettled) recover({ inventory: house.inventory, clock });
    unsettled = false;
    const drivers = createDrivers(() => (passphrase === undefined ? undefined : Secret.fromText(passphrase)));
    const link = createLink({ drivers, openTransport: house.openTransport });
    house.inventory.append({
      act: 'order-issued-to-folder',
      actor: operatorName,
      atMs: clock.nowMs(),
      details: { order: order.name, folder, remaining },
    });
    const state: FolderWork = {
      ...{ orderId, orderName: order.name, folder, state: 'running' },
      ...{ passed, failed: 0, quantity: order.quantity },
    };
    const mine: Work = {
      ...{ state, house, order, controller: new AbortController(), ended: Promise.resolve() },
    };
    work = mine;
    mine.ended = run(mine, { order, target, operatorName, serials, ports: { ...workshop.ports, link } });
    return mine.state;
  }

  return {
    underWay: () => (isUnderWay() ? work?.order.orderId : undefined),
    async close() {
      work?.controller.abort(new StationError('interrupted'));
      await work?.ended;
      work = undefined;
    },
    methods: {
      'folder.get': ({ orderId }) => {
        const order = orderOf(orderId);
        const mine = work?.order.orderId === order.orderId ? work : undefined;
        return {
          work: mine?.state,
          proposedFolder: mine?.state.folder ?? proposedFolder(houseOf(world), order),
        };
      },
      'folder.start': (asked) => {
        const begun = start(asked);
        world.emit({ event: 'folder.changed', payload: begun });
        return begun;
      },
      'folder.stop': () => {
        if (work === undefined || !isUnderWay()) return {};
        // The device in work is finished: stopping it in the middle would revoke what was signed for it.
        tell(work, { state: 'stopping' });
        return {};
      },
    },
  };
}
