// Checks what must always be true of an inventory, after a simulated failure and on demand (`keyline doctor`). It trusts
// nothing that enforces these rules: triggers may have been dropped and rows edited.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { StationId } from '../domain/ids.ts';
import type { AuditLog } from './audit/auditLog.ts';
import type { Connection } from './database/connection.ts';
import { NAMES_PER_PAGE } from './database/migrations/150-device-list-filters.ts';
import { NAME_LINES_SQL } from './database/migrations/170-device-groups.ts';
import { expectedSchema, SCHEMA_SQL } from './database/openDatabase.ts';

export type ViolationKind =
  | 'file-damaged'
  | 'schema-changed'
  | 'reference-broken'
  | 'certificate-serial-twice'
  | 'signed-without-prepared'
  | 'certificate-differs'
  | 'two-live-credentials'
  | 'state-without-steps'
  | 'device-state-differs'
  | 'device-names-differ'
  | 'device-group-differs'
  | 'order-count-differs'
  | 'order-overfilled'
  | 'order-left-open'
  | 'passed-unverified'
  | 'batch-count-differs'
  | 'password-differs'
  | 'audit-entry-missing'
  | 'audit-broken'
  | 'run-open'
  | 'credential-unfinished';

export interface Violation {
  readonly kind: ViolationKind;
  /** Which record: an id, a serial, a sequence number. */
  readonly id: string;
  readonly detail: string;
}

const LIVE = "('issued', 'installed', 'verified', 'sealed')";

const auditEntryMissing = (act: string, idName: string, idsSql: string): string =>
  `SELECT id, '${act}' AS detail FROM (${idsSql}) WHERE id NOT IN (
     SELECT json_extract(details, '$.${idName}') FROM audit
     WHERE act = '${act}' AND json_extract(details, '$.${idName}') IS NOT NULL
   )`;

/** Each query returns the offending records as `id` and `detail`. */
const ALWAYS: readonly (readonly [ViolationKind, string])[] = [
  [
    'certificate-serial-twice',
    'SELECT certificate_serial AS id, count(*) AS detail FROM credential GROUP BY lower(certificate_serial) HAVING count(*) > 1',
  ],
  [
    'certificate-serial-twice',
    `SELECT value AS id, 'intended again' AS detail FROM batch_intent, json_each(batch_intent.certificate_serials)
     WHERE EXISTS (SELECT 1 FROM credential WHERE certificate_serial = value)`,
  ],
  [
    'signed-without-prepared',
    `SELECT credential_id AS id, state AS detail FROM credential
     WHERE (certificate_der IS NOT NULL OR state IN ('issued', 'installed', 'verified', 'sealed', 'revoked'))
       AND (certificate_der IS NULL OR batch_block IS NULL AND (
         to_be_signed IS NULL OR instr(certificate_der, to_be_signed) = 0 OR NOT EXISTS (
         SELECT 1 FROM credential_step AS step WHERE step.credential_id = credential.credential_id AND step.state = 'prepared'
       )))`,
  ],
  [
    'two-live-credentials',
    `SELECT device_serial AS id, group_concat(credential_id) AS detail FROM credential
     WHERE device_serial IS NOT NULL AND state IN ${LIVE} GROUP BY lower(device_serial) HAVING count(*) > 1`,
  ],
  [
    'state-without-steps',
    `SELECT credential_id AS id, state AS detail FROM credential WHERE state IS NOT coalesce((
       SELECT step.state FROM credential_step AS step WHERE step.credential_id = credential.credential_id
       ORDER BY CASE step.state WHEN 'reserved' THEN 0 WHEN 'prepared' THEN 1 WHEN 'issued' THEN 2
         WHEN 'installed' THEN 3 WHEN 'verified' THEN 4 WHEN 'sealed' THEN 5 ELSE 6 END DESC LIMIT 1
     ), iif(batch_block IS NULL, NULL, 'issued'))`,
  ],
  [
    'device-state-differs',
    `SELECT device_serial AS id, credential_state AS detail FROM device WHERE credential_state IS NOT (
       SELECT state FROM credential WHERE credential.device_serial = device.device_serial
       ORDER BY state IN ${LIVE} DESC, credential_number DESC LIMIT 1
     )`,
  ],
  [
    'device-names-differ',
    `SELECT page AS id, names AS detail FROM device_name_page WHERE names IS NOT (
       SELECT ${NAME_LINES_SQL} FROM device
       WHERE device_number >= page * ${NAMES_PER_PAGE} AND device_number < (page + 1) * ${NAMES_PER_PAGE}
     )
     UNION ALL SELECT DISTINCT device_number / ${NAMES_PER_PAGE}, NULL FROM device
       WHERE device_number / ${NAMES_PER_PAGE} NOT IN (SELECT page FROM device_name_page)`,
  ],
  [
    'device-group-differs',
    `SELECT device_serial AS id, group_number AS detail FROM device LEFT JOIN device_group AS joined USING (group_number)
     WHERE (joined.credential_state, joined.target_name, joined.order_number) IS NOT
       (coalesce(device.credential_state, 'none'), device.target_name, coalesce(device.order_number, 0))`,
  ],
  [
    'device-group-differs',
    `SELECT group_number AS id, devices AS detail FROM device_group WHERE devices <> (
       SELECT count(*) FROM device WHERE device.group_number = device_group.group_number
     )`,
  ],
  [
    'order-count-differs',
    `SELECT order_id AS id, passed_devices AS detail FROM work_order WHERE passed_devices <> (
       SELECT count(DISTINCT device_serial) FROM run WHERE run.order_id = work_order.order_id AND outcome = 'pass'
     )`,
  ],
  [
    'order-overfilled',
    'SELECT order_id AS id, passed_devices AS detail FROM work_order WHERE passed_devices > quantity',
  ],
  [
    'order-left-open',
    `SELECT order_id AS id, passed_devices AS detail FROM work_order
     WHERE closed_at_ms IS NULL AND passed_devices >= quantity`,
  ],
  [
    'passed-unverified',
    `SELECT run.run_id AS id, credential.state AS detail FROM run
     JOIN credential ON credential.credential_number = (
       SELECT max(credential_number) FROM credential AS made WHERE made.run_id = run.run_id
     )
     WHERE outcome = 'pass' AND NOT EXISTS (
       SELECT 1 FROM credential_step AS step WHERE step.credential_id = credential.credential_id AND step.state = 'verified'
     )`,
  ],
  ...(['issued', 'voided', 'revoked'] as const).map(
    (state) =>
      [
        'audit-entry-missing',
        auditEntryMissing(
          `credential-${state}`,
          'credentialId',
          `SELECT credential_id AS id FROM credential_step WHERE state = '${state}'`,
        ),
      ] as const,
  ),
  [
    'audit-entry-missing',
    auditEntryMissing('run-closed', 'runId', 'SELECT run_id AS id FROM run WHERE outcome IS NOT NULL'),
  ],
  [
    'audit-entry-missing',
    auditEntryMissing('batch-issued', 'blockNumber', 'SELECT block_number AS id FROM batch_block'),
  ],
  [
    'batch-count-differs',
    `SELECT block_number AS id, certificates AS detail FROM batch_block AS block WHERE certificates <> (
       SELECT count(*) FROM credential WHERE credential.batch_block = block.block_number
     )`,
  ],
  [
    'batch-count-differs',
    `SELECT order_id AS id, issued AS detail FROM batch WHERE issued <> (
       SELECT coalesce(sum(certificates), 0) FROM batch_block AS block WHERE block.order_id = batch.order_id
     )`,
  ],
  [
    'password-differs',
    `SELECT username AS id, device_serial AS detail FROM password_user JOIN credential USING (credential_id)
     WHERE device_serial IS NOT username COLLATE BINARY`,
  ],
  [
    'audit-entry-missing',
    auditEntryMissing('order-created', 'orderId', 'SELECT order_id AS id FROM work_order'),
  ],
];

