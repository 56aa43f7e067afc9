// esptool-js's transport with what it lacks: it prints nothing (a trace would hold the key), it finds its frames among
// noise and keeps no unbounded amount of it, and everything that waits ends at once when the port is gone or the work aborted.

import { Transport } from 'esptool-js';
import { StationError } from '../../../domain/stationError.ts';
import { isAnswer, takeFrame } from './slipFrames.ts';
import type { WebSerialPort } from './webSerialPort.ts';

const LIMIT_BYTES = 64 * 1024;
/** esptool-js asks the stub for blocks of this size. */
const READ_BLOCK_BYTES = 0x1000;

export class LoaderTransport extends Transport {
  readonly #over: Promise<never>;
  #ended: StationError | undefined;
  #received: Uint8Array = new Uint8Array(0);
  #contentDueBytes = 0;
  /** So much in which no frame was found is no noise any more. */
  #sinceFrameBytes = 0;
  #arrived: () => void = () => {};
  #end: (error: StationError) => void = () => {};

  constructor(port: WebSerialPort) {
    super(port as unknown as ConstructorParameters<typeof Transport>[0]);
    this.#over = new Promise<never>((_, reject) => {
      this.#end = reject;
    });
    // Whoever waits is told; nobody waiting is no error.
    this.#over.catch(() => {});
  }

  /** From now on every call fails with `error`. */
  fail(error: StationError): void {
    this.#ended ??= error;
    this.#end(this.#ended);
  }

  override trace(): void {}

  /** The next frame; other bytes are dropped. `timeoutMs` is the longest silence. */
  override async read(timeoutMs: number): Promise<Uint8Array> {
    for (;;) {
      this.#throwIfEnded();
      const { frame, rest } = takeFrame(this.#received, (content) => this.#accepts(content));
      this.#received = rest;
      if (frame !== undefined) {
        this.#sinceFrameBytes = 0;
        return frame;
      }
      if (!(await this.#arrival(timeoutMs))) throw new Error('no answer');
    }
  }

  override flushInput(): void {
    this.#received = new Uint8Array(0);
  }

  override peek(): Uint8Array {
    return this.#received;
  }

  override inWaiting(): number {
    return this.#received.length;
  }

  /** Waits until nothing has come for `quietMs`, at most `limitMs`, and drops all that came. */
  override async drainInput(quietMs = 100, limitMs = 400): Promise<void> {
    const endsAtMs = performance.now() + limitMs;
    while (performance.now() < endsAtMs && (await this.#arrival(quietMs)));
    this.flushInput();
  }

  /** The next frames are flash content, `sizeBytes` of it in blocks; each has exactly the length that is due. */
  expectContent(sizeBytes: number): void {
    this.#contentDueBytes = sizeBytes;
  }

  override async write(data: Uint8Array): Promise<void> {
    this.#throwIfEnded();
    await Promise.race([super.write(data), this.#over]);
  }

  /** What esptool-js does with bytes that have come in. They are kept here and not in its own buffer, which stays empty. */
  override appendArray(
    _: Uint8Array<ArrayBuffer>,
    received: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    this.#sinceFrameBytes += received.length;
    if (this.#sinceFrameBytes > LIMIT_BYTES) {
      this.flushInput();
      this.fail(new StationError('device_babbles', { receivedBytes: this.#sinceFrameBytes }));
    } else {
      this.#received = Buffer.concat([this.#received, received]);
    }
    this.#arrived();
    return new Uint8Array(0);
  }

  #accepts(content: Uint8Array): boolean {
    const due = Math.min(READ_BLOCK_BYTES, this.#contentDueBytes);
    if (due > 0 && content.length === due) {
      this.#contentDueBytes -= due;
      return true;
    }
    return isAnswer(content);
  }

  /** Whether anything came within the time. */
  #arrival(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const arrival = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
      this.#arrived = () => resolve(true);
    });
    return Promise.race([arrival, this.#over]).finally(() => clearTimeout(timer));
  }

  #throwIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }
}
