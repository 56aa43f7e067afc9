// Provisions devices in the inventory of the folder argv[2] until the storage refuses, removes the file `ballast` there,
// and goes on. Tells as JSON what was refused, what was recorded, and how the inventory stands.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { asStationError } from '../../../../core/domain/stationError.ts';
import { openInventory } from '../../../../core/inventory/inventory.ts';
import { provision, STATION, serial } from '../world.ts';

const folder = process.argv[2] ?? '';
const tell = (facts: object) => process.stdout.write(`${JSON.stringify(facts)}\n`);

function run(): void {
  const inventory = openInventory({ path: join(folder, 'inventory.sqlite'), station: STATION });
  let passed = 0;
  let code: string | undefined;
  while (code === undefined && passed < 10_000) {
    try {
      provision(inventory, String(passed), `SN-${passed}`);
      passed += 1;
    } catch (error) {
      code = asStationError(error).code;
    }
  }
  const recorded = inventory.counts().runsByOutcome.pass;
  const openRuns = inventory.openRuns().length;
  rmSync(join(folder, 'ballast'), { force: true });
  let afterwards = 'provisioned';
  try {
    for (const open of inventory.openRuns()) inventory.closeRun(open.runId, { outcome: 'error', atMs: 1 });
    for (const left of inventory.unfinishedCredentials()) {
      if (left.state === 'reserved' || left.state === 'prepared')
        inventory.void(left.credentialId, 'disk full', 1);
      else inventory.revoke(left.credentialId, 'unspecified', 'disk full', 1);
    }
    provision(inventory, 'afterwards', 'SN-afterwards');
  } catch (error) {
    afterwards = asStationError(error).code;
  }
  const last = inventory.device(serial('SN-afterwards')) !== undefined;
  const violations = inventory.checkInvariants();
  inventory.close();
  tell({ code, passed, recorded, openRuns, afterwards, last, violations });
}

try {
  run();
} catch (error) {
  tell({ code: asStationError(error).code });
}
