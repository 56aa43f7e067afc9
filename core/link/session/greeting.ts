// The first words with an unknown shell: finds out what its prompt is and whether it echoes. Nothing is run but empty
// lines, so whatever else may be listening takes no harm.

import { StationError } from '../../domain/stationError.ts';
import { afterPrompt } from './exchange.ts';
import { INTERRUPT, type LineSession } from './lineSession.ts';

const ATTEMPTS = 8;
/** Two empty lines, so that one round trip shows the prompt twice. */
const KNOCK = '\r\r';
const LOGIN_PATTERN = /(?:login|user ?name|password|passcode)\s*:\s*$/i;
/** Typed and dropped again; any printable text would do. */
const ECHO_SAMPLE = 'echo?';
const LONGEST_PROMPT = 64;

/**
 * Learns the prompt as the text that follows a line break twice and stays. Errors: `device_silent` when nothing answers
 * within the answer time, `device_login_required`, `device_babbles`, `device_protocol_unknown` when something answers
 * that shows no prompt.
 */
export async function learnPrompt(line: LineSession): Promise<void> {
  let candidate = '';
  let heard = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    line.forgetRows();
    // Ctrl-C leaves a half-typed line or a raw input mode that someone left behind.
    await line.press(attempt % 2 === 0 ? INTERRUPT + KNOCK : KNOCK);
    if (!(await line.arrival(Math.ceil(line.answerMs / 4)))) {
      if (!heard && attempt >= 3) throw line.hopeless();
      continue;
    }
    heard = true;
    await line.settle(Math.max(line.lostMs, line.answerMs / 2));
    const last = line.lastRow;
    if (LOGIN_PATTERN.test(last)) {
      throw new StationError('device_login_required', { prompt: line.quote(last) });
    }
    if (last.trim() === '' || last.length > LONGEST_PROMPT) continue;
    const repeated = line.rows.length > 1 && line.rows.at(-2)?.trimEnd() === last.trimEnd();
    if (repeated || last === candidate) {
      line.prompt = last;
      line.forgetRows();
      return;
    }
    candidate = last;
  }
  const failure = line.hopeless();
  if (failure.code === 'device_babbles') throw failure;
  const sample = line.rows.findLast((row) => row.trim() !== '') ?? '';
  throw new StationError('device_protocol_unknown', { sample: line.quote(sample) });
}

/** Finds out whether typed characters come back. Stars in their place mean an obscured shell. */
export async function learnEcho(line: LineSession): Promise<void> {
  line.forgetRows();
  await line.press(ECHO_SAMPLE);
  let typed = '';
  for (;;) {
    const arrived = await line.arrival(line.lostMs);
    typed = afterPrompt(line.lastRow, line.prompt) ?? '';
    if (!arrived || typed === ECHO_SAMPLE) break;
  }
  if (/^\*+$/.test(typed))
    throw new StationError('device_login_required', { prompt: line.quote(line.prompt) });
  line.echo = typed === ECHO_SAMPLE;
  await line.interrupt({ settle: false });
}
