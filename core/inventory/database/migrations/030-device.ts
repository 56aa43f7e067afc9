// Devices: one row per physical unit, written when the unit was first identified, never removed.

import type { Migration } from './migration.ts';

export const device: Migration = {
  version: 30,
  name: 'device',
  sql: `
    CREATE TABLE device (
      device_number INTEGER PRIMARY KEY,
      device_serial TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(device_serial) BETWEEN 1 AND 64),
      hardware_id TEXT CHECK (length(hardware_id) BETWEEN 1 AND 128),
      target_name TEXT NOT NULL,
      firmware TEXT,
      first_seen_at_ms INTEGER NOT NULL,
      -- State of the live credential, else of the newest; kept by triggers on credential so that lists filter fast.
      credential_state TEXT
    ) STRICT;
    CREATE UNIQUE INDEX device_hardware_id ON device (hardware_id) WHERE hardware_id IS NOT NULL;
    CREATE INDEX device_search_hardware_id ON device (hardware_id COLLATE NOCASE);
    CREATE INDEX device_by_state ON device (credential_state);
    CREATE INDEX device_by_target ON device (target_name);

    CREATE TRIGGER device_names_are_fixed BEFORE UPDATE ON device
    WHEN NEW.device_number IS NOT OLD.device_number OR NEW.device_serial IS NOT OLD.device_serial COLLATE BINARY
      OR NEW.first_seen_at_ms IS NOT OLD.first_seen_at_ms
      OR (OLD.hardware_id IS NOT NULL AND NEW.hardware_id IS NOT OLD.hardware_id)
    BEGIN SELECT RAISE(ABORT, 'device-names-are-fixed'); END;
    CREATE TRIGGER device_is_kept BEFORE DELETE ON device BEGIN SELECT RAISE(ABORT, 'device-is-kept'); END;
  `,
};
