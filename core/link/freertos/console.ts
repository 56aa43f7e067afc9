// The console of FreeRTOS's reference integrations: a line in, its echo and an answer out, then the prompt `> `.

import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';
import { Questions } from '../session/questions.ts';
import type { ByteStream } from '../stream/byteStream.ts';

export interface Pacing {
  readonly pieceBytes: number;
  readonly pauseMs: number;
  /** The most that is under way unechoed. */
  readonly windowBytes: number;
}

const INTERRUPT = Uint8Array.of(0x03);
const PROMPT = /(?:^|\n)> $/;
const FAILURE = /<ERR>|\berror\b/i;
const PEM = /-----BEGIN ([A-Z ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/g;

export class Console {
  readonly #stream: ByteStream;
  readonly #transcript: TranscriptSink;
  readonly #pacing: Pacing;
  readonly questions: Questions;
  #echo: 'unknown' | 'seen' | 'none' = 'unknown';
  #sent = '';
  /** How much of what was sent has come back, and how far the answer was read for it. */
  #echoed = 0;
  #read = 0;

  constructor(stream: ByteStream, transcript: TranscriptSink, pacing: Pacing) {
    this.#stream = stream;
    this.#transcript = transcript;
    this.#pacing = pacing;
    this.questions = new Questions(transcript, () => this.greet());
  }

  /** A command that changes nothing; `read` makes sense of its answer or throws. */
  question<T>(command: string, read: (answer: string) => T, silenceMs?: number): Promise<T> {
    return this.questions.ask(command, async () => read(await this.run(command, silenceMs)));
  }

  /** Clears a half-typed line and waits for the prompt. */
  async greet(): Promise<void> {
    this.#stream.skip();
    await this.#stream.write(INTERRUPT);
    await this.#untilPrompt('prompt', undefined);
  }

  /** One command's answer, echo left out. A failure told by the device throws `device_refused`. */
  async run(command: string, silenceMs?: number): Promise<string> {
    this.#clear();
    this.#transcript.write('to-device', command);
    await this.#send(`${command}\r\n`);
    const answer = await this.#untilPrompt(command, silenceMs);
    return this.#accept(command, answer);
  }

  /** A command that takes PEM lines and two empty ones, and prints what it took. Only certificates go this way. */
  async import(command: string, pem: string): Promise<string> {
    this.#clear();
    this.#transcript.write('to-device', `${command} (${pem.length} characters)`);
    await this.#send(`${command}\r\n`);
    await this.#send(`${pem.replaceAll('\n', '\r\n')}\r\n\r\n`);
    const answer = await this.#untilPrompt(command, undefined);
    return this.#accept(command, answer);
  }

  /** A window of unechoed bytes slides over the text; where the device has never echoed anything, pieces with pauses. */
  async #send(text: string): Promise<void> {
    const { pieceBytes, pauseMs, windowBytes } = this.#pacing;
    for (let from = 0; from < text.length; ) {
      const room = this.#echo === 'none' ? pieceBytes : Math.min(pieceBytes, windowBytes - this.#unechoed);
      const piece = text.slice(from, from + room);
      from += piece.length;
      this.#sent += piece;
      await this.#stream.write(Buffer.from(piece, 'latin1'));
      const whole = this.#echo === 'unknown' || from === text.length;
      if (this.#echo !== 'none') {
        await this.#awaitEcho(whole ? 0 : Math.max(windowBytes - pieceBytes, windowBytes >> 1));
      } else if (pauseMs > 0) await this.#stream.pause(pauseMs);
    }
  }

  get #unechoed(): number {
    return this.#sent.length - this.#echoed;
  }

  /** Waits until at most so many bytes are unechoed. Absence of an echo later on means loss. */
  async #awaitEcho(allowedBytes: number): Promise<void> {
    const enough = (received: Buffer) => {
      this.#follow(received);
      // Line ends say nothing about what was taken: a CR alone is not echoed.
      const isEnough = this.#unechoed <= allowedBytes || /^[\r\n]*$/.test(this.#sent.slice(this.#echoed));
      return isEnough ? { value: true, usedBytes: 0 } : undefined;
    };
    try {
      await this.#stream.take(enough, { awaited: 'echo' });
      this.#echo = 'seen';
    } catch (error) {
      if (!(error instanceof StationError) || error.code !== 'device_silent') throw error;
      if (this.#echo === 'seen') throw new StationError('bytes_lost', { sentBytes: this.#sent.length });
      this.#echo = 'none';
    }
  }

  /** Finds what was sent in what came, in its order, whatever log lines stand between. */
  #follow(received: Buffer): void {
    for (; this.#read < received.length; this.#read += 1) {
      let next = this.#echoed;
      while (this.#sent[next] === '\r' || this.#sent[next] === '\n') next += 1;
      if (received[this.#read] === this.#sent.charCodeAt(next)) this.#echoed = next + 1;
    }
  }

  #clear(): void {
    this.#stream.skip();
    this.#sent = '';
    this.#echoed = 0;
    this.#read = 0;
  }

  #untilPrompt(awaited: string, silenceMs: number | undefined): Promise<string> {
    return this.#stream.take(
      (received) => {
        const text = received.toString('latin1');
        return PROMPT.test(text) ? { value: text, usedBytes: received.length } : undefined;
      },
      { awaited, ...(silenceMs === undefined ? {} : { silenceMs }) },
    );
  }

  #accept(command: string, answer: string): string {
    const lines = answer.split('\n').map((line) => line.trim());
    const own = lines.filter((line) => line !== '' && !line.endsWith(command) && line !== '>');
    for (const line of own) this.#transcript.write('from-device', quoteForDisplay(line, 120));
    // PEM is taken out first: its base64 may spell anything.
    const failure = own
      .join('\n')
      .replaceAll(PEM, '')
      .split('\n')
      .find((line) => FAILURE.test(line));
    if (failure !== undefined) {
      throw new StationError('device_refused', { command, reason: quoteForDisplay(failure, 120) });
    }
    return answer;
  }
}

/** The DER of the last PEM block of that label; undefined where there is none. */
export function lastPem(answer: string, label: string): Uint8Array | undefined {
  const blocks = [...answer.matchAll(PEM)].filter(([, name]) => name === label);
  const body = blocks.at(-1)?.[2];
  return body === undefined ? undefined : Uint8Array.from(Buffer.from(body.replace(/\s/g, ''), 'base64'));
}
