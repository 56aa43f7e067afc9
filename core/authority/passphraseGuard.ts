// Slows down whoever tries passphrases at the station: the count of wrong ones is on the disk, so that ending the program
// does not reset it. Somebody who copied the key file is slowed down by its rounds alone.

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PRIVATE_MODE, replaceFile } from '../disk/durableFile.ts';
import { storageErrors } from '../disk/storageErrors.ts';
import type { Clock } from '../domain/clock.ts';
import { StationError } from '../domain/stationError.ts';

const COUNTER_FILE = 'wrong-passphrases.json';
/** Slips of the finger cost nothing. */
const FREE_ATTEMPTS = 4;
const LONGEST_WAIT_MS = 15 * 60_000;

interface Counter {
  readonly wrong: number;
  readonly lastAtMs: number;
}

/** How long after the last wrong passphrase the next may be tried: 1 s after the fifth, doubling, at most 15 minutes. */
export const waitAfterMs = (wrong: number): number =>
  wrong <= FREE_ATTEMPTS ? 0 : Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (wrong - FREE_ATTEMPTS - 1));

/**
 * Runs `open` with a passphrase for the authority in `folder`. The attempt is counted before it is made and forgotten when
 * it succeeds. Throws `passphrase_delayed` with `waitSeconds`, and what `open` throws.
 */
export function guardPassphrase<T>(at: { folder: string; clock: Clock }, open: () => T): T {
  const path = join(at.folder, COUNTER_FILE);
  const { wrong, lastAtMs } = readCounter(path);
  const nowMs = at.clock.nowMs();
  // A clock set back must not lock the station for years: the wait is never longer than its own length.
  const waitMs = Math.min(lastAtMs + waitAfterMs(wrong) - nowMs, waitAfterMs(wrong));
  if (waitMs > 0) throw new StationError('passphrase_delayed', { waitSeconds: Math.ceil(waitMs / 1000) });
  if (wrong >= FREE_ATTEMPTS) writeCounter(path, { wrong: wrong + 1, lastAtMs: nowMs });
  try {
    const opened = open();
    if (wrong > 0) storageErrors(path, () => rmSync(path, { force: true }));
    return opened;
  } catch (error) {
    if (error instanceof StationError && error.code === 'passphrase_wrong') {
      writeCounter(path, { wrong: wrong + 1, lastAtMs: nowMs });
    }
    throw error;
  }
}

/** A damaged counter counts as none: it must not be what keeps the site from working. */
function readCounter(path: string): Counter {
  if (!existsSync(path)) return { wrong: 0, lastAtMs: 0 };
  try {
    const { wrong, lastAtMs } = JSON.parse(readFileSync(path, 'utf8')) as Counter;
    return Number.isSafeInteger(wrong) && Number.isFinite(lastAtMs) && wrong >= 0
      ? { wrong, lastAtMs }
      : { wrong: 0, lastAtMs: 0 };
  } catch {
    return { wrong: 0, lastAtMs: 0 };
  }
}

function writeCounter(path: string, counter: Counter): void {
  try {
    replaceFile(path, `${JSON.stringify(counter)}\n`, PRIVATE_MODE);
  } catch {
    // A full or read-only disk: the right passphrase must still work.
  }
}
