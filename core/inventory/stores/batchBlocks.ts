// A block of issued credentials, written row by row in their final form by one statement. A call per row would cost more
// than the row: so texts travel as one JSON array and certificates as one run of octets, each in as much room as the largest
// takes, and SQLite cuts them apart.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import type { DeviceSerial } from '../../domain/device.ts';
import type { CredentialId, OrderId, Sha256Hex } from '../../domain/ids.ts';
import type { Connection } from '../database/connection.ts';
import type { DeviceStore } from './deviceStore.ts';

/** What is recorded of an issued certificate. */
export interface BatchCertificateRecord {
  readonly deviceSerial: DeviceSerial;
  readonly certificateSerial: CertificateSerial;
  readonly certificateDer: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly certificateSha256: Sha256Hex;
  readonly publicKeySha256: Sha256Hex;
}

/** What all credentials of a block have in common. */
export interface BlockFacts {
  readonly orderId: OrderId;
  /** Each credential's id is this and its place in the block: so a block's rows stand together in the index of ids. */
  readonly idPrefix: CredentialId;
  readonly targetName: string;
  readonly profileName: string;
  readonly profileVersion: number;
  readonly atMs: number;
}

/** SQL for the fields of one text: fixed widths in this order, then the device serial. SQL counts from 1. */
const WIDTHS = { serial: 40, publicKey: 64, certificate: 64, size: 6 } as const;
const FIELDS = fieldsOf(WIDTHS);

function fieldsOf<Name extends string>(
  widths: Readonly<Record<Name, number>>,
): Readonly<Record<Name | 'rest', string>> {
  const fields: Record<string, string> = {};
  let from = 1;
  for (const [name, width] of Object.entries<number>(widths)) {
    fields[name] = `substr(value, ${from}, ${width})`;
    from += width;
  }
  fields.rest = `substr(value, ${from})`;
  return fields as Record<Name | 'rest', string>;
}

const INSERT_SQL = `
  INSERT INTO credential (credential_id, holder_kind, device_serial, certificate_serial, state, profile_name,
    profile_version, custody, public_key_sha256, not_before_ms, not_after_ms, certificate_der, certificate_sha256,
    reserved_at_ms, changed_at_ms, batch_block)
  SELECT printf('%s-%04d', @idPrefix, @first + key), 'device', ${FIELDS.rest}, ${FIELDS.serial}, 'issued', @profileName,
    @profileVersion, 'file', ${FIELDS.publicKey}, @notBeforeMs, @notAfterMs,
    substr(@certificates, key * @room + 1, CAST(${FIELDS.size} AS INTEGER)), ${FIELDS.certificate},
    @atMs, @atMs, @block
  FROM json_each(@rows)`;

const nextBlock = z.object({ next: z.int() });

type Certificates = readonly [BatchCertificateRecord, ...BatchCertificateRecord[]];

/** Neighbours that are valid for the same time stand together: nearly always all of them. */
function byValidity(made: readonly BatchCertificateRecord[]): readonly Certificates[] {
  const groups: [BatchCertificateRecord, ...BatchCertificateRecord[]][] = [];
  for (const one of made) {
    const group = groups.at(-1);
    const same = group?.[0].notBeforeMs === one.notBeforeMs && group[0].notAfterMs === one.notAfterMs;
    if (same) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

export function createBatchBlocks(connection: Connection, devices: DeviceStore) {
  /** Used again for every block. */
  let packed = Buffer.alloc(0);

  /** All certificates, each in `room` octets. */
  function pack(made: Certificates, room: number): Uint8Array {
    const sizeBytes = made.length * room;
    if (packed.length < sizeBytes) packed = Buffer.alloc(sizeBytes);
    for (const [index, { certificateDer }] of made.entries()) packed.set(certificateDer, index * room);
    return packed.subarray(0, sizeBytes);
  }

  function insertCredentials(
    block: number,
    first: number,
    { orderId, idPrefix, targetName, profileName, profileVersion, atMs }: BlockFacts,
    made: Certificates,
  ): void {
    const [{ notBeforeMs, notAfterMs }] = made;
    devices.recordBatchIssued(
      made.map((one) => one.deviceSerial),
      { orderId, targetName, atMs, notAfterMs },
    );
    const room = made.reduce((most, one) => Math.max(most, one.certificateDer.length), 0);
    const rows = made.map((one) => {
      const size = String(one.certificateDer.length).padStart(WIDTHS.size, '0');
      return `${one.certificateSerial}${one.publicKeySha256}${one.certificateSha256}${size}${one.deviceSerial}`;
    });
    connection.run(INSERT_SQL, {
      ...{ block, first, idPrefix, profileName, profileVersion, atMs, notBeforeMs, notAfterMs },
      ...{ rows: JSON.stringify(rows), certificates: pack(made, room), room },
    });
  }

  return {
    /** Writes the block inside the caller's transaction; returns its number and its digest. */
    insert(facts: BlockFacts, made: readonly BatchCertificateRecord[]) {
      const groups = byValidity(made);
      const { next: block } = nextBlock.parse(
        connection.get('SELECT coalesce(max(block_number), 0) + 1 AS next FROM batch_block'),
      );
      const digests = made.map((one) => one.certificateSha256).join('');
      const digest = createHash('sha256').update(digests).digest('hex');
      const { orderId, atMs } = facts;
      connection.run('INSERT INTO batch_block VALUES (@block, @orderId, @certificates, @digest, @atMs)', {
        ...{ block, orderId, digest, atMs },
        certificates: made.length,
      });
      let first = 0;
      for (const group of groups) {
        insertCredentials(block, first, facts, group);
        first += group.length;
      }
      return { block, digest };
    },
  };
}
