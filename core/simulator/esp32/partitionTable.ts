// The partition table that a simulated board was flashed with.

import { createHash } from 'node:crypto';

export interface PartitionRow {
  readonly name: string;
  readonly type: number;
  readonly subtype: number;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly encrypted?: boolean;
}

export const defaultPartitions: readonly PartitionRow[] = [
  { name: 'esp_secure_cert', type: 0x3f, subtype: 0x06, offset: 0xd000, sizeBytes: 0x2000, encrypted: true },
  { name: 'nvs', type: 0x01, subtype: 0x02, offset: 0x10000, sizeBytes: 0x6000 },
  { name: 'fctry', type: 0x01, subtype: 0x02, offset: 0x16000, sizeBytes: 0x4000 },
  { name: 'factory', type: 0x00, subtype: 0x00, offset: 0x20000, sizeBytes: 0x100000 },
];

/** The table as it stands in flash at 0x8000: rows, the digest row, erased flash. */
export function partitionTable(rows: readonly PartitionRow[]): Uint8Array {
  const entries = rows.map((row) => {
    const bytes = Buffer.alloc(32);
    bytes.set([0xaa, 0x50, row.type, row.subtype]);
    bytes.writeUInt32LE(row.offset, 4);
    bytes.writeUInt32LE(row.sizeBytes, 8);
    bytes.write(row.name, 12, 16, 'latin1');
    bytes.writeUInt32LE(row.encrypted === true ? 1 : 0, 28);
    return bytes;
  });
  const content = Buffer.concat(entries);
  const digest = createHash('md5').update(content).digest();
  return Buffer.concat([content, Buffer.from([0xeb, 0xeb]), Buffer.alloc(14, 0xff), digest]);
}
