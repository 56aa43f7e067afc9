// An NVS partition (ESP-IDF key-value store, format version 2), byte for byte as Espressif's partition generator
// writes it. Pages of 4096 bytes: header, a bitmap of entry states, 126 entries of 32 bytes.

import { StationError } from '../../../domain/stationError.ts';
import { espCrc32 } from './crc32.ts';
import { writeInteger, writeU16, writeU32 } from './littleEndian.ts';

const PRIMITIVES = {
  u8: { type: 0x01, sizeBytes: 1 },
  i8: { type: 0x11, sizeBytes: 1 },
  u16: { type: 0x02, sizeBytes: 2 },
  i16: { type: 0x12, sizeBytes: 2 },
  u32: { type: 0x04, sizeBytes: 4 },
  i32: { type: 0x14, sizeBytes: 4 },
  u64: { type: 0x08, sizeBytes: 8 },
  i64: { type: 0x18, sizeBytes: 8 },
} as const;

export type NvsValue =
  | { readonly kind: keyof typeof PRIMITIVES; readonly value: bigint | number }
  /** Without its NUL, which is added and counted. */
  | { readonly kind: 'string'; readonly bytes: Uint8Array }
  | { readonly kind: 'blob'; readonly bytes: Uint8Array };

export type NvsEntry = NvsValue & { readonly namespace: string; readonly key: string };

export const NVS_PAGE_SIZE_BYTES = 4096;
export const NVS_ENTRIES_PER_PAGE = 126;
/** With its NUL. ESP-IDF documents 4000, but its generator gives up past 124 data entries, and so do we. */
export const NVS_STRING_MAX_BYTES = 124 * 32;
const NAME_MAX_LENGTH = 15;
export const NVS_ENTRY_SIZE_BYTES = 32;
const ENTRY = NVS_ENTRY_SIZE_BYTES;
export const NVS_FIRST_ENTRY_OFFSET = 64;
export const NVS_BITMAP_OFFSET = 32;
export const NVS_PAGE_STATES = { active: 0xfffffffe, full: 0xfffffffc } as const;
export const NVS_VERSION_2 = 0xfe;
const NO_CHUNK = 0xff;
/** Types of entries that are no integer. */
export const NVS_TYPES = { u8: PRIMITIVES.u8.type, string: 0x21, blobData: 0x42, blobIndex: 0x48 } as const;
/** A page stays empty so that the store can move entries when it is full. */
const SPARE_PAGES = 1;
export const NVS_MIN_PAGES = 3;

const invalid = (field: string, value: string, reason: string): StationError =>
  new StationError('value_invalid', { field, value, reason });

function checkName(field: string, name: string): void {
  if (!/^[\x20-\x7e]+$/.test(name) || name.length > NAME_MAX_LENGTH) {
    throw invalid(field, name.slice(0, 40), `1 to ${NAME_MAX_LENGTH} printable characters`);
  }
}

/** Writes entries into pages, opening the next page as the generator does. */
class PageWriter {
  readonly image: Uint8Array;
  readonly #pageLimit: number;
  #page = -1;
  #used = 0;

  constructor(sizeBytes: number) {
    this.image = new Uint8Array(sizeBytes).fill(0xff);
    this.#pageLimit = sizeBytes / NVS_PAGE_SIZE_BYTES - SPARE_PAGES;
    this.openPage();
  }

  get freeEntries(): number {
    return NVS_ENTRIES_PER_PAGE - this.#used;
  }

