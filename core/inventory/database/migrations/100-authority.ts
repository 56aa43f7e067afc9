// What the authority needs of the records: how much each issuing CA has signed and may sign, batches for programming
// houses, and users whose credential is a password.

import type { Migration } from './migration.ts';

export const authority: Migration = {
  version: 100,
  name: 'authority',
  sql: `
    CREATE TABLE issuing_ca (
      certificate_sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(certificate_sha256) = 64),
      -- The AuthorityKeyIdentifier extension as it stands in every certificate of this CA: tells whose one is.
      key_extension BLOB NOT NULL UNIQUE CHECK (length(key_extension) > 16),
      -- Certificates promised: reserved in a batch, or prepared; what is voided is given back.
      used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
      quota INTEGER CHECK (quota >= 0),
      ends_at_ms INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE batch (
      order_id TEXT NOT NULL PRIMARY KEY REFERENCES work_order (order_id),
      issuing_ca TEXT NOT NULL REFERENCES issuing_ca (certificate_sha256),
      profile_name TEXT NOT NULL,
      profile_version INTEGER NOT NULL CHECK (profile_version > 0),
      -- Device serials of an order without a list of its own: prefix and number of digits.
      serial_prefix TEXT,
      serial_digits INTEGER,
      -- Devices taken from the order's sequence so far.
      next_position INTEGER NOT NULL DEFAULT 0 CHECK (next_position >= 0),
      issued INTEGER NOT NULL DEFAULT 0 CHECK (issued >= 0),
      output_size_bytes INTEGER NOT NULL DEFAULT 0 CHECK (output_size_bytes >= 0),
      CHECK ((serial_prefix IS NULL) = (serial_digits IS NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER batch_is_kept BEFORE DELETE ON batch BEGIN SELECT RAISE(ABORT, 'batch-is-kept'); END;

    CREATE TABLE batch_block (
      block_number INTEGER PRIMARY KEY,
      order_id TEXT NOT NULL REFERENCES batch (order_id),
      certificates INTEGER NOT NULL CHECK (certificates > 0),
      -- SHA-256 over the certificates' SHA-256 digests (hex), in the order of their rows.
      digest TEXT NOT NULL CHECK (length(digest) = 64),
      committed_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER batch_block_is_fixed BEFORE UPDATE ON batch_block
    BEGIN SELECT RAISE(ABORT, 'batch-block-is-fixed'); END;
    CREATE TRIGGER batch_block_is_kept BEFORE DELETE ON batch_block
    BEGIN SELECT RAISE(ABORT, 'batch-block-is-kept'); END;

    -- A device whose certificate is being made. Without a serial: its attempt was voided, it comes next.
    CREATE TABLE batch_reservation (
      order_id TEXT NOT NULL REFERENCES batch (order_id),
      device_serial TEXT NOT NULL COLLATE NOCASE CHECK (length(device_serial) BETWEEN 1 AND 64),
      certificate_serial TEXT CHECK (length(certificate_serial) = 40),
      PRIMARY KEY (order_id, device_serial)
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE credential ADD COLUMN batch_block INTEGER REFERENCES batch_block (block_number);
    CREATE INDEX credential_by_batch_block ON credential (batch_block) WHERE batch_block IS NOT NULL;
    CREATE INDEX credential_revoked ON credential (credential_number) WHERE state = 'revoked';
    DROP TRIGGER credential_begins_reserved;
    -- A batch records whole blocks at once; what was reserved for it stood in batch_reservation.
    CREATE TRIGGER credential_begins_reserved BEFORE INSERT ON credential
    WHEN NEW.state <> CASE WHEN NEW.batch_block IS NULL THEN 'reserved' ELSE 'issued' END
    BEGIN SELECT RAISE(ABORT, 'credential-state-order'); END;
    -- What this trigger works out for one credential, a batch writes itself: it is the whole cost of a block otherwise.
    DROP TRIGGER credential_first_step;
    CREATE TRIGGER credential_first_step AFTER INSERT ON credential WHEN NEW.batch_block IS NULL
    BEGIN
      INSERT INTO credential_step VALUES (NEW.credential_id, NEW.state, NEW.reserved_at_ms);
      UPDATE device SET credential_state = (
        SELECT state FROM credential WHERE device_serial = NEW.device_serial
        ORDER BY state IN ('issued', 'installed', 'verified', 'sealed') DESC, credential_number DESC LIMIT 1
      ) WHERE device_serial = NEW.device_serial;
    END;
    DROP TRIGGER device_list_first_seen;
    CREATE TRIGGER device_list_first_seen AFTER INSERT ON device WHEN NEW.changed_at_ms = 0
    BEGIN UPDATE device SET changed_at_ms = NEW.first_seen_at_ms WHERE device_number = NEW.device_number; END;
    CREATE TRIGGER credential_batch_is_fixed BEFORE UPDATE OF batch_block ON credential
    WHEN NEW.batch_block IS NOT OLD.batch_block
    BEGIN SELECT RAISE(ABORT, 'credential-facts-are-fixed'); END;

    -- Verifiers only; the password itself was shown once.
    CREATE TABLE password_user (
      user_number INTEGER PRIMARY KEY,
      username TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(username) BETWEEN 1 AND 64),
      order_id TEXT REFERENCES work_order (order_id),
      verifiers TEXT NOT NULL CHECK (json_valid(verifiers)),
      made_at_ms INTEGER NOT NULL,
      revoked_at_ms INTEGER
    ) STRICT;
    CREATE INDEX password_user_by_order ON password_user (order_id);
    CREATE TRIGGER password_user_is_kept BEFORE DELETE ON password_user
    BEGIN SELECT RAISE(ABORT, 'password-user-is-kept'); END;
  `,
};
