// Credentials and every step of their state. What DESIGN calls "always true" of a credential is enforced here, below
// all code: unique certificate serials, nothing signed that was not prepared, one live credential per device.

import type { Migration } from './migration.ts';

export const credential: Migration = {
  version: 50,
  name: 'credential',
  sql: `
    CREATE TABLE credential (
      credential_number INTEGER PRIMARY KEY,
      credential_id TEXT NOT NULL UNIQUE CHECK (length(credential_id) > 0),
      run_id TEXT REFERENCES run (run_id),
      holder_kind TEXT NOT NULL CHECK (holder_kind IN ('device', 'edge-server')),
      device_serial TEXT COLLATE NOCASE REFERENCES device (device_serial),
      server_name TEXT,
      -- RFC 5280 4.1.2.2: unique per issuer; the form is that of newCertificateSerial.
      certificate_serial TEXT NOT NULL UNIQUE CHECK (
        length(certificate_serial) = 40 AND certificate_serial GLOB '[4-7]*'
        AND certificate_serial NOT GLOB '*[^0-9a-f]*'
      ),
      state TEXT NOT NULL CHECK (state IN (
        'reserved', 'prepared', 'issued', 'installed', 'verified', 'sealed', 'voided', 'revoked'
      )),
      profile_name TEXT NOT NULL,
      profile_version INTEGER NOT NULL CHECK (profile_version > 0),
      custody TEXT CHECK (custody IN ('on-device', 'station-memory', 'file')),
      public_key_sha256 TEXT CHECK (length(public_key_sha256) = 64 AND public_key_sha256 NOT GLOB '*[^0-9a-f]*'),
      to_be_signed BLOB CHECK (length(to_be_signed) > 0),
      not_before_ms INTEGER,
      not_after_ms INTEGER,
      certificate_der BLOB,
      certificate_sha256 TEXT CHECK (length(certificate_sha256) = 64 AND certificate_sha256 NOT GLOB '*[^0-9a-f]*'),
      stored_digests TEXT CHECK (json_valid(stored_digests) AND json_type(stored_digests) = 'object'),
      reason TEXT,
      note TEXT,
      reserved_at_ms INTEGER NOT NULL,
      changed_at_ms INTEGER NOT NULL,
      CHECK ((holder_kind = 'device') = (device_serial IS NOT NULL)),
      CHECK ((holder_kind = 'edge-server') = (server_name IS NOT NULL)),
      CHECK ((custody IS NULL) = (public_key_sha256 IS NULL)),
      CHECK ((to_be_signed IS NULL) = (not_before_ms IS NULL) AND (to_be_signed IS NULL) = (not_after_ms IS NULL)),
      CHECK (to_be_signed IS NULL OR public_key_sha256 IS NOT NULL),
      CHECK ((certificate_der IS NULL) = (certificate_sha256 IS NULL)),
      -- The certificate is the prepared content plus a signature: it begins with its header (2 to 5 octets, X.690 8.1.3)
      -- and then holds, unchanged, what was prepared (RFC 5280 4.1).
      CHECK (certificate_der IS NULL OR (to_be_signed IS NOT NULL AND instr(certificate_der, to_be_signed) BETWEEN 3 AND 6)),
      CHECK (state <> 'reserved' OR to_be_signed IS NULL),
      CHECK (state <> 'prepared' OR to_be_signed IS NOT NULL),
      CHECK ((state IN ('reserved', 'prepared', 'voided')) = (certificate_der IS NULL)),
      CHECK (state NOT IN ('installed', 'verified', 'sealed') OR stored_digests IS NOT NULL),
      CHECK ((state IN ('voided', 'revoked')) = (reason IS NOT NULL))
    ) STRICT;
    CREATE UNIQUE INDEX credential_one_live_per_device ON credential (device_serial)
      WHERE state IN ('issued', 'installed', 'verified', 'sealed');
    CREATE INDEX credential_by_device ON credential (device_serial);
    CREATE INDEX credential_by_run ON credential (run_id);
    CREATE INDEX credential_by_state ON credential (state);

    CREATE TABLE credential_step (
      credential_id TEXT NOT NULL REFERENCES credential (credential_id),
      state TEXT NOT NULL,
      at_ms INTEGER NOT NULL,
      PRIMARY KEY (credential_id, state)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX credential_step_by_state ON credential_step (state, at_ms);

    CREATE TRIGGER credential_begins_reserved BEFORE INSERT ON credential WHEN NEW.state <> 'reserved'
    BEGIN SELECT RAISE(ABORT, 'credential-state-order'); END;
    CREATE TRIGGER credential_fits_its_run BEFORE INSERT ON credential
    WHEN NEW.run_id IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM run WHERE run_id = NEW.run_id AND closed_at_ms IS NULL
        AND (NEW.device_serial IS NULL OR device_serial = NEW.device_serial COLLATE BINARY)
    )
    BEGIN SELECT RAISE(ABORT, 'credential-does-not-fit-run'); END;
    CREATE TRIGGER credential_names_its_device BEFORE INSERT ON credential
    WHEN NEW.device_serial IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM device WHERE device_serial = NEW.device_serial
        AND device_serial = NEW.device_serial COLLATE BINARY
    )
    BEGIN SELECT RAISE(ABORT, 'device-unknown'); END;
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
      OR NEW.reserved_at_ms IS NOT OLD.reserved_at_ms
      OR (OLD.public_key_sha256 IS NOT NULL AND
          (NEW.public_key_sha256 IS NOT OLD.public_key_sha256 OR NEW.custody IS NOT OLD.custody))
      OR (OLD.to_be_signed IS NOT NULL AND (NEW.to_be_signed IS NOT OLD.to_be_signed
          OR NEW.not_before_ms IS NOT OLD.not_before_ms OR NEW.not_after_ms IS NOT OLD.not_after_ms))
      OR (OLD.certificate_der IS NOT NULL AND (NEW.certificate_der IS NOT OLD.certificate_der
          OR NEW.certificate_sha256 IS NOT OLD.certificate_sha256))
      OR (OLD.state <> 'issued' AND NEW.stored_digests IS NOT OLD.stored_digests)
    BEGIN SELECT RAISE(ABORT, 'credential-facts-are-fixed'); END;
    CREATE TRIGGER credential_is_kept BEFORE DELETE ON credential
    BEGIN SELECT RAISE(ABORT, 'credential-is-kept'); END;

    CREATE TRIGGER credential_first_step AFTER INSERT ON credential
    BEGIN
      INSERT INTO credential_step VALUES (NEW.credential_id, NEW.state, NEW.reserved_at_ms);
      UPDATE device SET credential_state = (
        SELECT state FROM credential WHERE device_serial = NEW.device_serial
        ORDER BY state IN ('issued', 'installed', 'verified', 'sealed') DESC, credential_number DESC LIMIT 1
      ) WHERE device_serial = NEW.device_serial;
    END;
    CREATE TRIGGER credential_next_step AFTER UPDATE OF state ON credential WHEN NEW.state <> OLD.state
    BEGIN
      INSERT INTO credential_step VALUES (NEW.credential_id, NEW.state, NEW.changed_at_ms);
      UPDATE device SET credential_state = (
        SELECT state FROM credential WHERE device_serial = NEW.device_serial
        ORDER BY state IN ('issued', 'installed', 'verified', 'sealed') DESC, credential_number DESC LIMIT 1
      ) WHERE device_serial = NEW.device_serial;
    END;
    CREATE TRIGGER credential_step_is_fixed BEFORE UPDATE ON credential_step
    BEGIN SELECT RAISE(ABORT, 'credential-step-is-fixed'); END;
    CREATE TRIGGER credential_step_is_kept BEFORE DELETE ON credential_step
    BEGIN SELECT RAISE(ABORT, 'credential-step-is-kept'); END;
  `,
};
