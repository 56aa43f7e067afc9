// Lists of certificates that leave the station: what was revoked, and what was issued. Read page by page, since a million
// rows are not to be held in memory.

import { z } from 'zod';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../../domain/credential.ts';
import { type DeviceSerial, parseDeviceSerial } from '../../domain/device.ts';
import type { OrderId } from '../../domain/ids.ts';
import type { Connection, SqlParameters } from '../database/connection.ts';
import { certificateSerial } from '../rows/credentialRow.ts';
import { bytes, parsedBy, rowParser, timeMs } from '../rows/row.ts';

export interface RevokedRow {
  readonly certificateSerial: CertificateSerial;
  readonly revokedAtMs: number;
  readonly reason: RevocationReason;
}

export interface IssuedRow {
  readonly deviceSerial: DeviceSerial;
  readonly certificateDer: Uint8Array;
}

const key = { credential_number: z.int() };
const parseRevoked = rowParser(
  'credential',
  'credential_number',
  z.object({
    ...key,
    certificate_serial: certificateSerial,
    changed_at_ms: timeMs,
    reason: z.string().transform((text) => REVOCATION_REASONS.find((one) => one === text) ?? 'unspecified'),
  }),
);
const parseIssued = rowParser(
  'credential',
  'credential_number',
  z.object({ ...key, device_serial: parsedBy(parseDeviceSerial), certificate_der: bytes }),
);

const PAGE_SIZE = 1_000;

export function createCertificateLists(connection: Connection) {
  function* pages<Row extends { readonly credential_number: number }>(
    sql: string,
    parameters: SqlParameters,
    parse: (row: unknown) => Row,
  ): Generator<Row, void, undefined> {
    for (let after = 0; ; ) {
      const rows = connection
        .all(`${sql} AND credential_number > @after ORDER BY credential_number LIMIT ${PAGE_SIZE}`, {
          ...parameters,
          after,
        })
        .map(parse);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE_SIZE) return;
      after = last.credential_number;
    }
  }

  return {
    /** What was revoked of one issuing CA: those that hold its AuthorityKeyIdentifier extension. */
    *revokedOf(keyExtension: Uint8Array): Generator<RevokedRow, void, undefined> {
      const sql = `SELECT credential_number, certificate_serial, changed_at_ms, reason
        FROM credential INDEXED BY credential_revoked WHERE state = 'revoked' AND instr(certificate_der, @keyExtension) > 0`;
      for (const row of pages(sql, { keyExtension }, parseRevoked)) {
        yield {
          certificateSerial: row.certificate_serial,
          revokedAtMs: row.changed_at_ms,
          reason: row.reason,
        };
      }
    },
    /** The live device certificates, of one order or of all. The plus keeps SQLite from sorting a whole state for every page. */
    *issuedDevices(orderId?: OrderId): Generator<IssuedRow, void, undefined> {
      const sql = `SELECT credential_number, device_serial, certificate_der FROM credential
        WHERE device_serial IS NOT NULL AND +state IN ('issued', 'installed', 'verified', 'sealed')
          AND (@orderId IS NULL
            OR EXISTS (SELECT 1 FROM run WHERE run.run_id = credential.run_id AND run.order_id = @orderId)
            OR EXISTS (SELECT 1 FROM batch_block AS block
                 WHERE block.block_number = credential.batch_block AND block.order_id = @orderId))`;
      for (const row of pages(sql, { orderId }, parseIssued)) {
        yield { deviceSerial: row.device_serial, certificateDer: row.certificate_der };
      }
    },
  };
}
