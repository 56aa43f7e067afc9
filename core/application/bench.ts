// The bench: watches the ports, keeps the bays, runs devices in them side by side. A port that no bay is bound to is shown
// and never opened.

import { profileNamed } from '../authority/profileStore.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import type { SerialPortView } from '../contract/schemas/bays.ts';
import { type DeviceSerial, parseDeviceSerial } from '../domain/device.ts';
import type { OrderId } from '../domain/ids.ts';
import type { Profile } from '../domain/profile.ts';
import { asStationError, StationError } from '../domain/stationError.ts';
import type { Target } from '../domain/target.ts';
import type { PortInfo } from '../link/serial/portInfo.ts';
import type { RunEvent } from '../station/events.ts';
import { provision } from '../station/provision/provision.ts';
import { recover } from '../station/recovery.ts';
import {
  applyRunEvent,
  type BayRecord,
  bayView,
  breakRun,
  newBay,
  portFor,
  portView,
  stateOf,
  takePort,
} from './bay.ts';
import type { House } from './house.ts';
import { orderView } from './orderView.ts';
import { USUAL_PROFILE, USUAL_TARGET } from './usualChoice.ts';
import { lockNow } from './workshop.ts';
import { houseOf, operatorOf, tellSession, type World } from './world.ts';

export interface Bench {
  readonly methods: Pick<StationMethods, Extract<keyof StationMethods, `bays.${string}`>>;
  /** Sets up the bays of the house that was opened and begins to watch its ports. */
  open(): void;
  /** Stops every run, waits until each is recorded, and forgets the bays. */
  close(): Promise<void>;
  runsUnderWay(): number;
  /** Looks at the ports now. */
  look(): Promise<void>;
}

const PROGRESS_INTERVAL_MS = 80;

interface Work {
  readonly target: Target;
  readonly profile: Profile;
  readonly orderId: OrderId | undefined;
  readonly orderName: string | undefined;
}

