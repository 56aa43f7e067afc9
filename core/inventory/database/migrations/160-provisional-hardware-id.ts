// A hardware id is bound to a device serial when a run identifies the board. Until something was signed for that device serial, the
// binding is provisional: the label that was scanned may have been another unit's.

import type { Migration } from './migration.ts';

export const provisionalHardwareId: Migration = {
  version: 160,
  name: 'provisional-hardware-id',
  sql: `
    DROP TRIGGER device_names_are_fixed;
    CREATE TRIGGER device_names_are_fixed BEFORE UPDATE ON device
    WHEN NEW.device_number IS NOT OLD.device_number OR NEW.device_serial IS NOT OLD.device_serial COLLATE BINARY
      OR NEW.first_seen_at_ms IS NOT OLD.first_seen_at_ms
      OR (OLD.hardware_id IS NOT NULL AND NEW.hardware_id IS NOT OLD.hardware_id AND EXISTS (
        SELECT 1 FROM credential
        WHERE device_serial = OLD.device_serial AND state NOT IN ('reserved', 'prepared', 'voided')
      ))
    BEGIN SELECT RAISE(ABORT, 'device-names-are-fixed'); END;
  `,
};
