// The station's own identity and the audit log. The triggers make the log append-only for every program that keeps the
// schema; the hash chain shows when one did not (core/inventory/audit/).

import type { Migration } from './migration.ts';

export const stationAndAudit: Migration = {
  version: 10,
  name: 'station-and-audit',
  sql: `
    CREATE TABLE station (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      station_id TEXT NOT NULL CHECK (length(station_id) > 0),
      created_at_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER station_is_fixed BEFORE UPDATE ON station BEGIN SELECT RAISE(ABORT, 'station-is-fixed'); END;
    CREATE TRIGGER station_is_kept BEFORE DELETE ON station BEGIN SELECT RAISE(ABORT, 'station-is-kept'); END;

    CREATE TABLE audit (
      sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
      at_ms INTEGER NOT NULL,
      actor TEXT NOT NULL,
      act TEXT NOT NULL CHECK (length(act) > 0),
      details TEXT NOT NULL CHECK (json_valid(details) AND json_type(details) = 'object'),
      previous_hash TEXT NOT NULL CHECK (length(previous_hash) = 64 AND previous_hash NOT GLOB '*[^0-9a-f]*'),
      hash TEXT NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*')
    ) STRICT;
    CREATE INDEX audit_by_act ON audit (act);

    -- How long the chain is and how it ends: entries cut off the end would otherwise leave an unbroken, shorter chain.
    CREATE TABLE audit_head (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      entries INTEGER NOT NULL CHECK (entries >= 0),
      hash TEXT NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*')
    ) STRICT;
    INSERT INTO audit_head VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

    CREATE TRIGGER audit_continues_chain BEFORE INSERT ON audit
    WHEN NOT EXISTS (
      SELECT 1 FROM audit_head WHERE entries + 1 = NEW.sequence AND hash = NEW.previous_hash
    )
    BEGIN SELECT RAISE(ABORT, 'audit-chain-order'); END;
    CREATE TRIGGER audit_moves_head AFTER INSERT ON audit
    BEGIN UPDATE audit_head SET entries = NEW.sequence, hash = NEW.hash; END;
    CREATE TRIGGER audit_is_fixed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit-is-append-only'); END;
    CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit-is-append-only'); END;
    CREATE TRIGGER audit_head_follows BEFORE UPDATE ON audit_head
    WHEN NEW.entries <> OLD.entries + 1
      OR NOT EXISTS (SELECT 1 FROM audit WHERE sequence = NEW.entries AND hash = NEW.hash)
    BEGIN SELECT RAISE(ABORT, 'audit-is-append-only'); END;
    CREATE TRIGGER audit_head_is_kept BEFORE DELETE ON audit_head
    BEGIN SELECT RAISE(ABORT, 'audit-is-append-only'); END;
  `,
};
