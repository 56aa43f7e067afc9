// Looks at the ports, again and again, and tells the bays what is plugged in. A swap between two looks is seen by what is
// plugged in now, never by the gap.

import type { SerialPortView } from '../contract/schemas/bays.ts';
import { asStationError } from '../domain/stationError.ts';
import type { PortInfo } from '../link/serial/portInfo.ts';
import { type BayRecord, bayView, portFor, portView, takePort } from './bay.ts';
import type { World } from './world.ts';

export interface PortWatch {
  readonly ports: readonly PortInfo[];
  views(): SerialPortView[];
  /** Looks now; never fails. */
  look(): Promise<void>;
  start(): void;
  stop(): void;
}

export function createPortWatch(
  world: World,
  bays: () => Iterable<BayRecord>,
  onNewDevice: (bay: BayRecord) => void,
): PortWatch {
  const { clock, emit } = world;
  let ports: readonly PortInfo[] = [];
  let watching: { stopped: boolean; timer: NodeJS.Timeout | undefined } | undefined;
  /** One look at a time, each begun after it was asked for. */
  let last: Promise<void> = Promise.resolve();

  const views = (): SerialPortView[] =>
    ports.slice(0, 256).map((port) => {
      const owner = [...bays()].find(({ port: own }) => own?.path === port.path);
      return portView(port, owner?.layout.bayName);
    });

  const look = (): Promise<void> => {
    last = last.then(lookOnce);
    return last;
  };

  async function lookOnce(): Promise<void> {
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
    for (const bay of bays()) {
      const before = bay.port;
      const isNew = takePort(bay, portFor(bay.layout, ports), clock.nowMs());
      if (before?.path !== bay.port?.path || isNew) emit({ event: 'bay.changed', payload: bayView(bay) });
      if (isNew) onNewDevice(bay);
    }
    if (changed) emit({ event: 'ports.changed', payload: views() });
  }

  function stop(): void {
    if (watching !== undefined) {
      watching.stopped = true;
      clearTimeout(watching.timer);
    }
    watching = undefined;
    ports = [];
  }

  return {
    get ports() {
      return ports;
    },
    views,
    look,
    start() {
      stop();
      const mine = { stopped: false, timer: undefined as NodeJS.Timeout | undefined };
      watching = mine;
      const again = async (): Promise<void> => {
        await look();
        if (!mine.stopped) mine.timer = setTimeout(() => void again(), world.options.portIntervalMs);
      };
      void again();
    },
    stop,
  };
}
