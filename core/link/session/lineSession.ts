// A conversation with a command shell: one command runs at a time, each reply is read to its end, and never more bytes
// are under way than the device's receive ring holds. Everything that arrives is counted; nothing waits for ever.

import type { Clock } from '../../domain/clock.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../driver.ts';
import type { Transport } from '../transport.ts';
import { ByteInbox } from './byteInbox.ts';
import { afterPrompt, type Command, type Reply, readExchange } from './exchange.ts';
import { GuardedTranscript } from './guardedTranscript.ts';
import { Screen } from './screen.ts';

export interface LineSessionOptions {
  readonly transport: Transport;
  readonly transcript: TranscriptSink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The longest silence that is still an answer in the making. */
  readonly answerMs: number;
  readonly baudRate: number;
  /** Called for every finished row, noise included; what it throws ends the exchange in progress. */
  readonly onRow?: (row: string) => void;
}

const CARRIAGE_RETURN = '\r';
export const INTERRUPT = '\x03';
const BABBLE_LIMIT_BYTES = 64 * 1024;
/** Bytes that arrive without bringing the exchange forward may hold it up this many answer times. */
const BABBLE_ANSWER_TIMES = 4;
/** Not worth a system call while more than this is still under way. */
const SMALLEST_WRITE_BYTES = 12;

export class LineSession {
  readonly #transport: Transport;
  readonly #inbox: ByteInbox;
  readonly #screen: Screen;
  readonly #onRow: (row: string) => void;
  readonly transcript: GuardedTranscript;
  /** Silence after which output counts as finished where nothing marks its end. */
  readonly settleMs: number;
  /** How long wrong echo may stand before bytes count as lost: a log line may be overwriting it just now. */
  readonly lostMs: number;
  readonly answerMs: number;
  prompt = '';
  echo = true;
  /** Bytes that may be under way unechoed; below the device's receive ring. */
  windowBytes = 60;
  sentBytes = 0;
  #rowFailure: unknown;

