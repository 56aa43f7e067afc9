// Users whose credential is a password: their names and what brokers check it by. The password is nowhere.

import { z } from 'zod';
import type { OrderId } from '../../domain/ids.ts';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import { jsonText, nullable, rowParser, timeMs } from '../rows/row.ts';

const verifiersSchema = z.strictObject({
  mosquitto: z.string(),
  vernemq: z.string(),
  emqx: z.strictObject({ hash: z.string(), salt: z.string() }),
  hivemq: z.string(),
  rabbitmq: z.string(),
  bcrypt: z.string().optional(),
});

export interface StoredPasswordUser {
  readonly username: string;
  readonly verifiers: z.output<typeof verifiersSchema>;
  readonly madeAtMs: number;
  readonly revokedAtMs: number | undefined;
}

const parseUser = rowParser(
  'password_user',
  'username',
  z.object({
    user_number: z.int(),
    username: z.string(),
    verifiers: jsonText(verifiersSchema),
    made_at_ms: timeMs,
    revoked_at_ms: nullable(timeMs),
  }),
);
const PAGE_SIZE = 1_000;

export function createPasswordStore(connection: Connection, audit: AuditLog, actor: () => string) {
  /** Adds users, or gives those that exist a new password, in one transaction. */
  function add(
    orderId: OrderId | undefined,
    added: readonly Pick<StoredPasswordUser, 'username' | 'verifiers'>[],
    atMs: number,
  ): void {
    connection.write('addPasswordUsers', { users: added.length }, () => {
      for (const { username, verifiers } of added) {
        connection.run(
          `INSERT INTO password_user (username, order_id, verifiers, made_at_ms)
           VALUES (@username, @orderId, @verifiers, @atMs)
           ON CONFLICT (username) DO UPDATE SET verifiers = @verifiers, made_at_ms = @atMs, revoked_at_ms = NULL`,
          { username, orderId, verifiers: JSON.stringify(verifiers), atMs },
        );
        audit.record({ act: 'password-made', actor: actor(), atMs, details: { username } });
      }
    });
  }

  /** `credential_unknown` for a name that nobody has, or has no longer. */
  function revoke(username: string, atMs: number): void {
    connection.write('revokePasswordUser', { username }, () => {
      const changed = connection.run(
        'UPDATE password_user SET revoked_at_ms = @atMs WHERE username = @username AND revoked_at_ms IS NULL',
        { username, atMs },
      );
      if (changed === 0) throw new StationError('credential_unknown', { username });
      audit.record({ act: 'password-revoked', actor: actor(), atMs, details: { username } });
    });
  }

  /** Users that may connect, in the order in which they were made, read page by page. */
  function* users(orderId?: OrderId): Generator<StoredPasswordUser, void, undefined> {
    let after = 0;
    for (;;) {
      const rows = connection
        .all(
          `SELECT user_number, username, verifiers, made_at_ms, revoked_at_ms FROM password_user
           WHERE user_number > @after AND revoked_at_ms IS NULL AND (@orderId IS NULL OR order_id = @orderId)
           ORDER BY user_number LIMIT ${PAGE_SIZE}`,
          { after, orderId },
        )
        .map(parseUser);
      for (const { user_number: _, made_at_ms: madeAtMs, revoked_at_ms: revokedAtMs, ...row } of rows) {
        yield { ...row, madeAtMs, revokedAtMs };
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE_SIZE) return;
      after = last.user_number;
    }
  }

  return { add, revoke, users };
}
