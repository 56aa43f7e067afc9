// The partition table in an ESP32's flash: where the credential partition really lies on the board at hand.

import { createHash } from 'node:crypto';
import { quoteForDisplay } from '../../../domain/device.ts';
import { StationError } from '../../../domain/stationError.ts';
import { readU32 } from './littleEndian.ts';

export const PARTITION_TABLE = { offset: 0x8000, sizeBytes: 0xc00 } as const;

export interface Partition {
  readonly name: string;
  readonly type: number;
  readonly subtype: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Bit 0 of the flags: the flash controller encrypts it when flash encryption is on. */
  readonly encrypted: boolean;
}

const ENTRY_SIZE_BYTES = 32;
const ENTRY_MAGIC = [0xaa, 0x50];
const DIGEST_MAGIC = [0xeb, 0xeb];
const DIGEST_OFFSET = 16;
const NAME_OFFSET = 12;
const NAME_SIZE_BYTES = 16;
const ERASED = 0xff;
/** A sector of flash is the least that can be erased; a partition for credentials has a few of them. */
const SECTOR_SIZE_BYTES = 0x1000;
const CREDENTIALS_MAX_SIZE_BYTES = 0x10_0000;

/** A StationError of `device_answer_invalid` that tells an empty or encrypted flash from a broken table. */
const invalid = (offset: number, reason: string): StationError =>
  new StationError('device_answer_invalid', { what: 'partition table', offset, reason });

/**
 * Reads the table as it stands in flash at 0x8000. Throws `device_answer_invalid` with `reason` `empty` (erased flash),
 * `unreadable` (no entry: flash encryption, or not a table), `digest` or `entry`.
 */
export function readPartitionTable(bytes: Uint8Array): readonly Partition[] {
  const partitions: Partition[] = [];
  for (let offset = 0; offset + ENTRY_SIZE_BYTES <= bytes.length; offset += ENTRY_SIZE_BYTES) {
    const entry = bytes.subarray(offset, offset + ENTRY_SIZE_BYTES);
    if (startsWith(entry, ENTRY_MAGIC)) {
      partitions.push(readEntry(entry));
    } else if (startsWith(entry, DIGEST_MAGIC)) {
      const digest = createHash('md5').update(bytes.subarray(0, offset)).digest();
      if (!digest.equals(entry.subarray(DIGEST_OFFSET))) throw invalid(offset, 'digest');
    } else if (entry.every((byte) => byte === ERASED)) {
      if (offset === 0) throw invalid(offset, 'empty');
      return partitions;
    } else {
      throw invalid(offset, offset === 0 ? 'unreadable' : 'entry');
    }
  }
  return partitions;
}

const startsWith = (entry: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, index) => entry[index] === byte);

function readEntry(entry: Uint8Array): Partition {
  const name = entry.subarray(NAME_OFFSET, NAME_OFFSET + NAME_SIZE_BYTES);
  const end = name.indexOf(0);
  return {
    name: Buffer.from(end < 0 ? name : name.subarray(0, end)).toString('latin1'),
    type: entry[2] ?? 0,
    subtype: entry[3] ?? 0,
    offset: readU32(entry, 4),
    sizeBytes: readU32(entry, 8),
    encrypted: (readU32(entry, 28) & 1) === 1,
  };
}

/**
 * The partition of that name and, where given, type; `capability_missing` with what there is when it is not there. It is read,
 * kept in memory and written whole, so its size is not believed where no credential partition has it (`device_answer_invalid`).
 */
export function findPartition(partitions: readonly Partition[], name: string, type?: number): Partition {
  const found = partitions.find(
    (entry) => entry.name === name && (type === undefined || entry.type === type),
  );
  if (found === undefined) {
    throw new StationError('capability_missing', {
      capability: `partition ${name}`,
      present: partitions.map((entry) => quoteForDisplay(entry.name)).join(', '),
    });
  }
  const { offset, sizeBytes } = found;
  if (sizeBytes === 0 || sizeBytes > CREDENTIALS_MAX_SIZE_BYTES || sizeBytes % SECTOR_SIZE_BYTES !== 0) {
    throw invalid(offset, 'size');
  }
  return found;
}
