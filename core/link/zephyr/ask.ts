// Questions and orders to a Zephyr shell. A command of which a byte was lost before its line end went out was not run: it is
// dropped and typed again. What may have run is asked again only if it changes nothing.

import { StationError } from '../../domain/stationError.ts';
import type { Command, Reply } from '../session/exchange.ts';
import type { LineSession } from '../session/lineSession.ts';

const ATTEMPTS = 3;

/** A question that changes nothing; `read` makes sense of the reply or throws {@link answerInvalid}. */
export function ask<T>(line: LineSession, command: Command, read: (reply: Reply) => T): Promise<T> {
  return line.questions.ask(command.text, async () => read(await line.run(command)));
}

/** A command that writes, at most once. Typed until it arrived whole. */
export async function order(line: LineSession, command: Omit<Command, 'confirmEcho'>): Promise<Reply> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await line.run({ ...command, confirmEcho: true });
    } catch (error) {
      const lost = error instanceof StationError && error.code === 'bytes_lost';
      if (!lost || line.mayHaveRun || attempt >= ATTEMPTS) throw error;
      line.questions.record(command.text, error.code);
      await line.interrupt({ settle: true });
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
