// Devices that are alike in what lists are filtered by (state, target, work order) are a group, and a group knows how many
// it has: a list is counted without being read, a walk along it tests one number, and one index finds what three found.

import { NAMES_PER_PAGE } from './150-device-list-filters.ts';
import type { Migration } from './migration.ts';

/** A line per device, lower-case, in the order of their numbers, so that the place of a line says whose it is. */
export const NAME_LINES_SQL = `lower(
  group_concat(device_serial || coalesce(' ' || hardware_id, ''), char(10) ORDER BY device_number)
)`;

const NAMES_OF_PAGE = `(
  SELECT ${NAME_LINES_SQL} FROM device
  WHERE device_number >= page * ${NAMES_PER_PAGE} AND device_number < (page + 1) * ${NAMES_PER_PAGE}
)`;

/** The three under which a device stands in its group; 'none' and 0 where it has no credential or order. */
const GROUP_OF = (row: string): string =>
  `coalesce(${row}.credential_state, 'none'), ${row}.target_name, coalesce(${row}.order_number, 0)`;

const GROUP_NUMBER = (row: string): string => `(
  SELECT group_number FROM device_group
  WHERE (credential_state, target_name, order_number) = (${GROUP_OF(row)})
)`;

/** Groups all devices anew. */
export const GROUP_DEVICES_SQL = `
  INSERT INTO device_group (credential_state, target_name, order_number, devices)
    SELECT ${GROUP_OF('device')}, count(*) FROM device GROUP BY 1, 2, 3;
  UPDATE device SET group_number = ${GROUP_NUMBER('device')};`;

export const deviceGroups: Migration = {
  version: 170,
  name: 'device-groups',
  sql: `
    CREATE TABLE device_group (
      group_number INTEGER PRIMARY KEY,
      credential_state TEXT NOT NULL,
      target_name TEXT NOT NULL,
      order_number INTEGER NOT NULL,
      devices INTEGER NOT NULL CHECK (devices >= 0),
      UNIQUE (target_name, order_number, credential_state)
    ) STRICT;
    DROP INDEX device_by_state;
    DROP INDEX device_by_target;
    DROP INDEX device_by_order;
    DROP INDEX device_by_change;
    DROP INDEX device_by_expiry;
    DROP INDEX device_by_name;
    ALTER TABLE device ADD COLUMN group_number INTEGER;
    ${GROUP_DEVICES_SQL}
    CREATE INDEX device_by_group ON device (group_number);
    CREATE INDEX device_by_change ON device (changed_at_ms, device_number, group_number);
    CREATE INDEX device_by_expiry ON device (not_after_ms, device_number, group_number, changed_at_ms);
    CREATE INDEX device_by_name ON device (device_serial, group_number, changed_at_ms);

    -- A batch writes the group of a block of new devices itself. The update in device_begins brings any other into its first.
    CREATE TRIGGER device_changes_its_group AFTER UPDATE OF credential_state, target_name, order_number ON device
    WHEN OLD.group_number IS NULL OR NEW.credential_state IS NOT OLD.credential_state
      OR NEW.target_name <> OLD.target_name OR NEW.order_number IS NOT OLD.order_number
    BEGIN
      UPDATE device_group SET devices = devices - 1 WHERE group_number = OLD.group_number;
      INSERT INTO device_group (credential_state, target_name, order_number, devices) VALUES (${GROUP_OF('NEW')}, 1)
        ON CONFLICT DO UPDATE SET devices = devices + 1;
      UPDATE device SET group_number = ${GROUP_NUMBER('NEW')} WHERE device_number = NEW.device_number;
    END;

    UPDATE device_name_page SET names = ${NAMES_OF_PAGE};
    DROP TRIGGER device_name_added;
    CREATE TRIGGER device_name_changed AFTER UPDATE OF hardware_id ON device WHEN NEW.hardware_id IS NOT OLD.hardware_id
    BEGIN
      UPDATE device_name_page SET names = ${NAMES_OF_PAGE} WHERE page = NEW.device_number / ${NAMES_PER_PAGE};
    END;

    -- Of a device's credentials at most one is live; the others stand in the same index, each under its own number.
    DROP INDEX credential_by_device;
    DROP INDEX credential_one_live_per_device;
    CREATE UNIQUE INDEX credential_one_live_per_device ON credential (
      device_serial, iif(state IN ('issued', 'installed', 'verified', 'sealed'), 0, credential_number)
    );
  `,
};
