// Starts the station process, gives windows a port to it, and starts it again when it dies: recovery runs there, and every
// window is told and connected anew.

import { join } from 'node:path';
import { MessageChannelMain, type UtilityProcess, utilityProcess, type WebContents } from 'electron';
import { CHANNELS, type StationConfig, type StationMessage } from '../channels.ts';

/** Deaths this close together make the next start wait, so that a station that cannot start does not spin. */
const QUICK_DEATH_MS = 5_000;
const RETRY_MS = [0, 250, 1_000, 2_000] as const;
const CLOSE_TIMEOUT_MS = 10_000;

export interface Supervisor {
  /** Connects a page that asked for it; it stays connected across restarts until it is gone. */
  connect(page: WebContents): void;
  /** Lets the station end its runs and close. Resolves when it is gone. */
  close(): Promise<void>;
}

export function superviseStation(config: Omit<StationConfig, 'restarted'>): Supervisor {
  const pages = new Set<WebContents>();
  let station: UtilityProcess | undefined;
  let closing = false;
  let quickDeaths = 0;

  const tell = (message: StationMessage, ports: Electron.MessagePortMain[] = []): void =>
    station?.postMessage(message, ports);

  function give(page: WebContents): void {
    if (page.isDestroyed() || station === undefined) return;
    const { port1, port2 } = new MessageChannelMain();
    tell({ kind: 'interface' }, [port1]);
    page.postMessage(CHANNELS.port, null, [port2]);
  }

  function start(restarted: boolean): void {
    const startedAtMs = Date.now();
    const argument: StationConfig = { ...config, restarted };
    const child = utilityProcess.fork(join(__dirname, 'station.cjs'), [JSON.stringify(argument)], {
      serviceName: 'Keyline station',
      stdio: 'inherit',
    });
    station = child;
    child.once('spawn', () => {
      for (const page of pages) give(page);
    });
    child.once('exit', () => {
      station = undefined;
      if (closing) return;
      for (const page of pages) if (!page.isDestroyed()) page.send(CHANNELS.lost);
      quickDeaths = Date.now() - startedAtMs < QUICK_DEATH_MS ? quickDeaths + 1 : 0;
      setTimeout(() => start(true), RETRY_MS[Math.min(quickDeaths, RETRY_MS.length - 1)]);
    });
  }

  start(false);
  return {
    connect(page) {
      if (!pages.has(page)) {
        pages.add(page);
        page.once('destroyed', () => pages.delete(page));
      }
      // Before it runs, its start connects every page.
      if (station?.pid !== undefined) give(page);
    },
    close: () =>
      new Promise((resolve) => {
        closing = true;
        if (station === undefined) return resolve();
        const child = station;
        const timer = setTimeout(() => child.kill(), CLOSE_TIMEOUT_MS);
        child.once('exit', () => {
          clearTimeout(timer);
          resolve();
        });
        tell({ kind: 'close' });
      }),
  };
}