  openPage(): void {
    if (this.#page + 1 >= this.#pageLimit) {
      throw new StationError('credential_too_large', {
        what: 'nvs partition',
        limitBytes: this.image.length,
      });
    }
    if (this.#page >= 0) writeU32(this.image, this.#page * NVS_PAGE_SIZE_BYTES, NVS_PAGE_STATES.full);
    this.#page += 1;
    this.#used = 0;
    const header = this.image.subarray(this.#page * NVS_PAGE_SIZE_BYTES).subarray(0, ENTRY);
    writeU32(header, 0, NVS_PAGE_STATES.active);
    writeU32(header, 4, this.#page);
    header[8] = NVS_VERSION_2;
    writeU32(header, 28, espCrc32(header.subarray(4, 28)));
  }

  /** One header entry and the data entries after it, marked as written in the bitmap (two bits each, 11 to 10). */
  write(entry: Uint8Array, data: Uint8Array): void {
    const start = this.#page * NVS_PAGE_SIZE_BYTES;
    const offset = start + NVS_FIRST_ENTRY_OFFSET + this.#used * ENTRY;
    this.image.set(entry, offset);
    this.image.set(data, offset + ENTRY);
    const count = 1 + Math.ceil(data.length / ENTRY);
    for (let index = this.#used; index < this.#used + count; index++) {
      const at = start + NVS_BITMAP_OFFSET + (index >> 2);
      this.image[at] = (this.image[at] ?? 0) & ~(1 << ((index & 3) * 2));
    }
    this.#used += count;
  }
}

interface EntryHead {
  readonly namespaceIndex: number;
  readonly type: number;
  readonly span: number;
  readonly chunk: number;
  readonly key: string;
}

/** 32 bytes: head, CRC, key, and the eight bytes that `fill` writes. */
function entryBytes(head: EntryHead, fill: (value: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(ENTRY).fill(0xff);
  bytes[0] = head.namespaceIndex;
  bytes[1] = head.type;
  bytes[2] = head.span;
  bytes[3] = head.chunk;
  bytes.fill(0, 8, 24);
  bytes.set(Buffer.from(head.key, 'latin1'), 8);
  fill(bytes.subarray(24));
  const covered = Buffer.concat([bytes.subarray(0, 4), bytes.subarray(8)]);
  writeU32(bytes, 4, espCrc32(covered));
  return bytes;
}

const describe = (data: Uint8Array) => (value: Uint8Array) => {
  writeU16(value, 0, data.length);
  writeU32(value, 4, espCrc32(data));
};

function writePrimitive(
  pages: PageWriter,
  head: Pick<EntryHead, 'namespaceIndex' | 'key'>,
  kind: keyof typeof PRIMITIVES,
  value: bigint | number,
): void {
  const { type, sizeBytes } = PRIMITIVES[kind];
  const integer = BigInt(value);
  const bits = BigInt(8 * sizeBytes);
  const [low, high] = kind.startsWith('i')
    ? [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n]
    : [0n, (1n << bits) - 1n];
  if (integer < low || integer > high) throw invalid(head.key, String(value), `not a ${kind}`);
  if (pages.freeEntries === 0) pages.openPage();
  const entry = entryBytes({ ...head, type, span: 1, chunk: NO_CHUNK }, (place) =>
    writeInteger(place, 0, integer, sizeBytes),
  );
  pages.write(entry, new Uint8Array(0));
}

function writeString(
  pages: PageWriter,
  head: Pick<EntryHead, 'namespaceIndex' | 'key'>,
  text: Uint8Array,
): void {
  const data = new Uint8Array(text.length + 1);
  data.set(text);
  if (data.length > NVS_STRING_MAX_BYTES) {
    throw new StationError('credential_too_large', {
      what: head.key,
      sizeBytes: data.length,
      limitBytes: NVS_STRING_MAX_BYTES,
    });
  }
  const span = 1 + Math.ceil(data.length / ENTRY);
  // The generator opens a new page already at an exact fit, so the last entry of a page is lost to strings.
  if (span >= pages.freeEntries) pages.openPage();
  pages.write(entryBytes({ ...head, type: NVS_TYPES.string, span, chunk: NO_CHUNK }, describe(data)), data);
  data.fill(0);
}

function writeBlob(
  pages: PageWriter,
  head: Pick<EntryHead, 'namespaceIndex' | 'key'>,
  data: Uint8Array,
): void {
  if (pages.freeEntries === 0) pages.openPage();
  let offset = 0;
  let chunks = 0;
  do {
    const roomBytes = (pages.freeEntries - 1) * ENTRY;
    const part = data.subarray(offset, offset + roomBytes);
    const span = 1 + Math.ceil(part.length / ENTRY);
    pages.write(entryBytes({ ...head, type: NVS_TYPES.blobData, span, chunk: chunks }, describe(part)), part);
    offset += part.length;
    chunks += 1;
    if (offset < data.length || roomBytes - part.length < ENTRY) pages.openPage();
  } while (offset < data.length);
  const index = entryBytes({ ...head, type: NVS_TYPES.blobIndex, span: 1, chunk: NO_CHUNK }, (place) => {
    writeU32(place, 0, data.length);
    place[4] = chunks;
    place[5] = 0;
  });
  pages.write(index, new Uint8Array(0));
}

/**
 * The image of a partition of `sizeBytes` (a multiple of 4096, at least 0x3000). Entries are written in the order given, each
 * namespace defined at its first use. Throws `value_invalid` (names, ranges, a key twice) and `credential_too_large`.
 */
export function buildNvsImage(entries: readonly NvsEntry[], sizeBytes: number): Uint8Array {
  if (sizeBytes % NVS_PAGE_SIZE_BYTES !== 0 || sizeBytes < NVS_MIN_PAGES * NVS_PAGE_SIZE_BYTES) {
    throw invalid('partition size', String(sizeBytes), 'a multiple of 4096, at least 12288');
  }
  const pages = new PageWriter(sizeBytes);
  const namespaces = new Map<string, number>();
  const keys = new Set<string>();
  for (const entry of entries) {
    checkName('namespace', entry.namespace);
    checkName('key', entry.key);
    const name = `${entry.namespace}\0${entry.key}`;
    if (keys.has(name)) throw invalid('key', entry.key, 'twice in one namespace');
    keys.add(name);
    let namespaceIndex = namespaces.get(entry.namespace);
    if (namespaceIndex === undefined) {
      namespaceIndex = namespaces.size + 1;
      namespaces.set(entry.namespace, namespaceIndex);
      writePrimitive(pages, { namespaceIndex: 0, key: entry.namespace }, 'u8', namespaceIndex);
    }
    const head = { namespaceIndex, key: entry.key };
    if (entry.kind === 'string') writeString(pages, head, entry.bytes);
    else if (entry.kind === 'blob') writeBlob(pages, head, entry.bytes);
    else writePrimitive(pages, head, entry.kind, entry.value);
  }
  return pages.image;
}