/** True once recovery has settled what a power cut left behind. */
const SETTLED: readonly (readonly [ViolationKind, string])[] = [
  ['run-open', 'SELECT run_id AS id, device_serial AS detail FROM run WHERE closed_at_ms IS NULL'],
  [
    'credential-unfinished',
    `SELECT credential_id AS id, state AS detail FROM credential
     WHERE state IN ('reserved', 'prepared', 'issued', 'installed') AND batch_block IS NULL`,
  ],
];

const offender = z.object({
  id: z.union([z.string(), z.number()]),
  detail: z.union([z.string(), z.number(), z.null()]),
});
const signedRow = z.object({
  credential_id: z.string(),
  certificate_der: z.instanceof(Uint8Array),
  certificate_sha256: z.string(),
});

/** SQLite's own checks; they name no record of ours. */
function checkFile(connection: Connection): readonly Violation[] {
  const damaged = connection
    .all('PRAGMA integrity_check(20)')
    .map((row) => z.object({ integrity_check: z.string() }).parse(row).integrity_check)
    .filter((problem) => problem !== 'ok')
    .map((detail): Violation => ({ kind: 'file-damaged', id: connection.path, detail }));
  const broken = connection
    .all('SELECT "table" AS id, "parent" AS detail FROM pragma_foreign_key_check')
    .map((row): Violation => toViolation('reference-broken', row));
  const changed =
    JSON.stringify(connection.all(SCHEMA_SQL)) === JSON.stringify(expectedSchema())
      ? []
      : [{ kind: 'schema-changed', id: connection.path, detail: 'not what the migrations made' } as const];
  return [...damaged, ...broken, ...changed];
}

function toViolation(kind: ViolationKind, row: unknown): Violation {
  const { id, detail } = offender.parse(row);
  return { kind, id: String(id), detail: String(detail) };
}

function checkCertificates(connection: Connection): readonly Violation[] {
  const violations: Violation[] = [];
  for (const row of connection.each(
    'SELECT credential_id, certificate_der, certificate_sha256 FROM credential WHERE certificate_der IS NOT NULL',
  )) {
    const signed = signedRow.safeParse(row);
    const digest = signed.success && createHash('sha256').update(signed.data.certificate_der).digest('hex');
    if (!signed.success || digest !== signed.data.certificate_sha256) {
      violations.push({
        kind: 'certificate-differs',
        id: signed.success ? signed.data.credential_id : 'unreadable',
        detail: 'not the bytes that were issued',
      });
    }
  }
  return violations;
}

/**
 * Everything that is wrong, or nothing. With `settled`, runs that are open and credentials that are unfinished count as
 * wrong too: so it must be after recovery and with no run in progress. Takes seconds on a large inventory.
 */
export function checkInvariants(
  connection: Connection,
  audit: AuditLog,
  stationId: StationId,
  options: { readonly settled?: boolean } = {},
): readonly Violation[] {
  return connection.read(() => {
    const verdict = audit.verifyAudit(stationId);
    return [
      ...checkFile(connection),
      ...[...ALWAYS, ...(options.settled === true ? SETTLED : [])].flatMap(([kind, sql]) =>
        connection.all(sql).map((row) => toViolation(kind, row)),
      ),
      ...checkCertificates(connection),
      ...(verdict.intact
        ? []
        : [{ kind: 'audit-broken', id: String(verdict.firstBrokenSequence), detail: verdict.why } as const]),
    ];
  });
}
