// Keeps a station process running: starts it, starts it again when it dies, and ends it first when it hangs. Recovery runs in
// the new one. What kind of process it is, the caller says.

import { startHeartbeat } from '../../core/host/heartbeat.ts';
import type { StationMessage } from '../channels.ts';

/** A process as far as it is used here; a UtilityProcess of Electron and a ChildProcess of Node both are one. */
export interface StationProcess {
  readonly pid: number | undefined;
  send(message: StationMessage): void;
  onSpawn(listener: () => void): void;
  onExit(listener: () => void): void;
  /** Called for every sign of life. */
  onAlive(listener: () => void): void;
}

export interface KeptStation<P extends StationProcess> {
  /** The one that runs; undefined between two. */
  readonly current: P | undefined;
  /** Lets it end its runs and close. Resolves when it is gone. */
  close(): Promise<void>;
}

export interface KeepOptions<P extends StationProcess> {
  readonly fork: (restarted: boolean) => P;
  /** It runs: interfaces can be connected. */
  readonly onRunning: (station: P) => void;
  /** It is gone and will be back. */
  readonly onLost: () => void;
  readonly beat?: { readonly intervalMs: number; readonly untilDead: number };
}

/** Deaths this close together make the next start wait, so that a station that cannot start does not spin. */
const QUICK_DEATH_MS = 5_000;
const RETRY_MS = [0, 250, 1_000, 2_000] as const;
const CLOSE_TIMEOUT_MS = 10_000;
/** Longer than anything that keeps a station from answering: it makes keys and checks the whole log in one go. */
const BEAT = { intervalMs: 1_000, untilDead: 15 };
/** A database that is brought up to date at the first start, with all its rows. */
const FIRST_ANSWER_MS = 600_000;

export function keepStation<P extends StationProcess>(options: KeepOptions<P>): KeptStation<P> {
  const { intervalMs, untilDead } = options.beat ?? BEAT;
  let current: P | undefined;
  let closing = false;
  let quickDeaths = 0;

  function start(restarted: boolean): void {
    const startedAtMs = Date.now();
    const station = options.fork(restarted);
    current = station;
    const heartbeat = startHeartbeat({
      ask: () => station.send({ kind: 'ping' }),
      onDead: () => end(station),
      intervalMs,
      beatsUntilDead: untilDead,
      beatsUntilFirst: Math.ceil(FIRST_ANSWER_MS / intervalMs),
    });
    station.onAlive(heartbeat.answered);
    station.onSpawn(() => options.onRunning(station));
    station.onExit(() => {
      heartbeat.stop();
      current = undefined;
      if (closing) return;
      options.onLost();
      quickDeaths = Date.now() - startedAtMs < QUICK_DEATH_MS ? quickDeaths + 1 : 0;
      setTimeout(() => start(true), RETRY_MS[Math.min(quickDeaths, RETRY_MS.length - 1)]);
    });
  }

  start(false);
  return {
    get current() {
      return current;
    },
    close: () =>
      new Promise((resolve) => {
        closing = true;
        const station = current;
        if (station === undefined) return resolve();
        const timer = setTimeout(() => end(station), CLOSE_TIMEOUT_MS);
        station.onExit(() => {
          clearTimeout(timer);
          resolve();
        });
        station.send({ kind: 'close' });
      }),
  };
}

/** A stopped process takes no other signal. What it had begun is on record and is decided on by the next. */
function end({ pid }: StationProcess): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
