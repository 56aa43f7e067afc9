// Operators: who may work at this station. Their names stand in runs and in the audit log, so none is ever removed.

import type { Migration } from './migration.ts';

export const operator: Migration = {
  version: 60,
  name: 'operator',
  sql: `
    CREATE TABLE operator (
      operator_number INTEGER PRIMARY KEY,
      operator_name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(operator_name) BETWEEN 1 AND 60),
      role TEXT NOT NULL CHECK (role IN ('operator', 'supervisor')),
      -- PBKDF2-HMAC-SHA256 with its salt and rounds; never the PIN or the badge itself.
      pin_salt TEXT NOT NULL,
      pin_rounds INTEGER NOT NULL CHECK (pin_rounds > 0),
      pin_hash TEXT NOT NULL,
      badge_hash TEXT UNIQUE,
      active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
      created_at_ms INTEGER NOT NULL,
      last_sign_in_at_ms INTEGER,
      -- Since the last right one; they outlive a restart, so that restarting does not shorten the wait.
      wrong_pins INTEGER NOT NULL DEFAULT 0 CHECK (wrong_pins >= 0),
      wrong_pin_at_ms INTEGER
    ) STRICT;
    CREATE TRIGGER operator_name_is_fixed BEFORE UPDATE ON operator
    WHEN NEW.operator_number IS NOT OLD.operator_number
      OR NEW.operator_name IS NOT OLD.operator_name COLLATE BINARY OR NEW.created_at_ms IS NOT OLD.created_at_ms
    BEGIN SELECT RAISE(ABORT, 'operator-name-is-fixed'); END;
    CREATE TRIGGER operator_is_kept BEFORE DELETE ON operator
    BEGIN SELECT RAISE(ABORT, 'operator-is-kept'); END;
    -- A station without a supervisor could never have one again.
    CREATE TRIGGER operator_last_supervisor_stays BEFORE UPDATE ON operator
    WHEN OLD.role = 'supervisor' AND OLD.active = 1 AND (NEW.role <> 'supervisor' OR NEW.active = 0)
      AND (SELECT count(*) FROM operator WHERE role = 'supervisor' AND active = 1) = 1
    BEGIN SELECT RAISE(ABORT, 'last-supervisor'); END;
  `,
};
