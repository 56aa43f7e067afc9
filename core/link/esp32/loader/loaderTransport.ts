// esptool-js's transport with what it lacks: it prints nothing (a trace would hold the key), it keeps no unbounded
// amount of noise, and everything that waits on it ends at once when the port is gone or the work aborted.

import { Transport } from 'esptool-js';
import { StationError } from '../../../domain/stationError.ts';
import type { WebSerialPort } from './webSerialPort.ts';

const LIMIT_BYTES = 64 * 1024;

export class LoaderTransport extends Transport {
  readonly #over: Promise<never>;
  #ended: StationError | undefined;
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

  override async read(timeoutMs: number): Promise<Uint8Array> {
    this.#throwIfEnded();
    return Promise.race([super.read(timeoutMs), this.#over]);
  }

  override async write(data: Uint8Array): Promise<void> {
    this.#throwIfEnded();
    await Promise.race([super.write(data), this.#over]);
  }

  override appendArray(
    first: Uint8Array<ArrayBuffer>,
    second: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    const size = first.length + second.length;
    if (size > LIMIT_BYTES) this.fail(new StationError('device_babbles', { receivedBytes: size }));
    if (this.#ended !== undefined) return new Uint8Array(0);
    const whole = new Uint8Array(size);
    whole.set(first);
    whole.set(second, first.length);
    return whole;
  }

  #throwIfEnded(): void {
    if (this.#ended !== undefined) throw this.#ended;
  }
}
