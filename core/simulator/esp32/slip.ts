// SLIP (RFC 1055) as Espressif's loaders frame their packets: an END at both sides.

const END = 0xc0;
const ESCAPE = 0xdb;
const ESCAPED_END = 0xdc;
const ESCAPED_ESCAPE = 0xdd;
const MAX_FRAME_BYTES = 0x8000;

export function slipFrame(payload: Uint8Array): Buffer {
  const bytes = [END];
  for (const byte of payload) {
    if (byte === END) bytes.push(ESCAPE, ESCAPED_END);
    else if (byte === ESCAPE) bytes.push(ESCAPE, ESCAPED_ESCAPE);
    else bytes.push(byte);
  }
  return Buffer.from([...bytes, END]);
}

/** Takes frames out of a byte stream; what stands outside of them, and what is not SLIP, is dropped. */
export class SlipReader {
  readonly #onFrame: (payload: Buffer) => void;
  #frame: number[] | undefined;
  #escaping = false;

  constructor(onFrame: (payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.#take(byte);
  }

  reset(): void {
    this.#frame = undefined;
    this.#escaping = false;
  }

  #take(byte: number): void {
    const frame = this.#frame;
    if (byte === END) {
      this.#escaping = false;
      if (frame !== undefined && frame.length > 0) {
        this.#frame = undefined;
        this.#onFrame(Buffer.from(frame));
      } else {
        this.#frame = [];
      }
      return;
    }
    if (frame === undefined) return;
    if (this.#escaping) {
      this.#escaping = false;
      frame.push(byte === ESCAPED_END ? END : ESCAPE);
    } else if (byte === ESCAPE) {
      this.#escaping = true;
    } else {
      frame.push(byte);
    }
    if (frame.length > MAX_FRAME_BYTES) this.reset();
  }
}
