// Filtered lists of a million devices in the order in which they are mostly read: the newest change first. An index that
// ends in the time needs no sorting, for the first page as for the last.

import type { Migration } from './migration.ts';

export const deviceListOrder: Migration = {
  version: 120,
  name: 'device-list-order',
  sql: `
    DROP INDEX device_by_state;
    CREATE INDEX device_by_state ON device (credential_state, changed_at_ms);
    DROP INDEX device_by_target;
    CREATE INDEX device_by_target ON device (target_name, changed_at_ms);
  `,
};
