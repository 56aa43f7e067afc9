// What a work order asks for beyond the usual run: a check after a restart, and sealing. Most orders ask for neither.

import type { Migration } from './migration.ts';

export const orderLastChecks: Migration = {
  version: 130,
  name: 'order-last-checks',
  sql: `
    CREATE TABLE work_order_last_checks (
      order_id TEXT NOT NULL PRIMARY KEY REFERENCES work_order (order_id),
      check_reboot INTEGER NOT NULL CHECK (check_reboot IN (0, 1)),
      seal INTEGER NOT NULL CHECK (seal IN (0, 1)),
      CHECK (check_reboot + seal > 0)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER work_order_last_checks_are_fixed BEFORE UPDATE ON work_order_last_checks
    BEGIN SELECT RAISE(ABORT, 'work-order-is-fixed'); END;
    CREATE TRIGGER work_order_last_checks_are_kept BEFORE DELETE ON work_order_last_checks
    BEGIN SELECT RAISE(ABORT, 'work-order-is-kept'); END;
  `,
};
