// What a list of 100,000 devices is sorted by, kept on the device by triggers so that a page needs no sorting.

import type { Migration } from './migration.ts';

const NEWEST_EXPIRY = (deviceSerial: string): string => `(
  SELECT not_after_ms FROM credential WHERE device_serial = ${deviceSerial}
  ORDER BY state IN ('issued', 'installed', 'verified', 'sealed') DESC, credential_number DESC LIMIT 1
)`;

export const deviceList: Migration = {
  version: 70,
  name: 'device-list',
  sql: `
    ALTER TABLE device ADD COLUMN changed_at_ms INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE device ADD COLUMN not_after_ms INTEGER;
    UPDATE device SET
      changed_at_ms = max(
        first_seen_at_ms,
        coalesce((SELECT max(coalesce(closed_at_ms, started_at_ms)) FROM run WHERE run.device_serial = device.device_serial), 0),
        coalesce((SELECT max(changed_at_ms) FROM credential WHERE credential.device_serial = device.device_serial), 0)
      ),
      not_after_ms = ${NEWEST_EXPIRY('device.device_serial')};
    CREATE INDEX device_by_change ON device (changed_at_ms);
    CREATE INDEX device_by_expiry ON device (not_after_ms);
    CREATE INDEX run_by_closing ON run (closed_at_ms);

    CREATE TRIGGER device_list_first_seen AFTER INSERT ON device
    BEGIN UPDATE device SET changed_at_ms = NEW.first_seen_at_ms WHERE device_number = NEW.device_number; END;
    CREATE TRIGGER device_list_run_began AFTER INSERT ON run
    BEGIN UPDATE device SET changed_at_ms = NEW.started_at_ms WHERE device_serial = NEW.device_serial; END;
    CREATE TRIGGER device_list_run_closed AFTER UPDATE OF closed_at_ms ON run WHEN NEW.closed_at_ms IS NOT NULL
    BEGIN UPDATE device SET changed_at_ms = NEW.closed_at_ms WHERE device_serial = NEW.device_serial; END;
    CREATE TRIGGER device_list_credential_changed AFTER UPDATE OF state ON credential
    WHEN NEW.device_serial IS NOT NULL AND NEW.state <> OLD.state
    BEGIN
      UPDATE device SET changed_at_ms = NEW.changed_at_ms, not_after_ms = ${NEWEST_EXPIRY('NEW.device_serial')}
      WHERE device_serial = NEW.device_serial;
    END;
  `,
};
