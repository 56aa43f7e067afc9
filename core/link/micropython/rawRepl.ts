// MicroPython's raw REPL (docs/reference/repl.rst): code goes in, its output comes out, nothing is echoed. Raw-paste
// mode with its flow control where the firmware has it, else pieces with pauses.

import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';
import { Questions } from '../session/questions.ts';
import type { ByteStream } from '../stream/byteStream.ts';

const CTRL_A = 0x01;
const CTRL_B = 0x02;
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const CTRL_E = 0x05;
const BANNER = Buffer.from('raw REPL; CTRL-B to exit\r\n>', 'latin1');
const RAW_PASTE_REQUEST = Uint8Array.of(CTRL_E, 0x41, CTRL_A);
const PLAIN_PIECE_BYTES = 64;
const PLAIN_PAUSE_MS = 10;
/** How Python ends what failed; anything else between the marks is noise. */
const TRACEBACK = /^(?:Traceback |[A-Za-z]{1,40}(?:Error|Exception|Interrupt)\b)/m;
/** The code is the station's own: what cannot be parsed was damaged on its way. */
const UNREADABLE = /^(?:SyntaxError|IndentationError)\b/;
/** The name of an exception, and the number of an OSError. */
const ERROR_NAME = /^[A-Za-z]{1,40}(?:Error|Exception)(?=:|$)(?:: (?:\[Errno )?\d{1,4}\b\]?)?/;
const MAX_OUTPUT_BYTES = 32 * 1024;

export interface Execution {
  /** Bytes where it holds a key, since a string cannot be wiped; they are wiped when they have been sent. */
  readonly code: string | Uint8Array;
  /** Written to the transcript in place of the code. */
  readonly shownAs: string;
  readonly silenceMs?: number;
}

export class RawRepl {
  readonly #stream: ByteStream;
  readonly #transcript: TranscriptSink;
  #rawPaste = true;
  readonly questions: Questions;

  constructor(stream: ByteStream, transcript: TranscriptSink) {
    this.#stream = stream;
    this.#transcript = transcript;
    this.questions = new Questions(transcript, () => this.enter());
  }

  get rawPaste(): boolean {
    return this.#rawPaste;
  }

  /** Stops the running program and enters the raw REPL. `device_silent` where Ctrl-C is not listened to. */
  async enter(): Promise<void> {
    await this.#stream.write(Uint8Array.of(0x0d, CTRL_C, CTRL_C));
    await this.#stream.settle(Math.min(100, this.#stream.answerMs), this.#stream.answerMs);
    await this.#stream.write(Uint8Array.of(0x0d, CTRL_A));
    await this.#until(BANNER, 'raw REPL');
  }

  /** Back to the prompt that people use. */
  async leave(): Promise<void> {
    await this.#stream.write(Uint8Array.of(0x0d, CTRL_B));
  }

