// The console of FreeRTOS's reference integrations: a line in, its echo and an answer out, then the prompt `> `.

import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';
import type { ByteStream } from '../stream/byteStream.ts';

export interface Pacing {
  readonly pieceBytes: number;
  readonly pauseMs: number;
}

const INTERRUPT = Uint8Array.of(0x03);
const PROMPT = /(?:^|\n)> $/;
const FAILURE = /<ERR>|\berror\b/i;
const PEM = /-----BEGIN ([A-Z ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/g;

export class Console {
  readonly #stream: ByteStream;
  readonly #transcript: TranscriptSink;
  readonly #pacing: Pacing;
  #echo: 'unknown' | 'seen' | 'none' = 'unknown';
  #sent = '';

  constructor(stream: ByteStream, transcript: TranscriptSink, pacing: Pacing) {
    this.#stream = stream;
    this.#transcript = transcript;
    this.#pacing = pacing;
  }

  /** Clears a half-typed line and waits for the prompt. */
  async greet(): Promise<void> {
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

  /** As fast as the device echoes; where it has never echoed anything, piece by piece with pauses. */
  async #send(text: string): Promise<void> {
    for (let sent = 0; sent < text.length; sent += this.#pacing.pieceBytes) {
      const piece = text.slice(sent, sent + this.#pacing.pieceBytes);
      // A CR alone is not echoed; line ends say nothing about what was taken.
      this.#sent += piece.replace(/[\r\n]/g, '');
      await this.#stream.write(Buffer.from(piece, 'latin1'));
      if (this.#echo !== 'none') await this.#awaitEcho();
      else if (this.#pacing.pauseMs > 0) await this.#stream.pause(this.#pacing.pauseMs);
    }
  }

  /** Waits until what was sent has come back, whatever log lines stand between. Its absence later on means loss. */
  async #awaitEcho(): Promise<void> {
    const enough = (received: Buffer) =>
      containsInOrder(received.toString('latin1'), this.#sent) ? { value: true, usedBytes: 0 } : undefined;
    try {
      await this.#stream.take(enough, { awaited: 'echo' });
      this.#echo = 'seen';
    } catch (error) {
      if (!(error instanceof StationError) || error.code !== 'device_silent') throw error;
      if (this.#echo === 'seen') throw new StationError('bytes_lost', { sentBytes: this.#sent.length });
      this.#echo = 'none';
    }
  }

  #clear(): void {
    this.#stream.skip();
    this.#sent = '';
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

/** Whether the characters of `wanted` stand in `text` in their order, with anything between them. */
function containsInOrder(text: string, wanted: string): boolean {
  let next = 0;
  for (const character of text) if (character === wanted[next]) next += 1;
  return next >= wanted.length;
}

/** The DER of the last PEM block of that label; undefined where there is none. */
export function lastPem(answer: string, label: string): Uint8Array | undefined {
  const blocks = [...answer.matchAll(PEM)].filter(([, name]) => name === label);
  const body = blocks.at(-1)?.[2];
  return body === undefined ? undefined : Uint8Array.from(Buffer.from(body.replace(/\s/g, ''), 'base64'));
}
