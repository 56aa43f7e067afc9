// Makes an inventory elsewhere and backs it up into the folder argv[2]; tells how that went and what lies there after.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asStationError } from '../../../../core/domain/stationError.ts';
import { createWorld, provision } from '../world.ts';

const folder = process.argv[2] ?? '';
const world = createWorld();
try {
  for (let n = 0; n < 30; n += 1) provision(world.inventory, String(n), `SN-${n}`);
  const code = await world.inventory.backupTo(join(folder, 'backup.sqlite')).then(
    () => 'done',
    (error: unknown) => asStationError(error).code,
  );
  process.stdout.write(JSON.stringify({ code, files: readdirSync(folder) }));
} finally {
  world.remove();
}
