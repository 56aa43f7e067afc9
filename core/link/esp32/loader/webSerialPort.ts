// A port as browsers show it (Web Serial), over a transport: the shape that esptool-js wants. Closing it gives the
// streams up but keeps the real port, because a port that is closed and opened again toggles the lines that reset the chip.

import type { LineControl, Transport } from '../../transport.ts';

/** The levels that DTR and RTS have; both are always set together, as omitting one would raise it. */
interface Levels {
  readonly dtr: boolean;
  readonly rts: boolean;
}

export interface SignalRequest {
  readonly dataTerminalReady?: boolean;
  readonly requestToSend?: boolean;
}

/** More than any answer, and more than the noise after which the loader gives up; what comes beyond it before anybody reads is lost. */
const UNREAD_MAX_BYTES = 128 * 1024;

export class WebSerialPort {
  readable: ReadableStream<Uint8Array> | null = null;
  writable: WritableStream<Uint8Array> | null = null;
  /** Bytes received since the port was opened first; a chip that says nothing and one that babbles differ in it. */
  receivedBytes = 0;
  readonly #transport: Transport;
  readonly #control: LineControl | undefined;
  #levels: Levels = { dtr: false, rts: false };
  #baudRate: number;
  #endReading: (() => void) | undefined;

  constructor(transport: Transport, baudRate: number) {
    this.#transport = transport;
    this.#control = transport.control;
    this.#baudRate = baudRate;
  }

  async open(options: { readonly baudRate: number }): Promise<void> {
    await this.setBaudRate(options.baudRate);
    this.readable = this.#readable();
    this.writable = new WritableStream({ write: (bytes) => this.#transport.write(bytes) });
  }

  async close(): Promise<void> {
    this.#endReading?.();
    this.readable = null;
    this.writable = null;
  }

  async setBaudRate(baudRate: number): Promise<void> {
    if (baudRate === this.#baudRate) return;
    await this.#control?.setBaudRate(baudRate);
    this.#baudRate = baudRate;
  }

  /** Rejects where the port has no modem lines. */
  async setSignals(request: SignalRequest): Promise<void> {
    if (this.#control === undefined) throw new Error('no modem lines');
    this.#levels = {
      dtr: request.dataTerminalReady ?? this.#levels.dtr,
      rts: request.requestToSend ?? this.#levels.rts,
    };
    await this.#control.setSignals(this.#levels);
  }

  /** esptool-js chooses its reset sequence by these; what is unknown is left out. */
  getInfo(): { readonly usbVendorId?: number; readonly usbProductId?: number } {
    return {};
  }

  #readable(): ReadableStream<Uint8Array> {
    let open = true;
    let stopListening = (): void => {};
    const end = (): void => {
      open = false;
      stopListening();
    };
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          stopListening = this.#transport.onData((bytes) => {
            this.receivedBytes += bytes.length;
            if ((controller.desiredSize ?? 0) > 0) controller.enqueue(Uint8Array.from(bytes));
          });
          const close = (): void => {
            if (open) controller.close();
            end();
          };
          this.#endReading = close;
          void this.#transport.closed.then(close);
        },
        cancel: end,
      },
      new ByteLengthQueuingStrategy({ highWaterMark: UNREAD_MAX_BYTES }),
    );
  }
}
