// DER written from its end to its beginning, into one buffer that is used again and again. An element's length stands before
// its content and is known after it only: written backwards, every octet is written once and nothing is measured first.

import { Buffer } from 'node:buffer';
import { lengthSizeBytes, writeHeader } from './writer.ts';

const FIRST_CAPACITY_BYTES = 1024;

export class BackwardWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY_BYTES);
  #start = FIRST_CAPACITY_BYTES;

  /** Octets written since {@link restart}: the mark that {@link close} closes an element at. */
  get sizeBytes(): number {
    return this.#buffer.length - this.#start;
  }

  /** Begins anew; what {@link written} lent before is overwritten. */
  restart(): void {
    this.#start = this.#buffer.length;
  }

  /** What was written, lent until the next {@link restart}. */
  written(): Uint8Array {
    return this.#buffer.subarray(this.#start);
  }

  /** Puts `octets` before what was written. */
  prepend(octets: Uint8Array): void {
    this.#makeRoom(octets.length);
    this.#buffer.set(octets, this.#start);
  }

  prependHex(digits: string): void {
    this.#makeRoom(digits.length / 2);
    this.#buffer.write(digits, this.#start, 'hex');
  }

  /** Puts tag and length before all that was written since `mark`. */
  close(tag: number, mark: number): void {
    const contentSizeBytes = this.sizeBytes - mark;
    this.#makeRoom(1 + lengthSizeBytes(contentSizeBytes));
    writeHeader(this.#buffer, this.#start, tag, contentSizeBytes);
  }

  #makeRoom(sizeBytes: number): void {
    if (sizeBytes > this.#start) {
      const grown = Buffer.allocUnsafeSlow(2 * this.#buffer.length + sizeBytes);
      const start = grown.length - this.sizeBytes;
      grown.set(this.written(), start);
      this.#buffer = grown;
      this.#start = start;
    }
    this.#start -= sizeBytes;
  }
}
