// Users whose credential is a password: their names and what brokers check it by. The password is nowhere.

import type { CredentialId, OrderId } from '../../domain/ids.ts';
import type { PasswordUser } from '../../domain/password.ts';
import { StationError } from '../../domain/stationError.ts';
import type { AuditLog } from '../audit/auditLog.ts';
import type { Connection } from '../database/connection.ts';
import {
  parsePasswordHolder,
  parsePasswordUserRow,
  type StoredPasswordUser,
} from '../rows/passwordUserRow.ts';

const PAGE_SIZE = 1_000;

/** A password of a run counts from the moment its device was seen to hold it, until its credential is revoked. */
const MAY_CONNECT = "revoked_at_ms IS NULL AND (credential_id IS NULL OR state IN ('verified', 'sealed'))";

interface Origin {
  readonly orderId: OrderId | undefined;
  /** The credential of the run that gives it to a device; undefined: made for a label. */
  readonly credentialId: CredentialId | undefined;
  readonly by: string;
  readonly atMs: number;
}

export function createPasswordStore(connection: Connection, audit: AuditLog, actor: () => string) {
  /** Adds a user, or gives one that exists a new password, inside the caller's transaction. */
  function put({ username, verifiers }: PasswordUser, { orderId, credentialId, by, atMs }: Origin): void {
    connection.run(
      `INSERT INTO password_user (username, order_id, verifiers, made_at_ms, credential_id)
       VALUES (@username, @orderId, @verifiers, @atMs, @credentialId)
       ON CONFLICT (username) DO UPDATE SET username = @username, order_id = coalesce(@orderId, order_id),
         verifiers = @verifiers, made_at_ms = @atMs, revoked_at_ms = NULL, credential_id = @credentialId`,
      { username, orderId, credentialId, verifiers: JSON.stringify(verifiers), atMs },
    );
    const details = { username, ...(credentialId === undefined ? {} : { credentialId }) };
    audit.record({ act: 'password-made', actor: by, atMs, details });
  }

  /**
   * Adds users, or gives those that exist a new password, in one transaction. `password_taken` for a device that holds its own:
   * what was printed would not be what it says.
   */
  function add(orderId: OrderId | undefined, added: readonly PasswordUser[], atMs: number): void {
    connection.write('addPasswordUsers', { users: added.length }, () => {
      for (const user of added) {
        if (holder(user.username) === 'device') {
          throw new StationError('password_taken', { username: user.username, reason: 'in-the-device' });
        }
        put(user, { orderId, credentialId: undefined, by: actor(), atMs });
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
      if (changed === 0) throw new StationError('credential_unknown', { username, meaning: 'no-password' });
      audit.record({ act: 'password-revoked', actor: actor(), atMs, details: { username } });
    });
  }

  /** A device whose next credential comes without a run keeps its password; inside the caller's transaction. */
  function handOver(from: CredentialId, to: CredentialId): void {
    connection.run('UPDATE password_user SET credential_id = @to WHERE credential_id = @from', { from, to });
  }

  /** Who holds a user's password; undefined where it is withdrawn, or there never was one. */
  function holder(username: string): 'label' | 'device' | undefined {
    const row = connection.get(
      `SELECT username, state FROM password_user LEFT JOIN credential USING (credential_id)
       WHERE username = @username AND revoked_at_ms IS NULL`,
      { username },
    );
    return row === undefined ? undefined : parsePasswordHolder(row);
  }

  /** Users that may connect, in the order in which they were made, read page by page. */
  function* users(orderId?: OrderId): Generator<StoredPasswordUser, void, undefined> {
    let after = 0;
    for (;;) {
      const rows = connection
        .all(
          `SELECT user_number, username, verifiers, made_at_ms, credential_id
           FROM password_user LEFT JOIN credential USING (credential_id)
           WHERE user_number > @after AND ${MAY_CONNECT} AND (@orderId IS NULL OR order_id = @orderId)
           ORDER BY user_number LIMIT ${PAGE_SIZE}`,
          { after, orderId },
        )
        .map(parsePasswordUserRow);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE_SIZE) return;
      after = last.userNumber;
    }
  }

  return { put, add, revoke, handOver, holder, users };
}

export type PasswordStore = ReturnType<typeof createPasswordStore>;
