// The console of FreeRTOS's reference integrations: a line in, its echo and an answer out, then the prompt `> `.

import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../driver.ts';
import type { ByteStream } from '../stream/byteStream.ts';

export interface Pacing {
  readonly pieceBytes: number;
  readonly pauseMs: number;
}

/** An echo that takes longer than this does not come. */
const ECHO_SILENCE_MS = 250;
const INTERRUPT = Uint8Array.of(0x03);
const PROMPT = /(?:^|\n)> $/;
const FAILURE = /<ERR>|\berror\b/i;
const PEM = /-----BEGIN ([A-Z ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/g;

export class Console {
  readonly #stream: ByteStream;
  readonly #transcript: TranscriptSink;
  readonly #pacing: Pacing;
  #echoes = true;
  #echoAwaitedBytes = 0;

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

  /** As fast as the device echoes; without echo, piece by piece with pauses. */
  async #send(text: string): Promise<void> {
    const bytes = Buffer.from(text, 'latin1');
    for (let sent = 0; sent < bytes.length; sent += this.#pacing.pieceBytes) {
      const piece = bytes.subarray(sent, sent + this.#pacing.pieceBytes);
      this.#echoAwaitedBytes += piece.length;
      await this.#stream.write(piece);
      if (this.#echoes) this.#echoes = await this.#echoed();
      else if (this.#pacing.pauseMs > 0) await this.#stream.pause(this.#pacing.pauseMs);
    }
  }

  /** Whether as many bytes have come back as were sent since the line was last cleared. */
  async #echoed(): Promise<boolean> {
    const enough = (received: Buffer) =>
      received.length < this.#echoAwaitedBytes ? undefined : { value: true, usedBytes: 0 };
    try {
      return await this.#stream.take(enough, { awaited: 'echo', silenceMs: ECHO_SILENCE_MS });
    } catch (error) {
      if (error instanceof StationError && error.code === 'device_silent') return false;
      throw error;
    }
  }

  #clear(): void {
    this.#stream.skip();
    this.#echoAwaitedBytes = 0;
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
