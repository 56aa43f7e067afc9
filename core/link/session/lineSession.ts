// A conversation with a command shell: one command runs at a time, each reply is read to its end, and never more bytes
// are under way than the device's receive ring holds.

import { StationError } from '../../domain/stationError.ts';
import { afterPrompt, type Command, type Reply, readExchange } from './exchange.ts';
import { LineTerminal, type LineTerminalOptions } from './lineTerminal.ts';
import { Questions } from './questions.ts';
import { CARRIAGE_RETURN, nextPiece } from './typeAhead.ts';

/** Ctrl-C. */
export const INTERRUPT = '\x03';
/** Nothing sends one of these, so a line with one is never complete and the shell refuses to run it. */
const OPEN_QUOTE = '"';
const INTERRUPT_ATTEMPTS = 4;
/** A device that logs all the time is never quiet; after so many quiet times the wait for quiet ends. */
const QUIET_TIMES = 4;

interface Outcome {
  readonly reply: Reply;
  /** Characters of the next command that were sent already. */
  readonly aheadCount: number;
}

export class LineSession extends LineTerminal {
  prompt = '';
  echo = true;
  /** Bytes that may be under way unechoed; below the device's receive ring. */
  windowBytes = 60;
  /** How long wrong echo may stand before bytes count as lost: a log line may be overwriting it just now. */
  readonly lostMs: number;
  readonly questions: Questions;
  #hasInterruptKey = true;
  #idle = false;
  #mayHaveRun = false;

  constructor(options: LineTerminalOptions) {
    super(options);
    this.lostMs = Math.min(options.answerMs, 250 + this.settleMs);
    this.questions = new Questions(options.transcript, () => this.interrupt({ settle: true }));
  }

  /** Nothing is half typed, and no reply is outstanding. */
  get idle(): boolean {
    return this.#idle;
  }

  /** The line end of the last command was sent: the device may have carried it out, whatever became of the reply. */
  get mayHaveRun(): boolean {
    return this.#mayHaveRun;
  }

  /** Runs one command and returns its reply. Errors as {@link runAll}. */
  async run(command: Command): Promise<Reply> {
    this.transcript.sent(command.text);
    return (await this.#exchange(command, 0, undefined)).reply;
  }

  /** Runs a command whose text {@link press} has typed already. */
  async runTyped(command: Command): Promise<Reply> {
    this.transcript.sent(command.text);
    return (await this.#exchange(command, command.text.length, undefined)).reply;
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
      const { reply, aheadCount } = await this.#exchange(command, typedCount, next);
      typedCount = aheadCount;
      onReply(reply, index);
    }
  }

  /**
   * Drops a half-typed line and waits for the prompt. Ctrl-C does it where the shell has control keys and echo; else an
   * open quote, which makes the shell refuse the line. Throws `device_silent` or `device_babbles`.
   */
  async interrupt(options: { readonly settle: boolean }): Promise<void> {
    this.markProgress();
    for (let attempt = 0; attempt < INTERRUPT_ATTEMPTS; attempt += 1) {
      const gentle = attempt === 0 && this.#hasInterruptKey;
      this.forgetRows();
      await this.press(gentle ? INTERRUPT : INTERRUPT + OPEN_QUOTE + CARRIAGE_RETURN);
      if (await this.#promptReturns(gentle ? this.lostMs : this.answerMs / 2, options.settle)) {
        this.#hasInterruptKey = gentle;
        this.forgetRows();
        this.#idle = true;
        return;
      }
      this.throwIfBabbling();
    }
    throw new StationError('device_silent', { waitedMs: Math.round(this.stalledMs) });
  }

  /**
   * Types `text` without running it and returns how many characters the device took before it stopped echoing, then
   * drops the line.
   */
  async measureEcho(text: string): Promise<number> {
    let takenCount = 0;
    this.markProgress();
    for (let typedCount = 0; ; ) {
      const view = readExchange(this.rows, this.prompt, { text }, true);
      const echoedCount = view.kind === 'typing' ? view.echoedCount : text.length;
      if (echoedCount > takenCount) this.markProgress();
      takenCount = Math.max(takenCount, echoedCount);
      if (takenCount === text.length) break;
      const room = this.windowBytes - (typedCount - takenCount);
      const piece = nextPiece({
        command: { text },
        typed: typedCount,
        holdReturn: true,
        next: undefined,
        ahead: 0,
        room,
      });
      typedCount += piece.length;
      if (piece !== '') await this.#type(piece);
      else if (
        this.stalledMs > QUIET_TIMES * this.lostMs ||
        !(await this.arrival(takenCount === 0 ? this.answerMs : this.lostMs))
      )
        break;
    }
    await this.interrupt({ settle: takenCount < text.length });
    return takenCount;
  }

  async #type(keys: string): Promise<void> {
    this.#idle = false;
    await this.press(keys);
  }

