// Asks until the question arrived whole: a command of which a byte was lost is dropped and typed again.

import { StationError } from '../../domain/stationError.ts';
import type { Command, Reply } from '../session/exchange.ts';
import type { LineSession } from '../session/lineSession.ts';

const ATTEMPTS = 3;

/**
 * Runs a command; on `bytes_lost` clears the line and runs it again. Only for commands that may run twice. `onRepeat` is
 * told before each repetition.
 */
export async function ask(
  line: LineSession,
  command: Command,
  onRepeat: () => void = () => {},
): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await line.run(command);
    } catch (error) {
      const repeat = error instanceof StationError && error.code === 'bytes_lost' && attempt < ATTEMPTS;
      if (!repeat) throw error;
      await line.interrupt({ settle: true });
      onRepeat();
    }
  }
}

/** What the device said that makes no sense as an answer to `command`. */
export function answerInvalid(line: LineSession, command: Command, reply: Reply): StationError {
  return new StationError('device_answer_invalid', {
    what: command.text,
    value: line.quote(reply.rows.at(-1) ?? ''),
  });
}