export function createBench(world: World): Bench {
  const { clock, emit } = world;
  let bays = new Map<string, BayRecord>();
  let ports: readonly PortInfo[] = [];
  let watching: { stopped: boolean; timer: NodeJS.Timeout | undefined } | undefined;
  /** Runs that end; each resolves when its record is as complete as it can be. */
  const ending = new Set<Promise<void>>();
  /** A run was left open because nothing could be written. */
  let unsettled = false;

  const find = (bayName: string): BayRecord => {
    const bay = bays.get(bayName);
    if (bay === undefined) throw new StationError('bay_unknown', { bayName });
    return bay;
  };
  const tell = (bay: BayRecord): void => emit({ event: 'bay.changed', payload: bayView(bay) });
  const runsUnderWay = (): number => [...bays.values()].filter((bay) => bay.controller !== undefined).length;

  const portViews = (): SerialPortView[] =>
    ports.slice(0, 256).map((port) => {
      const owner = [...bays.values()].find(({ port: own }) => own?.path === port.path);
      return portView(port, owner?.layout.bayName);
    });

  async function look(): Promise<void> {
    const house = world.house;
    if (house === undefined) return;
    let found: readonly PortInfo[];
    try {
      found = await house.listPorts();
      world.conditions.clear('port-listing-unavailable');
    } catch (thrown) {
      world.conditions.set('port-listing-unavailable', asStationError(thrown).details);
      return;
    }
    if (world.house !== house) return;
    const changed = JSON.stringify(found) !== JSON.stringify(ports);
    ports = found;
    for (const bay of bays.values()) {
      const before = bay.port;
      const isNew = takePort(bay, portFor(bay.layout, ports), clock.nowMs());
      if (before?.path !== bay.port?.path || isNew) tell(bay);
      if (isNew) startByItself(bay);
    }
    if (changed) emit({ event: 'ports.changed', payload: portViews() });
  }

  function watch(): void {
    const mine = { stopped: false, timer: undefined as NodeJS.Timeout | undefined };
    watching = mine;
    const again = async (): Promise<void> => {
      await look();
      if (!mine.stopped) mine.timer = setTimeout(() => void again(), world.options.portIntervalMs);
    };
    void again();
  }

  function stopWatching(): void {
    if (watching === undefined) return;
    watching.stopped = true;
    clearTimeout(watching.timer);
    watching = undefined;
  }

  const setUp = (house: House): void => {
    const desk = house.desk.get();
    const before = bays;
    bays = new Map(
      desk.bays.map((layout) => {
        const known = before.get(layout.bayName);
        const same = JSON.stringify(known?.layout.binding) === JSON.stringify(layout.binding);
        const bay =
          known !== undefined && same
            ? { ...known, layout }
            : newBay(layout, desk.handsFree.includes(layout.bayName));
        // What is plugged in already is no device that comes: hands-free waits for the next.
        bay.port ??= portFor(layout, ports);
        return [layout.bayName, bay];
      }),
    );
  };

  /** What a device in this station is provisioned for now. */
  function workOf(house: House): Work {
    const desk = house.desk.get();
    const order = desk.currentOrderId === undefined ? undefined : house.inventory.order(desk.currentOrderId);
    const targetName = order?.targetName ?? desk.targetName ?? USUAL_TARGET;
    const profileName = order?.profileName ?? desk.profileName ?? USUAL_PROFILE;
    return {
      target: world.targets.target(targetName),
      profile: profileNamed(world.profiles, profileName),
      orderId: order?.orderId,
      orderName: order?.name,
    };
  }

  function refuseUnready(bay: BayRecord): void {
    const { bayName } = bay.layout;
    if (bay.controller !== undefined) throw new StationError('bay_busy', { bayName });
    if (bay.port === undefined) throw new StationError('bay_empty', { bayName });
    if (world.workshop === undefined || world.workshop.closing) throw new StationError('authority_locked');
    if (world.conditions.has('disk-full')) {
      throw new StationError('disk_full', { path: world.options.dataRoot });
    }
  }

  /** Resolves with the run's id as soon as the run is on record. */
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
    if (unsettled && runsUnderWay() === 0) {
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
      const done = provision(workshop.ports, {
        ...work,
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
        emit({ event: 'order.changed', payload: orderView(order, house.desk.get().currentOrderId) });
      }
    }
    if (world.workshop?.closing === true && runsUnderWay() === 0) {
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

  /** Hands-free: the order's next serial, or the number that the device itself reports over USB at a bound place. */
  function nextSerial(house: House, bay: BayRecord): DeviceSerial | undefined {
    const { currentOrderId } = house.desk.get();
    const order = currentOrderId === undefined ? undefined : house.inventory.order(currentOrderId);
    if (order !== undefined && order.deviceSerials.length > 0) {
      const taken = new Set([...bays.values()].map(({ run }) => run?.deviceSerial));
      return house.inventory.remainingSerials(order.orderId).find((serial) => !taken.has(serial));
    }
    const reported = bay.layout.binding?.kind === 'location' ? bay.port?.usbSerialNumber : undefined;
    return reported === undefined ? undefined : parseDeviceSerial(reported);
  }

  function startByItself(bay: BayRecord): void {
    const { house } = world;
    if (!bay.handsFree || house === undefined || world.signedIn === undefined) return;
    if (stateOf(bay) !== 'ready') return;
    const begin = async (): Promise<void> => {
      const deviceSerial = nextSerial(house, bay);
      if (deviceSerial !== undefined) await start(bay, deviceSerial, false);
    };
    begin().catch(() => {
      // Nothing that is plugged in next would fare better: the operator has to look.
      bay.handsFree = false;
      tell(bay);
    });
  }

  function stop(bay: BayRecord): void {
    if (bay.controller === undefined || bay.stopping) return;
    bay.stopping = true;
    bay.controller.abort(new StationError('interrupted'));
    tell(bay);
  }

  return {
    runsUnderWay,
    look,
    open() {
      stopWatching();
      bays = new Map();
      ports = [];
      setUp(houseOf(world));
      watch();
    },
    async close() {
      stopWatching();
      for (const bay of bays.values()) stop(bay);
      await Promise.all(ending);
      bays = new Map();
      ports = [];
    },
    methods: {
      'bays.list': () => [...bays.values()].map(bayView),
      'bays.ports': () => portViews(),
      'bays.saveLayout': ({ bays: layout }) => {
        const house = houseOf(world);
        const names = layout.map(({ bayName }) => bayName);
        const twice = names.find((name, index) => names.indexOf(name) !== index);
        if (twice !== undefined)
          throw new StationError('value_invalid', { field: 'bay', value: twice, reason: 'taken' });
        const bindings = layout.flatMap(({ binding }) =>
          binding === undefined ? [] : [JSON.stringify(binding)],
        );
        if (new Set(bindings).size !== bindings.length)
          throw new StationError('value_invalid', { field: 'binding', reason: 'taken' });
        if (runsUnderWay() > 0) throw new StationError('bay_busy', {});
        house.desk.set({ ...house.desk.get(), bays: [...layout] });
        house.inventory.append({
          act: 'bays-changed',
          actor: operatorOf(world),
          atMs: clock.nowMs(),
          details: { bays: layout.length },
        });
        setUp(house);
        emit({ event: 'bays.layoutChanged', payload: {} });
        emit({ event: 'ports.changed', payload: portViews() });
        return {};
      },
      'bays.start': ({ bayName, deviceSerial, replace }) =>
        start(find(bayName), parseDeviceSerial(deviceSerial.trim()), replace),
      'bays.retry': ({ bayName, replace }) => {
        const bay = find(bayName);
        if (bay.run === undefined) throw new StationError('bay_empty', { bayName });
        return start(bay, parseDeviceSerial(bay.run.deviceSerial), replace);
      },
      'bays.stop': ({ bayName }) => {
        stop(find(bayName));
        return {};
      },
      'bays.stopAll': () => {
        for (const bay of bays.values()) stop(bay);
        return {};
      },
      'bays.setHandsFree': ({ bayName, enabled }) => {
        const bay = find(bayName);
        bay.handsFree = enabled;
        const { desk } = houseOf(world);
        const handsFree = [...bays.values()].filter((one) => one.handsFree).map((one) => one.layout.bayName);
        desk.set({ ...desk.get(), handsFree });
        tell(bay);
        return {};
      },
    },
  };
}
