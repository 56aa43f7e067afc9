// What lists of a million devices are filtered and searched by. The work order that a device was last worked on under stands
// on the device, whether a run or a batch did it. The indexes that a list is read along hold what it is filtered by, so that
// a window deep in a filtered list looks nothing up. All names stand in pages, for the search for a part of one.

import type { Migration } from './migration.ts';

/** Devices whose names share a row: little enough to write again for one device, enough to read fast for all. */
export const NAMES_PER_PAGE = 256;

/** A line per device, lower-case; neither space nor line end is part of a name. */
export const NAME_LINES_SQL = `lower(group_concat(device_serial || coalesce(' ' || hardware_id, ''), char(10)))`;

export const deviceListFilters: Migration = {
  version: 150,
  name: 'device-list-filters',
  sql: `
    ALTER TABLE device ADD COLUMN order_number INTEGER REFERENCES work_order (order_number);
    UPDATE device SET order_number = (
      SELECT order_number FROM work_order JOIN (
        SELECT order_id, started_at_ms AS at_ms FROM run WHERE run.device_serial = device.device_serial
        UNION ALL
        SELECT block.order_id, credential.reserved_at_ms
        FROM credential JOIN batch_block AS block ON block.block_number = credential.batch_block
        WHERE credential.device_serial = device.device_serial
      ) USING (order_id) ORDER BY at_ms DESC LIMIT 1
    );
    -- Orders that a device went through before.
    CREATE TABLE device_former_order (
      order_number INTEGER NOT NULL REFERENCES work_order (order_number),
      device_number INTEGER NOT NULL REFERENCES device (device_number),
      PRIMARY KEY (order_number, device_number)
    ) STRICT, WITHOUT ROWID;
    INSERT OR IGNORE INTO device_former_order
      SELECT work_order.order_number, device.device_number
      FROM run JOIN work_order USING (order_id) JOIN device USING (device_serial)
      WHERE device.order_number <> work_order.order_number;
    INSERT OR IGNORE INTO device_former_order
      SELECT work_order.order_number, device.device_number
      FROM credential JOIN batch_block AS block ON block.block_number = credential.batch_block
      JOIN work_order USING (order_id) JOIN device USING (device_serial)
      WHERE device.order_number <> work_order.order_number;

    DROP INDEX device_by_change;
    CREATE INDEX device_by_change ON device (changed_at_ms, device_number, credential_state, target_name, order_number);
    DROP INDEX device_by_expiry;
    CREATE INDEX device_by_expiry ON device (not_after_ms, device_number, credential_state, target_name, order_number);
    CREATE INDEX device_by_name ON device (device_serial, credential_state, target_name, order_number);
    DROP INDEX device_by_state;
    CREATE INDEX device_by_state ON device (credential_state, target_name);
    DROP INDEX device_by_target;
    CREATE INDEX device_by_target ON device (target_name);
    CREATE INDEX device_by_order ON device (order_number, credential_state);

    CREATE TABLE device_name_page (page INTEGER PRIMARY KEY, names TEXT NOT NULL) STRICT;
    INSERT INTO device_name_page
      SELECT device_number / ${NAMES_PER_PAGE}, ${NAME_LINES_SQL} FROM device GROUP BY 1;

    DROP TRIGGER device_list_run_began;
    CREATE TRIGGER device_list_run_began AFTER INSERT ON run
    BEGIN
      UPDATE device SET changed_at_ms = NEW.started_at_ms,
        order_number = coalesce((SELECT order_number FROM work_order WHERE order_id = NEW.order_id), order_number)
      WHERE device_serial = NEW.device_serial;
    END;
    -- A batch writes these itself for a block of devices; it inserts them with their credential's state.
    CREATE TRIGGER device_begins AFTER INSERT ON device WHEN NEW.credential_state IS NULL
    BEGIN
      UPDATE device SET order_number = (
        SELECT order_number FROM run JOIN work_order USING (order_id)
        WHERE run.device_serial = NEW.device_serial AND run.closed_at_ms IS NULL
      ) WHERE device_number = NEW.device_number;
      INSERT INTO device_name_page
      SELECT NEW.device_number / ${NAMES_PER_PAGE}, lower(NEW.device_serial || coalesce(' ' || NEW.hardware_id, '')) WHERE true
      ON CONFLICT (page) DO UPDATE SET names = names || char(10) || excluded.names;
    END;
    CREATE TRIGGER device_name_added AFTER UPDATE OF hardware_id ON device WHEN NEW.hardware_id IS NOT OLD.hardware_id
    BEGIN
      UPDATE device_name_page SET names = (
        SELECT ${NAME_LINES_SQL} FROM device
        WHERE device_number >= page * ${NAMES_PER_PAGE} AND device_number < (page + 1) * ${NAMES_PER_PAGE}
      ) WHERE page = NEW.device_number / ${NAMES_PER_PAGE};
    END;
    CREATE TRIGGER device_changes_its_order AFTER UPDATE OF order_number ON device
    WHEN NEW.order_number <> OLD.order_number
    BEGIN
      INSERT OR IGNORE INTO device_former_order VALUES (OLD.order_number, NEW.device_number);
      DELETE FROM device_former_order WHERE order_number = NEW.order_number AND device_number = NEW.device_number;
    END;
  `,
};
