// Batches in blocks: one row of intent before a block is signed, and each credential of a block written once, in its final
// form, at the price of one row. For that the table of credentials is built anew, with the same rules and lighter means:
// what was signed stands in the certificate alone, the block says when it was issued, and fewer indexes serve the lists.

import type { Migration } from './migration.ts';

/** Lower-case hexadecimal; as strict as a pattern over every digit, at a fifth of its cost. */
const isHex = (column: string, digits: number): string =>
  `length(${column}) = ${digits} AND unhex(${column}) IS NOT NULL AND ${column} = lower(${column})`;

const COLUMNS = `credential_number, credential_id, run_id, holder_kind, device_serial, server_name, certificate_serial, state,
      profile_name, profile_version, custody, public_key_sha256, to_be_signed, not_before_ms, not_after_ms, certificate_der,
      certificate_sha256, stored_digests, reason, note, reserved_at_ms, changed_at_ms, batch_block`;

const NEWEST = (column: string, deviceSerial: string): string => `(
        SELECT ${column} FROM credential WHERE device_serial = ${deviceSerial}
        ORDER BY state IN ('issued', 'installed', 'verified', 'sealed') DESC, credential_number DESC LIMIT 1
      )`;

export const batchBlocks: Migration = {
  version: 110,
  name: 'batch-blocks',
  sql: `
    CREATE TABLE batch_intent (
      intent_number INTEGER PRIMARY KEY,
      order_id TEXT NOT NULL REFERENCES batch (order_id),
      devices INTEGER NOT NULL CHECK (devices > 0),
      -- JSON arrays, one entry per device. Without certificate serials: the attempt was voided, its devices come next.
      device_serials TEXT NOT NULL CHECK (json_array_length(device_serials) = devices),
      certificate_serials TEXT CHECK (json_array_length(certificate_serials) = devices)
    ) STRICT;
    CREATE INDEX batch_intent_by_order ON batch_intent (order_id);
    CREATE TRIGGER batch_intent_is_fixed BEFORE UPDATE ON batch_intent
    BEGIN SELECT RAISE(ABORT, 'batch-intent-is-fixed'); END;
    INSERT INTO batch_intent (order_id, devices, device_serials, certificate_serials)
      SELECT order_id, count(*), json_group_array(device_serial),
        iif(certificate_serial IS NULL, NULL, json_group_array(certificate_serial))
      FROM (SELECT * FROM batch_reservation ORDER BY order_id, device_serial)
      GROUP BY order_id, certificate_serial IS NULL ORDER BY order_id;
    DROP TABLE batch_reservation;

    CREATE TABLE credential_110 (
      credential_number INTEGER PRIMARY KEY,
      credential_id TEXT NOT NULL UNIQUE CHECK (length(credential_id) > 0),
      run_id TEXT REFERENCES run (run_id),
      holder_kind TEXT NOT NULL CHECK (holder_kind IN ('device', 'edge-server')),
      device_serial TEXT COLLATE NOCASE REFERENCES device (device_serial),
      server_name TEXT,
      -- RFC 5280 4.1.2.2: unique per issuer; the form is that of newCertificateSerial.
      certificate_serial TEXT NOT NULL UNIQUE CHECK (
        ${isHex('certificate_serial', 40)} AND certificate_serial >= '4' AND certificate_serial < '8'
      ),
      state TEXT NOT NULL CHECK (state IN (
        'reserved', 'prepared', 'issued', 'installed', 'verified', 'sealed', 'voided', 'revoked'
      )),
      profile_name TEXT NOT NULL,
      profile_version INTEGER NOT NULL CHECK (profile_version > 0),
      custody TEXT CHECK (custody IN ('on-device', 'station-memory', 'file')),
      public_key_sha256 TEXT CHECK (public_key_sha256 IS NULL OR (${isHex('public_key_sha256', 64)})),
      to_be_signed BLOB CHECK (length(to_be_signed) > 0),
      not_before_ms INTEGER,
      not_after_ms INTEGER,
      certificate_der BLOB CHECK (length(certificate_der) > 0),
      certificate_sha256 TEXT CHECK (certificate_sha256 IS NULL OR (${isHex('certificate_sha256', 64)})),
      stored_digests TEXT CHECK (json_valid(stored_digests) AND json_type(stored_digests) = 'object'),
      reason TEXT,
      note TEXT,
      reserved_at_ms INTEGER NOT NULL,
      changed_at_ms INTEGER NOT NULL,
      -- The block that a batch issued it in; its intent stood in batch_intent.
      batch_block INTEGER REFERENCES batch_block (block_number),
      CHECK ((holder_kind = 'device') = (device_serial IS NOT NULL)),
      CHECK ((holder_kind = 'edge-server') = (server_name IS NOT NULL)),
      CHECK ((custody IS NULL) = (public_key_sha256 IS NULL)),
      CHECK ((not_before_ms IS NULL) = (not_after_ms IS NULL)),
      CHECK (not_before_ms IS NULL OR public_key_sha256 IS NOT NULL),
      CHECK ((certificate_der IS NULL) = (certificate_sha256 IS NULL)),
      CHECK (CASE WHEN batch_block IS NULL THEN
        (to_be_signed IS NULL) = (not_before_ms IS NULL)
        -- The certificate is the prepared content plus a signature: it begins with its header (2 to 5 octets, X.690 8.1.3)
        -- and then holds, unchanged, what was prepared (RFC 5280 4.1).
        AND (certificate_der IS NULL OR (to_be_signed IS NOT NULL AND instr(certificate_der, to_be_signed) BETWEEN 3 AND 6))
      ELSE
        to_be_signed IS NULL AND certificate_der IS NOT NULL AND not_before_ms IS NOT NULL
        AND device_serial IS NOT NULL AND run_id IS NULL
      END),
      CHECK (state <> 'reserved' OR to_be_signed IS NULL),
      CHECK (state <> 'prepared' OR to_be_signed IS NOT NULL),
      CHECK ((state IN ('reserved', 'prepared', 'voided')) = (certificate_der IS NULL)),
      CHECK (state NOT IN ('installed', 'verified', 'sealed') OR stored_digests IS NOT NULL),
      CHECK ((state IN ('voided', 'revoked')) = (reason IS NOT NULL))
    ) STRICT;
    INSERT INTO credential_110 (${COLUMNS})
      SELECT ${COLUMNS.replace('to_be_signed', 'iif(batch_block IS NULL, to_be_signed, NULL)')}
      FROM credential ORDER BY credential_number;

    CREATE TABLE credential_step_110 (
      credential_id TEXT NOT NULL REFERENCES credential_110 (credential_id),
      state TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (credential_id, state)
    ) STRICT, WITHOUT ROWID;
    -- A batch's blocks say when their credentials were issued.
    INSERT INTO credential_step_110
      SELECT step.* FROM credential_step AS step JOIN credential USING (credential_id)
      WHERE credential.batch_block IS NULL OR step.state <> 'issued';
    DROP TABLE credential_step;
    DROP TABLE credential;
    ALTER TABLE credential_110 RENAME TO credential;
    ALTER TABLE credential_step_110 RENAME TO credential_step;

    CREATE INDEX credential_step_by_state ON credential_step (state, at_ms);
    CREATE UNIQUE INDEX credential_one_live_per_device ON credential (device_serial)
      WHERE state IN ('issued', 'installed', 'verified', 'sealed');
    CREATE INDEX credential_by_device ON credential (device_serial);
    CREATE INDEX credential_by_run ON credential (run_id) WHERE run_id IS NOT NULL;
    CREATE INDEX credential_by_state ON credential (state, batch_block);
    CREATE INDEX credential_revoked ON credential (credential_number) WHERE state = 'revoked';

    -- Devices of a batch have no hardware id yet: they need no place where one is looked up.
    DROP INDEX device_search_hardware_id;
    CREATE INDEX device_search_hardware_id ON device (hardware_id COLLATE NOCASE) WHERE hardware_id IS NOT NULL;
    -- Whoever inserts a device says when it changed.
    DROP TRIGGER device_list_first_seen;

    CREATE TRIGGER credential_begins BEFORE INSERT ON credential
    BEGIN
      SELECT RAISE(ABORT, 'credential-state-order')
        WHERE NEW.state <> iif(NEW.batch_block IS NULL, 'reserved', 'issued');
      SELECT RAISE(ABORT, 'device-unknown') WHERE NEW.device_serial IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM device WHERE device_serial = NEW.device_serial
          AND device_serial = NEW.device_serial COLLATE BINARY
      );
      SELECT RAISE(ABORT, 'credential-does-not-fit-run') WHERE NEW.run_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM run WHERE run_id = NEW.run_id AND closed_at_ms IS NULL
          AND (NEW.device_serial IS NULL OR device_serial = NEW.device_serial COLLATE BINARY)
      );
    END;
    -- The same table as NEXT_STATES in core/domain/credential.ts; a test compares all pairs.
    CREATE TRIGGER credential_state_order BEFORE UPDATE OF state ON credential
    WHEN NEW.state <> OLD.state AND OLD.state || '>' || NEW.state NOT IN (
      'reserved>prepared', 'reserved>voided', 'prepared>issued', 'prepared>voided',
      'issued>installed', 'issued>revoked', 'installed>verified', 'installed>revoked',
      'verified>sealed', 'verified>revoked', 'sealed>revoked'
    )
    BEGIN SELECT RAISE(ABORT, 'credential-state-order'); END;
    CREATE TRIGGER credential_facts_are_fixed BEFORE UPDATE ON credential
    WHEN OLD.state IN ('voided', 'revoked')
      OR NEW.credential_number IS NOT OLD.credential_number OR NEW.credential_id IS NOT OLD.credential_id
      OR NEW.run_id IS NOT OLD.run_id OR NEW.holder_kind IS NOT OLD.holder_kind
      OR NEW.device_serial IS NOT OLD.device_serial COLLATE BINARY OR NEW.server_name IS NOT OLD.server_name
      OR NEW.certificate_serial IS NOT OLD.certificate_serial
      OR NEW.profile_name IS NOT OLD.profile_name OR NEW.profile_version IS NOT OLD.profile_version
      OR NEW.reserved_at_ms IS NOT OLD.reserved_at_ms OR NEW.batch_block IS NOT OLD.batch_block
      OR (OLD.public_key_sha256 IS NOT NULL AND
          (NEW.public_key_sha256 IS NOT OLD.public_key_sha256 OR NEW.custody IS NOT OLD.custody))
      OR (OLD.not_before_ms IS NOT NULL AND (NEW.to_be_signed IS NOT OLD.to_be_signed
          OR NEW.not_before_ms IS NOT OLD.not_before_ms OR NEW.not_after_ms IS NOT OLD.not_after_ms))
      OR (OLD.certificate_der IS NOT NULL AND (NEW.certificate_der IS NOT OLD.certificate_der
          OR NEW.certificate_sha256 IS NOT OLD.certificate_sha256))
      OR (OLD.state <> 'issued' AND NEW.stored_digests IS NOT OLD.stored_digests)
    BEGIN SELECT RAISE(ABORT, 'credential-facts-are-fixed'); END;
    CREATE TRIGGER credential_is_kept BEFORE DELETE ON credential
    BEGIN SELECT RAISE(ABORT, 'credential-is-kept'); END;

    -- What this trigger works out for one credential, a batch writes itself for a block.
    CREATE TRIGGER credential_first_step AFTER INSERT ON credential WHEN NEW.batch_block IS NULL
    BEGIN
      INSERT INTO credential_step VALUES (NEW.credential_id, NEW.state, NEW.reserved_at_ms);
      UPDATE device SET credential_state = ${NEWEST('state', 'NEW.device_serial')}
      WHERE device_serial = NEW.device_serial;
    END;
    CREATE TRIGGER credential_next_step AFTER UPDATE OF state ON credential WHEN NEW.state <> OLD.state
    BEGIN
      INSERT INTO credential_step VALUES (NEW.credential_id, NEW.state, NEW.changed_at_ms);
      UPDATE device SET changed_at_ms = NEW.changed_at_ms,
        credential_state = ${NEWEST('state', 'NEW.device_serial')},
        not_after_ms = ${NEWEST('not_after_ms', 'NEW.device_serial')}
      WHERE device_serial = NEW.device_serial;
    END;
    CREATE TRIGGER credential_step_is_fixed BEFORE UPDATE ON credential_step
    BEGIN SELECT RAISE(ABORT, 'credential-step-is-fixed'); END;
    CREATE TRIGGER credential_step_is_kept BEFORE DELETE ON credential_step
    BEGIN SELECT RAISE(ABORT, 'credential-step-is-kept'); END;
  `,
};
