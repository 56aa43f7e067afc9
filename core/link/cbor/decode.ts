// CBOR (RFC 8949) as modems and MCUmgr use it: definite lengths, small maps. Depth and sizes are bounded, because the
// bytes come from a device.

import { StationError } from '../../domain/stationError.ts';

export type Cbor =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Cbor[]
  | { readonly [key: string]: Cbor };

const MAX_DEPTH = 8;
const MAX_ITEMS = 256;
const BREAK = 0xff;

const invalid = (reason: string): StationError =>
  new StationError('device_answer_invalid', { what: 'CBOR', reason });

/** Reads the one item that `bytes` consist of; tags are skipped and map keys become text. */
export function decodeCbor(bytes: Uint8Array): Cbor {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (!reader.atEnd) throw invalid('bytes left over');
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  item(depth: number): Cbor {
    if (depth > MAX_DEPTH) throw invalid('too deep');
    const head = this.#byte();
    const major = head >> 5;
    const detail = head & 0x1f;
    switch (major) {
      case 0:
        return this.#argument(detail);
      case 1:
        return -1 - this.#argument(detail);
      case 2:
        return Uint8Array.from(this.#take(this.#argument(detail)));
      case 3:
        return Buffer.from(this.#take(this.#argument(detail))).toString('utf8');
      case 4:
        return this.#array(detail, depth);
      case 5:
        return this.#map(detail, depth);
      case 6:
        this.#argument(detail);
        return this.item(depth + 1);
      default:
        return this.#simple(detail);
    }
  }

  #array(detail: number, depth: number): readonly Cbor[] {
    const items: Cbor[] = [];
    this.#repeat(detail, () => items.push(this.item(depth + 1)));
    return items;
  }

  #map(detail: number, depth: number): { readonly [key: string]: Cbor } {
    const entries: [string, Cbor][] = [];
    this.#repeat(detail, () => {
      const key = this.item(depth + 1);
      if (typeof key !== 'string' && typeof key !== 'number') throw invalid('map key');
      entries.push([String(key), this.item(depth + 1)]);
    });
    return Object.fromEntries(entries);
  }

  /** `detail` 31 is an indefinite length, which MCUmgr's encoder uses for maps. */
  #repeat(detail: number, each: () => void): void {
    const indefinite = detail === 31;
    const count = indefinite ? MAX_ITEMS : this.#argument(detail);
    if (count > MAX_ITEMS) throw invalid('too many items');
    for (let index = 0; index < count; index++) {
      if (indefinite && this.#bytes[this.#offset] === BREAK) break;
      each();
    }
    if (indefinite && this.#byte() !== BREAK) throw invalid('too many items');
  }

  #simple(detail: number): Cbor {
    if (detail === 20 || detail === 21) return detail === 21;
    if (detail === 22 || detail === 23) return null;
    throw invalid('unsupported item');
  }

  #argument(detail: number): number {
    if (detail < 24) return detail;
    const size = { 24: 1, 25: 2, 26: 4, 27: 8 }[detail];
    if (size === undefined) throw invalid('length form');
    const value = this.#take(size).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw invalid('number too large');
    return value;
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw invalid('cut short');
    this.#offset += 1;
    return byte;
  }

  #take(count: number): Uint8Array {
    const end = this.#offset + count;
    if (end > this.#bytes.length) throw invalid('cut short');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}
