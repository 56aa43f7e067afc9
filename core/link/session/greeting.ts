// The first words with an unknown shell: finds out what its prompt is and whether it echoes. Nothing is run but empty
// lines and one harmless command, so whatever else may be listening takes no harm.

import { StationError } from '../../domain/stationError.ts';
import { afterPrompt, type Command, type Reply } from './exchange.ts';
import { INTERRUPT, type LineSession } from './lineSession.ts';

const ATTEMPTS = 8;
/** A device that starts just now may miss the first knocks. */
const SILENT_ATTEMPTS = 4;
/** Two empty lines, so that one round trip shows the prompt twice. */
const KNOCK = '\r\r';
const LOGIN_PATTERN = /(?:login|user ?name|password|passcode)\s*:\s*$/i;
/** Pieces in which an echo may arrive, log lines in between. */
const ECHO_WAITS = 50;
const LONGEST_PROMPT = 64;

const isPrompt = (row: string): boolean => row.trim() !== '' && row.length <= LONGEST_PROMPT;

/**
 * Learns the prompt as the text that follows a line break twice and stays. Errors: `device_silent` when nothing answers
 * within the answer time, `device_login_required`, `device_babbles`, `device_protocol_unknown` when something answers
 * that shows no prompt.
 */
export async function learnPrompt(line: LineSession): Promise<void> {
  let candidate = '';
  let heard = false;
  line.markProgress();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    line.forgetRows();
    // Ctrl-C leaves a half-typed line or a raw input mode that someone left behind.
    await line.press(attempt % 2 === 0 ? INTERRUPT + KNOCK : KNOCK);
    if (!(await line.arrival(Math.ceil(line.answerMs / SILENT_ATTEMPTS)))) {
      if (!heard && attempt + 1 >= SILENT_ATTEMPTS) {
        throw new StationError('device_silent', { waitedMs: Math.round(line.stalledMs) });
      }
      continue;
    }
    heard = true;
    const repeated = (): boolean => isPrompt(line.lastRow) && line.rows.at(-2) === line.lastRow;
    const quiet = await line.settle(Math.max(line.lostMs, line.answerMs / 2), repeated);
    if (!quiet) line.throwIfBabbling();
    const last = line.lastRow;
    if (LOGIN_PATTERN.test(last)) {
      throw new StationError('device_login_required', { prompt: line.quote(last) });
    }
    if (!isPrompt(last)) continue;
    if (repeated() || last === candidate) {
      line.prompt = last;
      line.forgetRows();
      return;
    }
    candidate = last;
  }
  // A device that pauses now and then while it babbles, or a computer that listens now and then.
  line.throwIfFlooded();
  const sample = line.rows.findLast((row) => row.trim() !== '') ?? '';
  throw new StationError('device_protocol_unknown', { sample: line.quote(sample) });
}

/**
 * Types a command, sees whether the characters come back, and runs it. Stars in their place mean an obscured shell
 * (`device_login_required`).
 */
export async function learnEcho(line: LineSession, command: Command): Promise<Reply> {
  line.forgetRows();
  await line.press(command.text);
  let typed = '';
  for (let waits = 0; waits < ECHO_WAITS; waits += 1) {
    const arrived = await line.arrival(line.lostMs);
    typed = afterPrompt(line.lastRow, line.prompt) ?? '';
    if (!arrived || typed === command.text) break;
  }
  if (/^\*+$/.test(typed))
    throw new StationError('device_login_required', { prompt: line.quote(line.prompt) });
  line.echo = typed === command.text;
  return line.runTyped(command);
}
