// Passwords that runs give to devices: what an order asks for, and which credential a user's password belongs to. The password of a
// run needs no state of its own: it may be used while its credential is verified, and dies with it.

import type { Migration } from './migration.ts';

export const installedPasswords: Migration = {
  version: 140,
  name: 'installed-passwords',
  sql: `
    CREATE TABLE work_order_password (
      order_id TEXT NOT NULL PRIMARY KEY REFERENCES work_order (order_id),
      alphabet TEXT NOT NULL,
      length INTEGER NOT NULL CHECK (length BETWEEN 1 AND 128)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER work_order_password_is_fixed BEFORE UPDATE ON work_order_password
    BEGIN SELECT RAISE(ABORT, 'work-order-is-fixed'); END;
    CREATE TRIGGER work_order_password_is_kept BEFORE DELETE ON work_order_password
    BEGIN SELECT RAISE(ABORT, 'work-order-is-kept'); END;

    -- NULL: made without a run, for a label.
    ALTER TABLE password_user ADD COLUMN credential_id TEXT REFERENCES credential (credential_id);
    CREATE INDEX password_user_by_credential ON password_user (credential_id) WHERE credential_id IS NOT NULL;
    CREATE TRIGGER password_user_fits_its_credential_at_first BEFORE INSERT ON password_user
    WHEN NEW.credential_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM credential WHERE credential_id = NEW.credential_id AND state = 'issued'
        AND device_serial = NEW.username COLLATE BINARY
    )
    BEGIN SELECT RAISE(ABORT, 'password-does-not-fit-credential'); END;
    CREATE TRIGGER password_user_fits_its_credential BEFORE UPDATE ON password_user
    WHEN NEW.credential_id IS NOT NULL AND NEW.credential_id IS NOT OLD.credential_id AND NOT EXISTS (
      SELECT 1 FROM credential WHERE credential_id = NEW.credential_id AND state = 'issued'
        AND device_serial = NEW.username COLLATE BINARY
    )
    BEGIN SELECT RAISE(ABORT, 'password-does-not-fit-credential'); END;
  `,
};
