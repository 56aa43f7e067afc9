// All steps of the database's form, oldest first.

import { stationAndAudit } from './010-station-and-audit.ts';
import { workOrder } from './020-work-order.ts';
import { device } from './030-device.ts';
import { run } from './040-run.ts';
import { credential } from './050-credential.ts';
import { operator } from './060-operator.ts';
import { deviceList } from './070-device-list.ts';
import { authority } from './100-authority.ts';
import { batchBlocks } from './110-batch-blocks.ts';
import { deviceListOrder } from './120-device-list-order.ts';
import { orderLastChecks } from './130-order-last-checks.ts';
import { installedPasswords } from './140-installed-passwords.ts';
import { deviceListFilters } from './150-device-list-filters.ts';
import { provisionalHardwareId } from './160-provisional-hardware-id.ts';
import { deviceGroups } from './170-device-groups.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  stationAndAudit,
  workOrder,
  device,
  run,
  credential,
  operator,
  deviceList,
  authority,
  batchBlocks,
  deviceListOrder,
  orderLastChecks,
  installedPasswords,
  deviceListFilters,
  provisionalHardwareId,
  deviceGroups,
];
