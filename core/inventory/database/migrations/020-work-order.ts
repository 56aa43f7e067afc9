// Work orders and the device serials they expect, in the order's own sequence.

import type { Migration } from './migration.ts';

export const workOrder: Migration = {
  version: 20,
  name: 'work-order',
  sql: `
    CREATE TABLE work_order (
      order_number INTEGER PRIMARY KEY,
      order_id TEXT NOT NULL UNIQUE CHECK (length(order_id) > 0),
      name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) > 0),
      target_name TEXT NOT NULL,
      profile_name TEXT NOT NULL,
      quantity INTEGER NOT NULL CHECK (quantity > 0),
      created_at_ms INTEGER NOT NULL,
      closed_at_ms INTEGER,
      -- Devices that passed; kept by a trigger on run. No upper bound: what was made is recorded, then reported.
      passed_devices INTEGER NOT NULL DEFAULT 0 CHECK (passed_devices >= 0)
    ) STRICT;
    CREATE TRIGGER work_order_is_fixed BEFORE UPDATE ON work_order
    WHEN (OLD.closed_at_ms IS NOT NULL AND NEW.closed_at_ms IS NOT OLD.closed_at_ms)
      OR NEW.order_number IS NOT OLD.order_number OR NEW.order_id IS NOT OLD.order_id
      OR NEW.name IS NOT OLD.name OR NEW.target_name IS NOT OLD.target_name
      OR NEW.profile_name IS NOT OLD.profile_name OR NEW.quantity IS NOT OLD.quantity
      OR NEW.created_at_ms IS NOT OLD.created_at_ms
    BEGIN SELECT RAISE(ABORT, 'work-order-is-fixed'); END;
    CREATE TRIGGER work_order_is_kept BEFORE DELETE ON work_order
    BEGIN SELECT RAISE(ABORT, 'work-order-is-kept'); END;

    CREATE TABLE work_order_device (
      order_id TEXT NOT NULL REFERENCES work_order (order_id),
      position INTEGER NOT NULL CHECK (position >= 0),
      device_serial TEXT NOT NULL COLLATE NOCASE CHECK (length(device_serial) BETWEEN 1 AND 64),
      PRIMARY KEY (order_id, position),
      UNIQUE (order_id, device_serial)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER work_order_device_is_fixed BEFORE UPDATE ON work_order_device
    BEGIN SELECT RAISE(ABORT, 'work-order-is-fixed'); END;
    CREATE TRIGGER work_order_device_is_kept BEFORE DELETE ON work_order_device
    BEGIN SELECT RAISE(ABORT, 'work-order-is-kept'); END;
  `,
};
