// Notices that another process hangs: it is there, but answers nothing. Counted in beats, not in seconds of the clock, so that a
// computer that slept in between accuses nobody.

export interface HeartbeatOptions {
  /** Asks for a sign of life; `answered` is to be called for each that comes. */
  readonly ask: () => void;
  /** Called once, when so many beats in a row were not answered. */
  readonly onDead: () => void;
  readonly intervalMs: number;
  readonly beatsUntilDead: number;
  /** Before the first answer: a process that starts may have much to put in order. */
  readonly beatsUntilFirst: number;
}

export interface Heartbeat {
  answered(): void;
  stop(): void;
}

export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  let missed = 0;
  let allowed = options.beatsUntilFirst;
  const timer = setInterval(() => {
    missed += 1;
    if (missed > allowed) {
      clearInterval(timer);
      options.onDead();
    } else options.ask();
  }, options.intervalMs);
  timer.unref();
  options.ask();
  return {
    answered() {
      missed = 0;
      allowed = options.beatsUntilDead;
    },
    stop: () => clearInterval(timer),
  };
}
