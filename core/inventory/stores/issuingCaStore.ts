// What each issuing CA has promised to sign, and how much and how long it may: enforced in the transaction that would
// make the promise, before anything is signed.

import { z } from 'zod';
import type { Sha256Hex } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { branded, bytes, nullable, rowParser, timeMs } from '../rows/row.ts';

export interface IssuingCaRecord {
  readonly certificateSha256: Sha256Hex;
  /** Certificates signed, prepared, or reserved in a batch; what was voided does not count. */
  readonly used: number;
  readonly quota: number | undefined;
  /** Nothing is signed after this, though the CA's certificate may last longer. */
  readonly endsAtMs: number | undefined;
}

export interface IssuingCaLimits {
  readonly quota: number | undefined;
  readonly endsAtMs: number | undefined;
}

const parseRow = rowParser(
  'issuing_ca',
  'certificate_sha256',
  z
    .object({
      certificate_sha256: branded<Sha256Hex>(),
      key_extension: bytes,
      used: z.int(),
      quota: nullable(z.int()),
      ends_at_ms: nullable(timeMs),
    })
    .transform(
      (row): IssuingCaRecord => ({
        certificateSha256: row.certificate_sha256,
        used: row.used,
        quota: row.quota,
        endsAtMs: row.ends_at_ms,
      }),
    ),
);
const countRow = z.object({ count: z.int() });

export function createIssuingCaStore(connection: Connection, audit: AuditLog, actor: () => string) {
  const one = (row: unknown): IssuingCaRecord | undefined => (row === undefined ? undefined : parseRow(row));
  const byDigest = (sha256: Sha256Hex): IssuingCaRecord | undefined =>
    one(connection.get('SELECT * FROM issuing_ca WHERE certificate_sha256 = @sha256', { sha256 }));
  const ofContent = (toBeSigned: Uint8Array): IssuingCaRecord | undefined =>
    one(
      connection.get('SELECT * FROM issuing_ca WHERE instr(@toBeSigned, key_extension) > 0', { toBeSigned }),
    );

  const add = (sha256: Sha256Hex, count: number): void => {
    connection.run('UPDATE issuing_ca SET used = used + @count WHERE certificate_sha256 = @sha256', {
      sha256,
      count,
    });
  };

  /** How many more it may promise; throws `issuing_ca_ended`, `issuing_quota_reached` when that is none. */
  function left(ca: IssuingCaRecord, atMs: number): number {
    const { certificateSha256, used, quota, endsAtMs } = ca;
    if (endsAtMs !== undefined && atMs > endsAtMs) {
      throw new StationError('issuing_ca_ended', { certificateSha256, endsAtMs });
    }
    if (quota === undefined) return Number.POSITIVE_INFINITY;
    if (used >= quota) throw new StationError('issuing_quota_reached', { certificateSha256, quota });
    return quota - used;
  }

  return {
    all: (): readonly IssuingCaRecord[] =>
      connection.all('SELECT * FROM issuing_ca ORDER BY certificate_sha256').map(parseRow),
    byDigest,
    left,
    add,
    /** Takes one, inside the caller's transaction. A CA that nobody registered has no limits. */
    use(toBeSigned: Uint8Array, atMs: number): void {
      const ca = ofContent(toBeSigned);
      if (ca === undefined) return;
      left(ca, atMs);
      add(ca.certificateSha256, 1);
    },
    giveBack(toBeSigned: Uint8Array): void {
      const ca = ofContent(toBeSigned);
      if (ca !== undefined) add(ca.certificateSha256, -1);
    },
    /** Notes a CA, counting what it has signed before. Safe to repeat. */
    register(sha256: Sha256Hex, keyExtension: Uint8Array): void {
      if (byDigest(sha256) !== undefined) return;
      connection.write('registerIssuingCa', { sha256 }, () => {
        const { count } = countRow.parse(
          connection.get(
            `SELECT count(*) AS count FROM credential
             WHERE state <> 'voided' AND instr(coalesce(certificate_der, to_be_signed), @keyExtension) > 0`,
            { keyExtension },
          ),
        );
        connection.run(
          'INSERT INTO issuing_ca (certificate_sha256, key_extension, used) VALUES (@sha256, @keyExtension, @count)',
          { sha256, keyExtension, count },
        );
      });
    },
    /** Sets quota and end; undefined lifts a limit. A quota may lie below what is used: then nothing more is signed. */
    limit(sha256: Sha256Hex, limits: IssuingCaLimits, atMs: number): void {
      connection.write('limitIssuingCa', { sha256 }, () => {
        const changed = connection.run(
          'UPDATE issuing_ca SET quota = @quota, ends_at_ms = @endsAtMs WHERE certificate_sha256 = @sha256',
          { sha256, ...limits },
        );
        if (changed === 0) throw new StationError('issuing_ca_unknown', { name: sha256 });
        const details = { sha256, quota: limits.quota ?? null, endsAtMs: limits.endsAtMs ?? null };
        audit.record({ act: 'issuing-ca-limited', actor: actor(), atMs, details });
      });
    },
  };
}

export type IssuingCaStore = ReturnType<typeof createIssuingCaStore>;