  /** Runs `code` and returns what it printed. An exception there throws `device_refused` with its last line. */
  async run(execution: Execution): Promise<string> {
    // What a late answer brings is no part of this one.
    this.#stream.skip();
    this.#transcript.write('to-device', execution.shownAs);
    const secret = typeof execution.code !== 'string';
    const code = typeof execution.code === 'string' ? Buffer.from(execution.code, 'latin1') : execution.code;
    try {
      if (!this.#rawPaste || !(await this.#paste(code))) await this.#sendPlain(code);
    } finally {
      code.fill(0);
    }
    const patience = {
      awaited: 'output',
      ...(execution.silenceMs === undefined ? {} : { silenceMs: execution.silenceMs }),
    };
    const output = await this.#upTo(CTRL_D, patience.awaited);
    const failure = await this.#upTo(CTRL_D, 'traceback');
    await this.#until(Buffer.from('>'), 'prompt');
    if (failure !== '' && !TRACEBACK.test(failure)) {
      throw new StationError('device_answer_invalid', { what: 'traceback' });
    }
    if (failure !== '') {
      const told = failure.trim().split('\n').at(-1) ?? '';
      // A device may quote the code that failed.
      const last = secret ? (ERROR_NAME.exec(told)?.[0] ?? 'failed') : told;
      this.#transcript.write('from-device', quoteForDisplay(last, 120));
      throw refusalOf(last);
    }
    return output;
  }

  /** False where the firmware has no raw-paste mode; the plain raw REPL is ready then. */
  async #paste(code: Uint8Array): Promise<boolean> {
    this.#stream.skip();
    await this.#stream.write(RAW_PASTE_REQUEST);
    const [first, second] = await this.#stream.takeBytes(2, { awaited: 'raw-paste answer' });
    if (first !== 0x52 || second !== 0x01) {
      // `R\0` understood the request; older firmware took it as text and prints the banner again.
      if (first !== 0x52) await this.#until(BANNER.subarray(1), 'raw REPL');
      this.#rawPaste = false;
      return false;
    }
    const [low = 0, high = 0] = await this.#stream.takeBytes(2, { awaited: 'window size' });
    const window = low | (high << 8);
    if (window === 0) throw new StationError('device_answer_invalid', { what: 'raw-paste window' });
    let allowed = window;
    for (let sent = 0; sent < code.length; ) {
      // A grant may come in the middle: take what is there, wait only when nothing may be sent.
      while (allowed === 0 || this.#stream.waiting > 0) {
        const [control] = await this.#stream.takeBytes(1, { awaited: 'window' });
        if (control === CTRL_D) {
          await this.#stream.write(Uint8Array.of(CTRL_D));
          throw new StationError('device_refused', { reason: 'raw-paste ended by the device' });
        }
        if (control !== CTRL_A)
          throw new StationError('device_answer_invalid', { what: 'raw-paste flow control' });
        allowed += window;
      }
      const piece = code.subarray(sent, sent + allowed);
      await this.#stream.write(piece);
      sent += piece.length;
      allowed -= piece.length;
    }
    await this.#stream.write(Uint8Array.of(CTRL_D));
    // Grants for what was sent last may still come before the device's own end mark.
    await this.#upTo(CTRL_D, 'end of code');
    return true;
  }

  async #sendPlain(code: Uint8Array): Promise<void> {
    for (let sent = 0; sent < code.length; sent += PLAIN_PIECE_BYTES) {
      await this.#stream.write(code.subarray(sent, sent + PLAIN_PIECE_BYTES));
      await this.#stream.pause(PLAIN_PAUSE_MS);
    }
    await this.#stream.write(Uint8Array.of(CTRL_D));
    await this.#until(Buffer.from('OK'), 'OK');
  }

  /** What comes before `mark`, without it. */
  #upTo(mark: number, awaited: string): Promise<string> {
    return this.#stream.take(
      (received) => {
        const end = received.indexOf(mark);
        if (end > MAX_OUTPUT_BYTES || (end < 0 && received.length > MAX_OUTPUT_BYTES)) {
          throw new StationError('device_babbles', { awaited, receivedBytes: received.length });
        }
        return end < 0 ? undefined : { value: received.toString('latin1', 0, end), usedBytes: end + 1 };
      },
      { awaited },
    );
  }

  async #until(mark: Uint8Array, awaited: string): Promise<void> {
    await this.#stream.take(
      (received) => {
        const start = received.indexOf(mark);
        return start < 0 ? undefined : { value: true, usedBytes: start + mark.length };
      },
      { awaited },
    );
  }
}

/** ENOSPC and EROFS have causes of their own; the rest is told as Python told it. */
function refusalOf(line: string): StationError {
  if (UNREADABLE.test(line)) return new StationError('bytes_lost', {});
  const reason = quoteForDisplay(line.trim(), 120);
  const number = /\[Errno (\d+)\]/.exec(line)?.[1] ?? /OSError: (\d+)/.exec(line)?.[1];
  if (number === '28') return new StationError('device_store_full', { reason });
  return new StationError('device_refused', {
    reason,
    meaning: number === '30' ? 'read-only-file-system' : undefined,
  });
}
