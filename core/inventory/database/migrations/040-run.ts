// Runs and their phases. A device has one open run at most; a closed run never changes.

import type { Migration } from './migration.ts';

export const run: Migration = {
  version: 40,
  name: 'run',
  sql: `
    CREATE TABLE run (
      run_number INTEGER PRIMARY KEY,
      run_id TEXT NOT NULL UNIQUE CHECK (length(run_id) > 0),
      order_id TEXT REFERENCES work_order (order_id),
      device_serial TEXT NOT NULL COLLATE NOCASE CHECK (length(device_serial) BETWEEN 1 AND 64),
      hardware_id TEXT,
      bay_name TEXT NOT NULL,
      port_path TEXT NOT NULL,
      operator_name TEXT NOT NULL,
      target_name TEXT NOT NULL,
      profile_name TEXT NOT NULL,
      profile_version INTEGER NOT NULL CHECK (profile_version > 0),
      started_at_ms INTEGER NOT NULL,
      closed_at_ms INTEGER,
      outcome TEXT CHECK (outcome IN ('pass', 'fail', 'error', 'timeout', 'aborted')),
      failure TEXT CHECK (json_valid(failure)),
      CHECK ((closed_at_ms IS NULL) = (outcome IS NULL)),
      CHECK (failure IS NULL OR outcome <> 'pass')
    ) STRICT;
    CREATE UNIQUE INDEX run_one_open_per_device ON run (device_serial) WHERE closed_at_ms IS NULL;
    CREATE INDEX run_by_device ON run (device_serial);
    CREATE INDEX run_by_order ON run (order_id);
    CREATE INDEX run_by_order_and_device ON run (order_id, device_serial, outcome);
    CREATE INDEX run_by_outcome ON run (outcome);

    CREATE TRIGGER run_begins_open BEFORE INSERT ON run WHEN NEW.outcome IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'run-begins-open'); END;
    CREATE TRIGGER run_counts_for_its_order AFTER UPDATE OF outcome ON run
    WHEN NEW.outcome = 'pass' AND NOT EXISTS (
      SELECT 1 FROM run AS other WHERE other.order_id = NEW.order_id AND other.device_serial = NEW.device_serial
        AND other.outcome = 'pass' AND other.run_number <> NEW.run_number
    )
    BEGIN UPDATE work_order SET passed_devices = passed_devices + 1 WHERE order_id = NEW.order_id; END;

    CREATE TRIGGER run_closed_is_final BEFORE UPDATE ON run WHEN OLD.closed_at_ms IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'run-is-closed'); END;
    CREATE TRIGGER run_facts_are_fixed BEFORE UPDATE ON run
    WHEN NEW.run_number IS NOT OLD.run_number OR NEW.run_id IS NOT OLD.run_id OR NEW.order_id IS NOT OLD.order_id
      OR NEW.device_serial IS NOT OLD.device_serial COLLATE BINARY OR NEW.bay_name IS NOT OLD.bay_name
      OR NEW.port_path IS NOT OLD.port_path OR NEW.operator_name IS NOT OLD.operator_name
      OR NEW.target_name IS NOT OLD.target_name OR NEW.profile_name IS NOT OLD.profile_name
      OR NEW.profile_version IS NOT OLD.profile_version OR NEW.started_at_ms IS NOT OLD.started_at_ms
    BEGIN SELECT RAISE(ABORT, 'run-facts-are-fixed'); END;
    CREATE TRIGGER run_is_kept BEFORE DELETE ON run BEGIN SELECT RAISE(ABORT, 'run-is-kept'); END;

    CREATE TABLE run_phase (
      run_id TEXT NOT NULL REFERENCES run (run_id),
      phase TEXT NOT NULL CHECK (phase IN (
        'open', 'identify', 'reserve', 'key', 'prepare', 'issue', 'install', 'verify', 'seal', 'close'
      )),
      position INTEGER NOT NULL CHECK (position >= 0),
      started_at_ms INTEGER NOT NULL,
      ended_at_ms INTEGER,
      outcome TEXT CHECK (outcome IN ('pass', 'fail', 'error', 'timeout', 'aborted')),
      evidence TEXT CHECK (json_valid(evidence) AND json_type(evidence) = 'object'),
      PRIMARY KEY (run_id, phase),
      UNIQUE (run_id, position),
      CHECK ((ended_at_ms IS NULL) = (outcome IS NULL)),
      CHECK (evidence IS NULL OR outcome IS NOT NULL)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX run_phase_one_open ON run_phase (run_id) WHERE ended_at_ms IS NULL;

    CREATE TRIGGER run_phase_needs_open_run BEFORE INSERT ON run_phase
    WHEN EXISTS (SELECT 1 FROM run WHERE run_id = NEW.run_id AND closed_at_ms IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'run-is-closed'); END;
    CREATE TRIGGER run_phase_ended_is_final BEFORE UPDATE ON run_phase
    WHEN OLD.ended_at_ms IS NOT NULL OR NEW.run_id IS NOT OLD.run_id OR NEW.phase IS NOT OLD.phase
      OR NEW.position IS NOT OLD.position OR NEW.started_at_ms IS NOT OLD.started_at_ms
      OR EXISTS (SELECT 1 FROM run WHERE run_id = OLD.run_id AND closed_at_ms IS NOT NULL)
    BEGIN SELECT RAISE(ABORT, 'phase-is-ended'); END;
    CREATE TRIGGER run_phase_is_kept BEFORE DELETE ON run_phase BEGIN SELECT RAISE(ABORT, 'run-is-kept'); END;
    CREATE TRIGGER run_closes_after_its_phases BEFORE UPDATE OF closed_at_ms ON run
    WHEN EXISTS (SELECT 1 FROM run_phase WHERE run_id = OLD.run_id AND ended_at_ms IS NULL)
    BEGIN SELECT RAISE(ABORT, 'phase-is-open'); END;
  `,
};
