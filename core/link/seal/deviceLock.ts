// The lock of one device: read, closed, and read again. That it closed is what the device says afterwards, never what the
// command answered.

import type { JsonObject } from '../../domain/run.ts';
import { asStationError, type ErrorCode, StationError } from '../../domain/stationError.ts';
import type { Questions } from '../session/questions.ts';
import type { SealOptions } from './sealOptions.ts';

/** The line to the device, as far as a lock needs it. */
export interface LockLine {
  readonly questions: Questions;
  /** Sends a command, once and whole, and returns the lines of its answer, refusals among them. */
  send(command: string): Promise<readonly string[]>;
}

/** How it may look when the lock closed and its answer was lost. */
const IN_DOUBT: readonly ErrorCode[] = [
  'device_silent',
  'device_refused',
  'device_answer_invalid',
  'bytes_lost',
];
/** Longer lines are log output; a pattern from a file is not let loose on them. */
const LONGEST_LINE = 512;

export class DeviceLock {
  readonly #options: SealOptions;
  readonly #line: LockLine;

  constructor(options: SealOptions, line: LockLine) {
    this.#options = options;
    this.#line = line;
  }

  /** `device_answer_invalid` where the device says neither, or both. */
  isClosed(): Promise<boolean> {
    const { command, locked, unlocked } = this.#options.state;
    return this.#line.questions.ask(command, async () => {
      const lines = await this.#line.send(command);
      const closed = fits(lines, locked);
      if (closed === fits(lines, unlocked)) {
        throw new StationError('device_answer_invalid', { what: 'lock state', command });
      }
      return closed;
    });
  }

  /** Closes it for good. One that is closed already is left alone: a power cut may have come before its record. */
  async close(): Promise<JsonObject> {
    const { commands, state } = this.#options;
    const readBackBy = state.command;
    if (await this.isClosed()) return { lock: 'closed', closedBefore: true, readBackBy };
    try {
      for (const step of commands) {
        const lines = await this.#line.send(step.command);
        if (!fits(lines, step.done)) {
          throw new StationError('device_refused', {
            command: step.command,
            reason: lines.at(-1)?.slice(0, 80),
          });
        }
      }
    } catch (thrown) {
      const error = asStationError(thrown);
      if (!IN_DOUBT.includes(error.code) || !(await this.#closedAfterAll())) throw error;
      return { lock: 'closed', closedBefore: false, readBackBy, answer: error.code };
    }
    if (!(await this.isClosed())) {
      throw new StationError('device_refused', { command: readBackBy, reason: 'the lock is still open' });
    }
    return { lock: 'closed', closedBefore: false, readBackBy };
  }

  async #closedAfterAll(): Promise<boolean> {
    try {
      return await this.isClosed();
    } catch {
      return false;
    }
  }
}

const fits = (lines: readonly string[], pattern: string): boolean => {
  const expression = new RegExp(pattern);
  return lines.some((line) => expression.test(line.slice(0, LONGEST_LINE)));
};
