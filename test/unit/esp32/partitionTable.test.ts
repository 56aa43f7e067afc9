import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { StationError } from '../../../core/domain/stationError.ts';
import { findPartition, readPartitionTable } from '../../../core/link/esp32/image/partitionTable.ts';

/** A table as ESP-IDF's tool lays it out: 32-byte rows, then the digest row, then erased flash. */
function table(rows: readonly (readonly [string, number, number, number, number, number])[]): Buffer {
  const bytes = Buffer.alloc(0xc00, 0xff);
  rows.forEach(([name, type, subtype, offset, size, flags], index) => {
    const row = bytes.subarray(32 * index, 32 * index + 32).fill(0);
    row.writeUInt16BE(0xaa50, 0);
    row.set([type, subtype], 2);
    row.writeUInt32LE(offset, 4);
    row.writeUInt32LE(size, 8);
    row.write(name, 12, 'latin1');
    row.writeUInt32LE(flags, 28);
  });
  const end = 32 * rows.length;
  bytes.writeUInt16BE(0xebeb, end);
  createHash('md5')
    .update(bytes.subarray(0, end))
    .digest()
    .copy(bytes, end + 16);
  return bytes;
}

const rows = [
  ['nvs', 1, 2, 0x10000, 0x6000, 0],
  ['esp_secure_cert', 0x3f, 6, 0xd000, 0x2000, 1],
  ['sixteen_letters_', 0, 0, 0x20000, 0x100000, 0],
] as const;

const reasonOf = (bytes: Uint8Array): unknown => {
  try {
    readPartitionTable(bytes);
  } catch (error) {
    if (error instanceof StationError) return error.details.reason;
    throw error;
  }
  return undefined;
};

describe('partition table', () => {
  it('reads rows, names of full length and flags', () => {
    const partitions = readPartitionTable(table(rows));
    expect(partitions.map((row) => [row.name, row.type, row.offset, row.sizeBytes, row.encrypted])).toEqual([
      ['nvs', 1, 0x10000, 0x6000, false],
      ['esp_secure_cert', 0x3f, 0xd000, 0x2000, true],
      ['sixteen_letters_', 0, 0x20000, 0x100000, false],
    ]);
    expect(findPartition(partitions, 'esp_secure_cert', 0x3f).offset).toBe(0xd000);
  });

  it('says which partitions there are when the wanted one is missing', () => {
    const partitions = readPartitionTable(table(rows));
    expect(() => findPartition(partitions, 'fctry')).toThrow(/nvs, esp_secure_cert/);
    expect(() => findPartition(partitions, 'nvs', 0x3f)).toThrow(StationError);
  });

  it('tells erased, encrypted and damaged flash apart', () => {
    const damaged = table(rows);
    damaged[37] = 0;
    const torn = table(rows);
    torn[64] = 0x12;
    expect(reasonOf(Buffer.alloc(0xc00, 0xff))).toBe('empty');
    expect(reasonOf(createHash('sha512').update('ciphertext').digest())).toBe('unreadable');
    expect(reasonOf(damaged)).toBe('digest');
    expect(reasonOf(torn)).toBe('entry');
  });
});