  constructor(options: LineSessionOptions) {
    this.#transport = options.transport;
    this.answerMs = options.answerMs;
    // Two gaps of a full receive ring at the line's speed, and what a loaded computer adds.
    this.settleMs = Math.ceil(Math.min(options.answerMs / 2, 25 + (128 * 10_000) / options.baudRate));
    this.lostMs = Math.min(options.answerMs, 250 + this.settleMs);
    this.#onRow = options.onRow ?? (() => {});
    this.transcript = new GuardedTranscript(options.transcript);
    this.#screen = new Screen((row) => this.#finishRow(row));
    this.#inbox = new ByteInbox(options.transport, options.clock, options.signal, (bytes) =>
      this.#screen.write(bytes),
    );
  }

  get rows(): readonly string[] {
    return this.#screen.rows;
  }

  get lastRow(): string {
    return this.#screen.rows.at(-1) ?? '';
  }

  /** Device text fit for an error's details: masked, printable and short; nothing at all while the session is dark. */
  quote(row: string): string {
    return this.transcript.dark ? '' : quoteForDisplay(this.transcript.mask(row.trim()));
  }

  forgetRows(): void {
    this.#screen.forget(Number.POSITIVE_INFINITY);
  }

  /** Sends bytes as they are, outside any command. */
  async press(keys: string): Promise<void> {
    this.#inbox.throwIfOver();
    this.sentBytes += keys.length;
    await this.#transport.write(Buffer.from(keys, 'latin1'));
  }

  /** Waits until something arrives, at most `timeoutMs`; whether it did. */
  arrival(timeoutMs: number): Promise<boolean> {
    this.#throwRowFailure();
    return this.#inbox.arrival(timeoutMs);
  }

  /** Waits until the device has been quiet for `settleMs`, at most `longestMs`; whether it became quiet. */
  async settle(longestMs: number): Promise<boolean> {
    const endsAtMs = this.#inbox.nowMs() + longestMs;
    while (await this.arrival(this.settleMs)) {
      if (this.#inbox.nowMs() >= endsAtMs) return false;
    }
    return true;
  }

  /** Drops a half-typed line (Ctrl-C) and waits for the prompt; `device_silent` if it does not come. */
  async interrupt(options: { readonly settle: boolean }): Promise<void> {
    this.#inbox.markProgress();
    for (let attempt = 0; attempt < 4; attempt += 1) {
      this.forgetRows();
      await this.press(attempt === 0 ? INTERRUPT : INTERRUPT + CARRIAGE_RETURN);
      const endsAtMs = this.#inbox.nowMs() + this.answerMs / 2;
      while (this.#inbox.nowMs() < endsAtMs) {
        if (!(await this.arrival(endsAtMs - this.#inbox.nowMs()))) break;
        if (options.settle) await this.settle(this.lostMs);
        if (this.rows.length > 1 && afterPrompt(this.lastRow, this.prompt) === '') {
          this.forgetRows();
          return;
        }
      }
    }
    throw this.hopeless();
  }

  /** Why no prompt can be found: too much came, or nothing did. */
  hopeless(): StationError {
    const receivedBytes = this.#inbox.stalledBytes;
    return receivedBytes > BABBLE_LIMIT_BYTES
      ? new StationError('device_babbles', { receivedBytes })
      : new StationError('device_silent', { waitedMs: Math.round(this.#inbox.stalledMs) });
  }

  /** Runs one command and returns its reply. */
  async run(command: Command): Promise<Reply> {
    let result: Reply = { rows: [], complete: false };
    await this.runAll([command], (reply) => {
      result = reply;
    });
    return result;
  }

  /**
   * Runs commands one after the other. While a reply is arriving, the beginning of the next line is already sent, as
   * much as the device's ring holds. `onReply` may throw to stop; {@link interrupt} then drops what was sent ahead.
   * Errors: `bytes_lost`, `device_silent`, `device_babbles`, `device_gone`, and what aborted the signal.
   */
  async runAll(commands: readonly Command[], onReply: (reply: Reply, index: number) => void): Promise<void> {
    let typedCount = 0;
    for (const [index, command] of commands.entries()) {
      this.transcript.sent(command.text);
      const next = this.echo ? commands[index + 1] : undefined;
      const outcome = await this.#exchange(command, typedCount, next);
      typedCount = outcome.typedAheadCount;
      onReply(outcome.reply, index);
    }
  }

  /**
   * Types `text` without running it and returns how many characters the device took before it stopped echoing, then
   * drops the line.
   */
  async measureEcho(text: string): Promise<number> {
    let taken = 0;
    try {
      await this.#exchange({ text }, 0, undefined, (echoedCount) => {
        taken = echoedCount;
        return echoedCount === text.length;
      });
    } catch (error) {
      if (!(error instanceof StationError) || error.code !== 'bytes_lost') throw error;
    }
    await this.interrupt({ settle: taken < text.length });
    return taken;
  }

  /** Stops listening. The transport stays open: whoever opened it closes it. */
  release(): void {
    this.#inbox.release();
  }

  async #exchange(
    command: Command,
    alreadyTyped: number,
    next: Command | undefined,
    stopTyping?: (echoedCount: number) => boolean,
  ): Promise<{ reply: Reply; typedAheadCount: number }> {
    let typed = alreadyTyped;
    let ahead = 0;
    let taken = 0;
    let rowCount = 0;
    this.#inbox.markProgress();
    for (;;) {
      this.#throwRowFailure();
      const view = readExchange(this.rows, this.prompt, command, this.echo);
      if (view.kind === 'done') {
        this.#screen.forget(view.promptRow);
        return { reply: { rows: view.replyRows, complete: true }, typedAheadCount: ahead };
      }
      const running = view.kind === 'running';
      const echoed = running ? command.text.length : view.echoedCount;
      if (echoed > taken || (running && view.replyRows.length > rowCount)) {
        taken = Math.max(echoed, taken);
        rowCount = running ? view.replyRows.length : 0;
        this.#inbox.markProgress();
      }
      if (stopTyping?.(echoed)) return { reply: { rows: [], complete: false }, typedAheadCount: 0 };

      const wrong = view.kind === 'typing' && (view.mismatch || echoed < taken);
      const holdReturn =
        stopTyping !== undefined ||
        (command.confirmEcho === true && this.echo && echoed < command.text.length);
      const room = this.echo ? this.windowBytes - (typed + ahead - taken) : Number.POSITIVE_INFINITY;
      const piece = wrong ? '' : nextPiece({ command, typed, holdReturn, next, ahead, room });
      if (piece !== '') {
        const own = Math.min(piece.length, command.text.length + 1 - typed);
        typed += own;
        ahead += piece.length - own;
        await this.press(piece);
        continue;
      }
      if (running && view.atPrompt && ahead === 0 && typed > command.text.length) {
        const quietMs = command.isFinal === undefined ? this.settleMs : this.lostMs;
        if (await this.arrival(quietMs)) continue;
        this.forgetRows();
        return {
          reply: { rows: view.replyRows, complete: command.isFinal === undefined },
          typedAheadCount: 0,
        };
      }
      await this.#waitFor(wrong || stopTyping !== undefined, { taken, typed });
    }
  }

  /** Waits for bytes; `doubtful` means the echo already looks wrong. Throws when the wait is hopeless. */
  async #waitFor(
    doubtful: boolean,
    counts: { readonly taken: number; readonly typed: number },
  ): Promise<void> {
    const { stalledMs, stalledBytes } = this.#inbox;
    const lost = () => new StationError('bytes_lost', { sentBytes: counts.typed, echoedBytes: counts.taken });
    if (doubtful && stalledMs >= this.lostMs) throw lost();
    if (stalledBytes > BABBLE_LIMIT_BYTES || stalledMs > BABBLE_ANSWER_TIMES * this.answerMs) {
      throw new StationError('device_babbles', { receivedBytes: stalledBytes });
    }
    const patienceMs = doubtful ? this.lostMs - stalledMs : this.answerMs;
    if (await this.arrival(Math.max(1, patienceMs))) return;
    if (doubtful || (this.echo && counts.taken > 0 && counts.taken < counts.typed)) throw lost();
    throw new StationError('device_silent', { waitedMs: this.answerMs });
  }

  #finishRow(row: string): void {
    this.transcript.received(row);
    try {
      this.#onRow(row);
    } catch (error) {
      this.#rowFailure ??= error;
    }
  }

  #throwRowFailure(): void {
    if (this.#rowFailure === undefined) return;
    const failure = this.#rowFailure;
    this.#rowFailure = undefined;
    throw failure;
  }
}

/** What may be sent now: the rest of the command, then the beginning of the next. */
function nextPiece(state: {
  readonly command: Command;
  readonly typed: number;
  readonly holdReturn: boolean;
  readonly next: Command | undefined;
  readonly ahead: number;
  readonly room: number;
}): string {
  const { command, next, room } = state;
  const own = state.holdReturn ? command.text : command.text + CARRIAGE_RETURN;
  let pending = own.slice(state.typed);
  const ownComplete = !state.holdReturn;
  if (ownComplete && next !== undefined) {
    const whole = next.confirmEcho === true ? next.text : next.text + CARRIAGE_RETURN;
    pending += whole.slice(state.ahead);
  }
  if (room < Math.min(SMALLEST_WRITE_BYTES, pending.length)) return '';
  return pending.slice(0, Math.max(0, room));
}
