// The bench: keeps the bays and answers for them. A port that no bay is bound to is shown and never opened.

import type { StationMethods } from '../contract/rpc/host.ts';
import type { BayLayout } from '../contract/schemas/bays.ts';
import { parseDeviceSerial } from '../domain/device.ts';
import { StationError } from '../domain/stationError.ts';
import { type BayRecord, bayView, newBay, portFor } from './bay.ts';
import { createBayRuns } from './bayRuns.ts';
import { startByItself } from './handsFree.ts';
import type { House } from './house.ts';
import { createPortWatch } from './portWatch.ts';
import { houseOf, operatorOf, type World } from './world.ts';

export interface Bench {
  readonly methods: Pick<StationMethods, Extract<keyof StationMethods, `bays.${string}`>>;
  /** Sets up the bays of the house that was opened and begins to watch its ports. */
  open(): void;
  /** Stops every run, waits until each is recorded, and forgets the bays. */
  close(): Promise<void>;
  runsUnderWay(): number;
  /** The ports of the bays that are at work. */
  portsInUse(): ReadonlySet<string>;
  /** Looks at the ports now. */
  look(): Promise<void>;
}

/** Two bays may share neither a name nor what they are tied to. */
function checkLayout(layout: readonly BayLayout[]): void {
  const taken = (field: string, value?: string): never => {
    throw new StationError('value_invalid', { field, value, reason: 'taken' });
  };
  const names = layout.map(({ bayName }) => bayName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) taken('bay', twice);
  const bindings = layout.flatMap(({ binding }) => (binding === undefined ? [] : [JSON.stringify(binding)]));
  if (new Set(bindings).size !== bindings.length) taken('binding');
}

export function createBench(world: World): Bench {
  const { clock, emit } = world;
  let bays = new Map<string, BayRecord>();
  const all = (): readonly BayRecord[] => [...bays.values()];
  const runs = createBayRuns(world);
  const watch = createPortWatch(world, all, (bay) => startByItself(world, bay, all(), runs, tell));

  const find = (bayName: string): BayRecord => {
    const bay = bays.get(bayName);
    if (bay === undefined) throw new StationError('bay_unknown', { bayName });
    return bay;
  };
  const tell = (bay: BayRecord): void => emit({ event: 'bay.changed', payload: bayView(bay) });
  const runsUnderWay = (): number => all().filter((bay) => bay.controller !== undefined).length;

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
        bay.port ??= portFor(layout, watch.ports);
        return [layout.bayName, bay];
      }),
    );
  };

  const portsInUse = (): ReadonlySet<string> =>
    new Set(
      all().flatMap((bay) => (bay.controller === undefined || bay.port === undefined ? [] : [bay.port.path])),
    );

  return {
    runsUnderWay,
    portsInUse,
    look: watch.look,
    open() {
      bays = new Map();
      watch.stop();
      setUp(houseOf(world));
      watch.start();
    },
    async close() {
      watch.stop();
      for (const bay of all()) runs.stop(bay);
      await runs.settled();
      bays = new Map();
    },
    methods: {
      'bays.list': () => all().map(bayView),
      'bays.ports': () => watch.views(),
      'bays.saveLayout': ({ bays: layout }) => {
        const house = houseOf(world);
        checkLayout(layout);
        if (runsUnderWay() > 0) throw new StationError('bay_busy', {});
        house.desk.set({ ...house.desk.get(), bays: [...layout] });
        const details = { bays: layout.length };
        const actor = operatorOf(world);
        house.inventory.append({ act: 'bays-changed', actor, atMs: clock.nowMs(), details });
        setUp(house);
        emit({ event: 'bays.layoutChanged', payload: {} });
        emit({ event: 'ports.changed', payload: watch.views() });
        return {};
      },
      'bays.start': async ({ bayName, deviceSerial, replace }) => {
        const parsed = parseDeviceSerial(deviceSerial.trim());
        // What was plugged in since the last look is what the serial was scanned for.
        await watch.look();
        return runs.start(find(bayName), parsed, replace);
      },
      'bays.retry': async ({ bayName, replace }) => {
        const { run } = find(bayName);
        if (run === undefined) throw new StationError('bay_empty', { bayName });
        await watch.look();
        const bay = find(bayName);
        // Another device came: the serial of the verdict is not its own.
        if (bay.run === undefined) throw new StationError('device_changed', {});
        return runs.start(bay, parseDeviceSerial(run.deviceSerial), replace);
      },
      'bays.stop': ({ bayName }) => {
        runs.stop(find(bayName));
        return {};
      },
      'bays.stopAll': () => {
        for (const bay of all()) runs.stop(bay);
        return {};
      },
      'bays.confirmRestart': ({ bayName }) => {
        find(bayName).restarted?.();
        return {};
      },
      'bays.setHandsFree': ({ bayName, enabled }) => {
        const bay = find(bayName);
        bay.handsFree = enabled;
        const { desk } = houseOf(world);
        const handsFree = all()
          .filter((one) => one.handsFree)
          .map((one) => one.layout.bayName);
        desk.set({ ...desk.get(), handsFree });
        tell(bay);
        return {};
      },
    },
  };
}
