// Reading an NVS partition as firmware would: every page's header, every entry that its bitmap calls written, every
// checksum. Integers are skipped; a credential has none.

import { StationError } from '../../../domain/stationError.ts';
import { espCrc32 } from './crc32.ts';
import { readU16, readU32 } from './littleEndian.ts';
import {
  NVS_BITMAP_OFFSET,
  NVS_ENTRIES_PER_PAGE,
  NVS_ENTRY_SIZE_BYTES,
  NVS_FIRST_ENTRY_OFFSET,
  NVS_PAGE_SIZE_BYTES,
  NVS_PAGE_STATES,
  NVS_TYPES,
  NVS_VERSION_2,
} from './nvsImage.ts';

export interface NvsData {
  readonly namespace: string;
  readonly key: string;
  /** As stored: a string with its NUL, a blob put together from its chunks. */
  readonly data: Uint8Array;
}

interface Entry {
  readonly namespaceIndex: number;
  readonly type: number;
  readonly chunk: number;
  readonly key: string;
  /** The eight bytes that mean something else in each type. */
  readonly value: Uint8Array;
  /** What stands in the entries after the first. */
  readonly data: Uint8Array;
}

const CHUNKED_OR_TEXT: readonly number[] = [NVS_TYPES.string, NVS_TYPES.blobData];
const WRITTEN = 0b10;

/** Strings and blobs in the order stored. Throws `device_answer_invalid` for what no firmware would accept. */
export function readNvsImage(bytes: Uint8Array): readonly NvsData[] {
  const entries: Entry[] = [];
  for (let at = 0; at + NVS_PAGE_SIZE_BYTES <= bytes.length; at += NVS_PAGE_SIZE_BYTES) {
    entries.push(...readPage(bytes.subarray(at, at + NVS_PAGE_SIZE_BYTES), at));
  }
  const namespaces = new Map(
    entries
      .filter(({ namespaceIndex, type }) => namespaceIndex === 0 && type === NVS_TYPES.u8)
      .map(({ key, value }) => [value[0] ?? 0, key]),
  );
  const chunks = new Map<string, Entry>();
  for (const entry of entries) {
    const name = chunkName(entry, entry.chunk);
    if (entry.type === NVS_TYPES.blobData && !chunks.has(name)) chunks.set(name, entry);
  }
  let sizeBytes = 0;
  return entries.flatMap((entry): readonly NvsData[] => {
    if (entry.type !== NVS_TYPES.string && entry.type !== NVS_TYPES.blobIndex) return [];
    const namespace = namespaces.get(entry.namespaceIndex);
    if (namespace === undefined) throw invalid(entry.key, 'a namespace that is not defined');
    const data = entry.type === NVS_TYPES.string ? entry.data : joinBlob(entry, chunks);
    // Each chunk belongs to one blob; many indexes of the same chunks would make much of a little.
    sizeBytes += data.length;
    if (sizeBytes > bytes.length) throw invalid(entry.key, 'more data than the partition has');
    return [{ namespace, key: entry.key, data }];
  });
}

function readPage(page: Uint8Array, offset: number): readonly Entry[] {
  const state = readU32(page, 0);
  if (page.every((byte) => byte === 0xff)) return [];
  if (state !== NVS_PAGE_STATES.active && state !== NVS_PAGE_STATES.full) throw invalid(offset, 'page state');
  if (page[8] !== NVS_VERSION_2) throw invalid(offset, 'version');
  if (espCrc32(page.subarray(4, 28)) !== readU32(page, 28)) throw invalid(offset, 'page checksum');
  const entries: Entry[] = [];
  let index = 0;
  while (index < NVS_ENTRIES_PER_PAGE) {
    const states = page[NVS_BITMAP_OFFSET + (index >> 2)] ?? 0;
    if (((states >> ((index & 3) * 2)) & 0b11) !== WRITTEN) {
      index += 1;
      continue;
    }
    const at = NVS_FIRST_ENTRY_OFFSET + index * NVS_ENTRY_SIZE_BYTES;
    const span = page[at + 2] ?? 0;
    if (span < 1 || index + span > NVS_ENTRIES_PER_PAGE) throw invalid(offset + at, 'runs past the page');
    entries.push(readEntry(page.subarray(at, at + span * NVS_ENTRY_SIZE_BYTES), offset + at));
    index += span;
  }
  return entries;
}

function readEntry(bytes: Uint8Array, offset: number): Entry {
  const head = bytes.subarray(0, NVS_ENTRY_SIZE_BYTES);
  const covered = Buffer.concat([head.subarray(0, 4), head.subarray(8)]);
  if (espCrc32(covered) !== readU32(head, 4)) throw invalid(offset, 'entry checksum');
  const [namespaceIndex = 0, type = 0, , chunk = 0] = head;
  const name = Buffer.from(head.subarray(8, 24)).toString('latin1');
  const key = name.slice(0, Math.max(0, name.indexOf('\0')));
  const value = head.subarray(24);
  const follows = bytes.subarray(NVS_ENTRY_SIZE_BYTES);
  if (!CHUNKED_OR_TEXT.includes(type)) return { namespaceIndex, type, chunk, key, value, data: follows };
  const sizeBytes = readU16(value, 0);
  if (sizeBytes > follows.length) throw invalid(offset, 'longer than its entries');
  const data = follows.slice(0, sizeBytes);
  if (espCrc32(data) !== readU32(value, 4)) throw invalid(offset, 'data checksum');
  return { namespaceIndex, type, chunk, key, value, data };
}

/** What tells a chunk from all others. */
const chunkName = ({ namespaceIndex, key }: Entry, chunk: number): string =>
  `${namespaceIndex} ${chunk} ${key}`;

/** The chunks that an index names, in their order. */
function joinBlob(index: Entry, chunks: ReadonlyMap<string, Entry>): Uint8Array {
  const [count = 0, first = 0] = index.value.subarray(4);
  const parts = Array.from({ length: count }, (_, number) => {
    const chunk = chunks.get(chunkName(index, first + number));
    if (chunk === undefined) throw invalid(index.key, 'a chunk is missing');
    return chunk.data;
  });
  const whole = Uint8Array.from(Buffer.concat(parts));
  if (whole.length !== readU32(index.value, 0)) throw invalid(index.key, 'blob size');
  return whole;
}

const invalid = (place: number | string, reason: string): StationError =>
  new StationError('device_answer_invalid', { what: 'NVS entry', place, reason });
