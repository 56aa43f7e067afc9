// Runs the station as a utility process and gives every window a port to it, anew after each restart.

import { join } from 'node:path';
import {
  MessageChannelMain,
  safeStorage,
  type UtilityProcess,
  utilityProcess,
  type WebContents,
} from 'electron';
import { CHANNELS, type StationConfig, type StationMessage } from '../channels.ts';
import { answerKeychain, isKeychainQuestion } from '../keychain.ts';
import { keepStation, type StationProcess } from './keepStation.ts';

export interface Supervisor {
  /** Connects a page that asked for it; it stays connected across restarts until it is gone. */
  connect(page: WebContents): void;
  /** Lets the station end its runs and close. Resolves when it is gone. */
  close(): Promise<void>;
}

interface Utility extends StationProcess {
  readonly process: UtilityProcess;
}

function forkUtility(config: StationConfig): Utility {
  const child = utilityProcess.fork(join(__dirname, 'station.cjs'), [JSON.stringify(config)], {
    serviceName: 'Keyline station',
    stdio: 'inherit',
  });
  // The one thing that the station cannot do itself: only main reaches the operating system's keychain.
  child.on('message', (message: unknown) => {
    if (isKeychainQuestion(message))
      child.postMessage(answerKeychain(safeStorage, process.platform, message));
  });
  return {
    process: child,
    get pid() {
      return child.pid;
    },
    send: (message) => child.postMessage(message),
    onSpawn: (listener) => void child.once('spawn', listener),
    onExit: (listener) => void child.once('exit', listener),
    onAlive: (listener) => void child.on('message', listener),
  };
}

export function superviseStation(config: Omit<StationConfig, 'restarted'>): Supervisor {
  const pages = new Set<WebContents>();

  function give(page: WebContents, { process: station }: Utility): void {
    if (page.isDestroyed()) return;
    const { port1, port2 } = new MessageChannelMain();
    station.postMessage({ kind: 'interface' } satisfies StationMessage, [port1]);
    page.postMessage(CHANNELS.port, null, [port2]);
  }

  const station = keepStation({
    fork: (restarted) => forkUtility({ ...config, restarted }),
    onRunning: (running) => {
      for (const page of pages) give(page, running);
    },
    onLost: () => {
      for (const page of pages) if (!page.isDestroyed()) page.send(CHANNELS.lost);
    },
  });
  return {
    connect(page) {
      if (!pages.has(page)) {
        pages.add(page);
        page.once('destroyed', () => pages.delete(page));
      }
      // Before it runs, its start connects every page.
      if (station.current?.pid !== undefined) give(page, station.current);
    },
    close: station.close,
  };
}