  async #promptReturns(longestMs: number, settle: boolean): Promise<boolean> {
    const endsAtMs = this.nowMs() + longestMs;
    for (;;) {
      const leftMs = endsAtMs - this.nowMs();
      if (leftMs <= 0 || !(await this.arrival(leftMs))) return false;
      if (settle) await this.settle(this.lostMs);
      if (this.rows.length > 1 && afterPrompt(this.lastRow, this.prompt) === '') return true;
    }
  }

  async #exchange(command: Command, alreadyTyped: number, next: Command | undefined): Promise<Outcome> {
    let typed = alreadyTyped;
    let ahead = 0;
    let taken = 0;
    let promptAtMs: number | undefined;
    this.#idle = false;
    this.#mayHaveRun = typed > command.text.length;
    this.markProgress();
    for (;;) {
      this.throwRowFailure();
      const view = readExchange(this.rows, this.prompt, command, this.echo);
      if (view.kind === 'done') {
        this.forgetRows(view.promptRow);
        this.#idle = ahead === 0;
        return { reply: { rows: view.replyRows, complete: true }, aheadCount: ahead };
      }
      const running = view.kind === 'running';
      const echoed = running ? command.text.length : view.echoedCount;
      if (echoed > taken) this.markProgress();
      taken = Math.max(taken, echoed);

      const wrong = view.kind === 'typing' && (view.mismatch || echoed < taken);
      const holdReturn = command.confirmEcho === true && this.echo && echoed < command.text.length;
      const room = this.echo ? this.windowBytes - (typed + ahead - taken) : Number.POSITIVE_INFINITY;
      const piece = wrong ? '' : nextPiece({ command, typed, holdReturn, next, ahead, room });
      if (piece !== '') {
        const own = Math.min(piece.length, command.text.length + 1 - typed);
        typed += own;
        ahead += piece.length - own;
        this.#mayHaveRun = typed > command.text.length;
        await this.#type(piece);
      } else if (running && view.atPrompt && ahead === 0 && typed > command.text.length) {
        // The prompt is back without a final row, or none was to be expected.
        const quietMs = command.isFinal === undefined ? this.settleMs : this.lostMs;
        promptAtMs ??= this.nowMs();
        if (this.nowMs() < promptAtMs + QUIET_TIMES * quietMs && (await this.arrival(quietMs))) continue;
        this.forgetRows();
        this.#idle = true;
        return { reply: { rows: view.replyRows, complete: command.isFinal === undefined }, aheadCount: 0 };
      } else {
        await this.#waitForMore(wrong, taken, typed);
      }
    }
  }

  /** Waits for bytes; `wrong` means that the echo is not what was typed. Throws when there is nothing to wait for. */
  async #waitForMore(wrong: boolean, takenCount: number, typedCount: number): Promise<void> {
    this.throwIfBabbling();
    const tired = wrong && this.stalledMs >= QUIET_TIMES * this.lostMs;
    if (!tired && (await this.arrival(wrong ? this.lostMs : this.answerMs))) return;
    if (wrong || (this.echo && takenCount > 0 && takenCount < typedCount)) {
      throw new StationError('bytes_lost', { sentBytes: typedCount, echoedBytes: takenCount });
    }
    throw new StationError('device_silent', { waitedMs: this.answerMs });
  }
}
