// A conversation in AT commands (3GPP TS 27.007, ITU-T V.250): one command at a time, read to its final line. Log lines
// and unsolicited codes may stand anywhere between; only whole lines count, because PEM can contain "OK" too.

import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';
import { GuardedTranscript } from '../session/guardedTranscript.ts';
import { Questions } from '../session/questions.ts';
import type { ByteStream, Patience } from '../stream/byteStream.ts';

export type AtFailure =
  | { readonly kind: 'error' }
  | { readonly kind: 'cme'; readonly code: number | undefined; readonly text: string };

export interface AtAnswer {
  /** Whole lines before the final one, echo and empty ones left out. */
  readonly lines: readonly string[];
  /** Undefined: OK. */
  readonly failure: AtFailure | undefined;
}

/** How commands are wrapped for the line and lines unwrapped from it. */
export interface AtFrontEnd {
  /** What ends a command that arrived in part. */
  readonly clear: Uint8Array;
  encode(command: Buffer): Buffer;
  /** A received line without echo and decoration; undefined when nothing of it is the modem's. */
  clean(line: string): string | undefined;
  /** Where the device echoes: how many bytes may be under way unechoed. */
  readonly windowBytes?: number;
  /** Where a prompt follows the final line: whether this unfinished line is it. */
  isReady?(partial: string): boolean;
}

export interface AtExchange {
  /** What the transcript and errors show in place of the command. */
  readonly shownAs?: string;
  readonly silenceMs?: number;
}

const FAILURE_LINE = /^\+CM[ES] ERROR:\s*(.*)$/;
const SHELL_FAILURE_LINE = /^Sending AT command failed with error code (-?\d+)/;
const NEWLINE = 0x0a;
/** A line that has been quiet for so long has said what it had to say. */
const QUIET_MS = 250;

/** The final line's meaning: OK, a failure, or undefined when the line is not final. */
export function readFinal(line: string): 'ok' | AtFailure | undefined {
  if (line === 'OK') return 'ok';
  if (line === 'ERROR') return { kind: 'error' };
  const text = (FAILURE_LINE.exec(line) ?? SHELL_FAILURE_LINE.exec(line))?.[1];
  if (text === undefined) return undefined;
  const code = /^-?\d+$/.test(text.trim()) ? Number(text) : undefined;
  return { kind: 'cme', code, text: quoteForDisplay(text.trim(), 80) };
}

/** Commands end in `terminator`, answers come in lines, nothing else. */
export const plainFrontEnd = (terminator: string): AtFrontEnd => ({
  clear: Buffer.from(terminator, 'latin1'),
  encode: (command) => Buffer.concat([command, Buffer.from(terminator, 'latin1')]),
  clean: (line) => line,
});

export class AtLine {
  readonly stream: ByteStream;
  readonly transcript: GuardedTranscript;
  readonly questions: Questions;
  frontEnd: AtFrontEnd;

