// Reads one command's exchange off the screen: how much of it the device has echoed, what it answered, whether it is
// ready again. A pure function of the rows, so that log lines, redraws and line wraps need no memory of their own.

export interface Command {
  /** One line, without its end. */
  readonly text: string;
  /** Whether this row ends the reply. Without it, a prompt that stays quiet does. */
  readonly isFinal?: (row: string) => boolean;
  /** Holds the carriage return back until every character was echoed rightly: for what must not run half-read. */
  readonly confirmEcho?: boolean;
}

/** What the device answered to one command. */
export interface Reply {
  /** Every row between the command and the prompt, log lines among them. */
  readonly rows: readonly string[];
  /** The final row was seen. */
  readonly complete: boolean;
}

export type ExchangeView =
  | {
      readonly kind: 'typing';
      /** Characters of the command that the device has echoed. */
      readonly echoedCount: number;
      /** What stands after the prompt is not a beginning of the command. */
      readonly mismatch: boolean;
    }
  | {
      readonly kind: 'running';
      readonly replyRows: readonly string[];
      /** The prompt is back with nothing after it. */
      readonly atPrompt: boolean;
    }
  /** `promptRow`: the index of the row from which the next command's echo continues. */
  | { readonly kind: 'done'; readonly replyRows: readonly string[]; readonly promptRow: number };

/** What stands after the last prompt in a row; undefined where there is no prompt. */
export function afterPrompt(row: string, prompt: string): string | undefined {
  const start = row.lastIndexOf(prompt);
  return start < 0 ? undefined : row.slice(start + prompt.length);
}

interface EchoMatch {
  readonly matchedCount: number;
  readonly complete: boolean;
  readonly mismatch: boolean;
  /** The row in which the echo ends, and what is glued to it there. */
  readonly lastRow: number;
  readonly glued: string;
}

/** Follows the echo of `text` from a prompt row over the rows into which the shell wrapped it. */
function matchEcho(rows: readonly string[], promptRow: number, typed: string, text: string): EchoMatch {
  let matched = 0;
  let piece = typed;
  let row = promptRow;
  for (;;) {
    const rest = text.slice(matched);
    if (piece.startsWith(rest)) {
      const glued = piece.slice(rest.length);
      return { matchedCount: text.length, complete: true, mismatch: false, lastRow: row, glued };
    }
    if (!rest.startsWith(piece)) {
      return { matchedCount: matched, complete: false, mismatch: true, lastRow: row, glued: '' };
    }
    matched += piece.length;
    const continued = rows[row + 1];
    if (continued === undefined || piece.length === 0) {
      return {
        matchedCount: matched,
        complete: false,
        mismatch: continued !== undefined,
        lastRow: row,
        glued: '',
      };
    }
    // The shell breaks its own echo at the terminal's width with CR LF; an empty row may be such a break just made.
    if (continued === '' && row + 2 === rows.length) {
      return { matchedCount: matched, complete: false, mismatch: false, lastRow: row, glued: '' };
    }
    row += 1;
    piece = continued;
  }
}

interface Running {
  readonly from: number;
  readonly glued: string;
}

/** Where the reply begins, once the whole command was echoed and run. */
function findRunning(rows: readonly string[], prompt: string, text: string): Running | undefined {
  for (let index = 0; index < rows.length; index += 1) {
    const typed = afterPrompt(rows[index] ?? '', prompt);
    if (typed === undefined) continue;
    const match = matchEcho(rows, index, typed, text);
    if (match.complete && (match.glued !== '' || match.lastRow + 1 < rows.length)) {
      return { from: match.lastRow + 1, glued: match.glued };
    }
  }
  return undefined;
}

function readTyping(rows: readonly string[], prompt: string, text: string): ExchangeView {
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const typed = afterPrompt(rows[index] ?? '', prompt);
    if (typed === undefined) continue;
    const match = matchEcho(rows, index, typed, text);
    // An empty prompt below a line that was not the command: that line was run as it had arrived.
    const ranWrong =
      typed === '' && rows.slice(0, index).some((row) => (afterPrompt(row, prompt) ?? '') !== '');
    return { kind: 'typing', echoedCount: match.matchedCount, mismatch: match.mismatch || ranWrong };
  }
  return { kind: 'typing', echoedCount: 0, mismatch: true };
}

/**
 * Reads the exchange of `command` from the rows since it was begun. Without echo the whole line counts as taken and
 * the first line feed begins the reply.
 */
export function readExchange(
  rows: readonly string[],
  prompt: string,
  command: Command,
  echo: boolean,
): ExchangeView {
  const running = echo ? findRunning(rows, prompt, command.text) : { from: 0, glued: '' };
  if (running === undefined) return readTyping(rows, prompt, command.text);

  const replyRows: string[] = [];
  let final = false;
  const add = (row: string): void => {
    const text = row.trimEnd();
    if (text === '') return;
    replyRows.push(text);
    if (command.isFinal?.(text) === true) final = true;
  };
  if (running.glued !== '') add(running.glued);
  for (let index = running.from; index < rows.length; index += 1) {
    const row = rows[index] ?? '';
    const typed = afterPrompt(row, prompt);
    if (typed === undefined) {
      // The row under the cursor may still grow.
      if (index < rows.length - 1) add(row);
      continue;
    }
    // A log line in the middle of a command's output makes the shell draw the command once more.
    const again = echo ? matchEcho(rows, index, typed, command.text) : undefined;
    if (again?.complete === true) {
      if (again.glued !== '' && again.lastRow < rows.length - 1) add(again.glued);
      index = again.lastRow;
      continue;
    }
    if (final) return { kind: 'done', replyRows, promptRow: index };
  }
  const atPrompt = rows.length > 1 && afterPrompt(rows[rows.length - 1] ?? '', prompt) === '';
  return { kind: 'running', replyRows, atPrompt };
}
