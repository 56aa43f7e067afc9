// One request, one response (Zephyr doc, smp_protocol): eight bytes of header, a CBOR map, a sequence number that tells
// late answers from the right one.

import { StationError } from '../../domain/stationError.ts';
import type { TranscriptSink } from '../../domain/transcript.ts';
import { type Cbor, decodeCbor } from '../cbor/decode.ts';
import { encodeCbor } from '../cbor/encode.ts';
import { Questions } from '../session/questions.ts';
import type { ByteStream } from '../stream/byteStream.ts';
import { encodeFrames, FrameReader } from './frame.ts';

export type SmpMap = { readonly [key: string]: Cbor };

export interface SmpRequest {
  readonly operation: 'read' | 'write';
  readonly group: number;
  readonly command: number;
  readonly body: SmpMap;
  /** For the transcript and errors, in place of the content. */
  readonly shownAs: string;
  /** Nothing on the device changes by it, whatever the operation is called: it may be asked again. */
  readonly isQuestion: boolean;
}

export interface SmpFailure {
  /** Undefined for the first version's `rc`. */
  readonly group: number | undefined;
  readonly code: number;
}

export type SmpAnswer = { readonly map: SmpMap } | { readonly failure: SmpFailure };

const HEADER_SIZE_BYTES = 8;
const OPERATIONS = { read: 0, write: 2 } as const;
const NEWLINE = 0x0a;
/** Version 2 of the protocol in the header: errors then come with their group. */
const VERSION_2 = 0x08;
/** A line that has been quiet for so long has said what it had to say. */
const QUIET_MS = 250;

export class SmpClient {
  readonly #stream: ByteStream;
  readonly #transcript: TranscriptSink;
  readonly #frames = new FrameReader();
  readonly questions: Questions;
  #sequence = 0;

  constructor(stream: ByteStream, transcript: TranscriptSink) {
    this.#stream = stream;
    this.#transcript = transcript;
    this.questions = new Questions(transcript, async () => {
      await stream.settle(Math.min(QUIET_MS, stream.answerMs), stream.answerMs);
    });
  }

  /** What `read` makes of the response's map; it throws where that makes no sense. A failure throws `device_refused` with its number. */
  ask<T>(request: SmpRequest, read: (map: SmpMap) => T): Promise<T> {
    return this.exchange(request, (answer) => {
      if ('map' in answer) return read(answer.map);
      const { group, code } = answer.failure;
      throw new StationError('device_refused', {
        command: request.shownAs,
        smpGroup: group,
        smpCode: code,
      });
    });
  }

  /** What `read` makes of the answer, a failure too. */
  exchange<T>(request: SmpRequest, read: (answer: SmpAnswer) => T): Promise<T> {
    const once = async (): Promise<T> => {
      this.#transcript.write('to-device', request.shownAs);
      return read(readFailure(await this.#once(request)));
    };
    return request.isQuestion ? this.questions.ask(request.shownAs, once) : once();
  }

  async #once(request: SmpRequest): Promise<SmpMap> {
    this.#sequence = (this.#sequence + 1) & 0xff;
    const sequence = this.#sequence;
    const body = encodeCbor(request.body);
    const packet = Buffer.alloc(HEADER_SIZE_BYTES + body.length);
    packet[0] = OPERATIONS[request.operation] | VERSION_2;
    packet.writeUInt16BE(body.length, 2);
    packet.writeUInt16BE(request.group, 4);
    packet[6] = sequence;
    packet[7] = request.command;
    packet.set(body, HEADER_SIZE_BYTES);
    // It may be a piece of a key.
    body.fill(0);
    const frames = encodeFrames(packet);
    packet.fill(0);
    try {
      await this.#stream.write(frames);
    } finally {
      frames.fill(0);
    }
    return this.#stream.take((received) => this.#find(received, request, sequence), {
      awaited: request.shownAs,
    });
  }

  /** Reads whole lines until the one that completes the awaited response. */
  #find(received: Buffer, request: SmpRequest, sequence: number) {
    let start = 0;
    for (let end = received.indexOf(NEWLINE); end >= 0; end = received.indexOf(NEWLINE, start)) {
      const packet = this.#frames.take(received.subarray(start, end));
      start = end + 1;
      const map = packet === undefined ? undefined : readResponse(Buffer.from(packet), request, sequence);
      if (map !== undefined) return { value: map, usedBytes: start };
    }
    return undefined;
  }
}

function readResponse(packet: Buffer, request: SmpRequest, sequence: number): SmpMap | undefined {
  if (packet.length < HEADER_SIZE_BYTES) return undefined;
  const operation = (packet[0] ?? 0) & 0x07;
  const fits =
    operation === OPERATIONS[request.operation] + 1 &&
    packet.readUInt16BE(4) === request.group &&
    packet[6] === sequence &&
    packet[7] === request.command;
  if (!fits) return undefined;
  const value = decodeCbor(packet.subarray(HEADER_SIZE_BYTES, HEADER_SIZE_BYTES + packet.readUInt16BE(2)));
  if (isMap(value)) return value;
  throw new StationError('device_answer_invalid', { what: 'SMP response' });
}

function readFailure(map: SmpMap): SmpAnswer {
  const { rc, err } = map;
  if (typeof rc === 'number' && rc !== 0) return { failure: { group: undefined, code: rc } };
  if (err !== undefined && isMap(err)) {
    const { group, rc: code } = err;
    return { failure: { group: typeof group === 'number' ? group : undefined, code: Number(code) } };
  }
  return { map };
}

const isMap = (value: Cbor): value is SmpMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