  constructor(stream: ByteStream, transcript: TranscriptSink, frontEnd: AtFrontEnd) {
    this.stream = stream;
    this.transcript = new GuardedTranscript(transcript);
    this.frontEnd = frontEnd;
    this.questions = new Questions(transcript, () => this.#clear());
  }

  /** A question that changes nothing; `read` makes sense of the answer or throws. Once more where the answer was garbled. */
  question<T>(command: string, read: (answer: AtAnswer) => T): Promise<T> {
    return this.questions.ask(command, async () => read(await this.exchange(command)));
  }

  /** Sends one command and reads its answer, whatever it is. */
  async exchange(command: string, options: AtExchange = {}): Promise<AtAnswer> {
    await this.send(command, options);
    return this.answer(command, options);
  }

  /** The lines of an answer that ended in OK; anything else throws `device_refused` with the modem's code. */
  async ask(command: string, options: AtExchange = {}): Promise<readonly string[]> {
    return this.accept(await this.exchange(command, options), command, options);
  }

  /** What the first group of `pattern` finds in an answer of OK; `device_answer_invalid` where no line fits. */
  value(command: string, pattern: RegExp, what: string): Promise<string> {
    return this.question(command, (answer) => {
      const found = firstMatch(this.accept(answer, command), pattern);
      if (found === undefined) throw new StationError('device_answer_invalid', { what });
      return found;
    });
  }

  /** Every line of an answer, its final one too: OK, or what was refused. */
  async everyLine(command: string): Promise<readonly string[]> {
    const { lines, failure } = await this.exchange(command);
    if (failure === undefined) return [...lines, 'OK'];
    return [...lines, failure.kind === 'cme' ? `+CME ERROR: ${failure.text}` : 'ERROR'];
  }

  accept(answer: AtAnswer, command: string, options: AtExchange = {}): readonly string[] {
    if (answer.failure !== undefined) throw refusal(options.shownAs ?? command, answer.failure);
    return answer.lines;
  }

  /** Sends a command without waiting; whatever came before is no part of its answer. */
  send(command: string, options: AtExchange = {}): Promise<void> {
    return this.sendBytes(Buffer.from(command, 'latin1'), options.shownAs ?? command);
  }

  /** A command that may hold a key: bytes, not text, so that the copy made here can be wiped. */
  async sendBytes(command: Buffer, shownAs: string): Promise<void> {
    this.stream.skip();
    this.transcript.sent(shownAs);
    const encoded = this.frontEnd.encode(command);
    const window = this.frontEnd.windowBytes ?? encoded.length;
    try {
      for (let sent = 0; sent < encoded.length; sent += window) {
        await this.stream.write(encoded.subarray(sent, sent + window));
        const next = Math.min(sent + window, encoded.length);
        if (next < encoded.length) await this.#echoOf(next);
      }
    } finally {
      encoded.fill(0);
    }
  }

  /** Reads lines up to the final one. */
  async answer(command: string, options: AtExchange = {}): Promise<AtAnswer> {
    const lines: string[] = [];
    // One budget for the whole answer: unsolicited lines could go on for ever.
    const patience = this.#patience(options.shownAs ?? command, options.silenceMs);
    for (;;) {
      const line = await this.line(patience);
      if (line === '' || line === command) continue;
      const final = readFinal(line);
      if (final === undefined) {
        lines.push(line);
        continue;
      }
      await this.#ready(patience);
      return { lines, failure: final === 'ok' ? undefined : final };
    }
  }

  /**
   * Waits for the mark after which the modem takes raw bytes: a line of its own (`CONNECT`) or one that has no end (`>`). A
   * failure instead throws `device_refused`.
   */
  async prompt(mark: string, command: string, options: AtExchange = {}): Promise<void> {
    const patience = this.#patience(`${mark} after ${options.shownAs ?? command}`, options.silenceMs);
    for (;;) {
      const line = await this.line(patience, (partial) => partial === mark);
      if (line === mark) return;
      const final = readFinal(line);
      if (final !== undefined && final !== 'ok') throw refusal(options.shownAs ?? command, final);
    }
  }

  /** The next line, cleaned; an unfinished one too as soon as `isEnough` says so. */
  async line(patience: Patience, isEnough?: (partial: string) => boolean): Promise<string> {
    for (;;) {
      const raw = await this.rawLine(patience, (partial) => {
        const cleaned = this.frontEnd.clean(partial)?.trim();
        return cleaned !== undefined && isEnough?.(cleaned) === true;
      });
      const line = this.frontEnd.clean(raw)?.trim();
      if (line === undefined) continue;
      this.transcript.received(line);
      return line;
    }
  }

  /** The next line as it came; an unfinished one too as soon as `isEnough` says so. */
  rawLine(patience: Patience, isEnough: (partial: string) => boolean): Promise<string> {
    return this.stream.take((received) => {
      const end = received.indexOf(NEWLINE);
      const text = received.toString('latin1', 0, end < 0 ? received.length : end).trim();
      if (end >= 0) return { value: text, usedBytes: end + 1 };
      return isEnough(text) ? { value: text, usedBytes: received.length } : undefined;
    }, patience);
  }

  /**
   * Runs `work` while nothing but final lines and `shownAs` is written to the transcript: the modem may echo a key. What
   * `secret` holds stays masked afterwards.
   */
  async inTheDark<T>(shownAs: string, secret: Uint8Array, work: () => Promise<T>): Promise<T> {
    this.transcript.remember(Buffer.from(secret).toString('latin1'));
    this.transcript.sent(shownAs);
    this.transcript.goDark((row) => readFinal(row) !== undefined);
    try {
      return await work();
    } finally {
      this.transcript.lightUp();
    }
  }

  /** Ends a command that arrived in part, and lets pass what that or a late answer brings. */
  async #clear(): Promise<void> {
    await this.stream.write(this.frontEnd.clear);
    await this.stream.settle(Math.min(QUIET_MS, this.stream.answerMs), this.stream.answerMs);
  }

  /** A shell's receive ring is small; as many bytes as it has echoed are out of it. */
  async #echoOf(sizeBytes: number): Promise<void> {
    try {
      const enough = (received: Buffer) =>
        received.length < sizeBytes ? undefined : { value: true, usedBytes: 0 };
      await this.stream.take(enough, { awaited: 'echo' });
    } catch (error) {
      if (!(error instanceof StationError) || error.code !== 'device_silent') throw error;
      throw new StationError('bytes_lost', { sentBytes: sizeBytes, echoedBytes: this.stream.skip().length });
    }
  }

  async #ready(patience: Patience): Promise<void> {
    const isReady = this.frontEnd.isReady?.bind(this.frontEnd);
    if (isReady === undefined) return;
    while (!isReady(await this.rawLine({ ...patience, awaited: 'prompt' }, isReady)));
  }

  #patience(awaited: string, silenceMs: number | undefined): Patience {
    const since = this.stream.begin();
    return { awaited, since, ...(silenceMs === undefined ? {} : { silenceMs }) };
  }
}

/** `device_refused` with the command and the modem's reason. */
export const refusal = (command: string, failure: AtFailure): StationError =>
  new StationError('device_refused', {
    command,
    cmeCode: failure.kind === 'cme' ? failure.code : undefined,
    reason: failure.kind === 'cme' ? failure.text : 'ERROR',
  });

/** The first group of `pattern` in the first line that fits. */
export function firstMatch(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const value = pattern.exec(line)?.[1];
    if (value !== undefined) return value;
  }
  return undefined;
}
