// Runs a batch with model certificates and ends itself at a chosen moment inside of a transaction, where no message on the
// journal's channel falls. Arguments: path of the inventory, moment, how many blocks come before.

import { openInventory } from '../../../../core/inventory/inventory.ts';
import { madeFor, planOf } from '../batchWorld.ts';
import { orderIdOf } from '../world.ts';

const [path = '', moment = '', before = '0'] = process.argv.slice(2);
let blocks = 0;
const dieAt = (name: string): void => {
  if (name === moment && blocks >= Number(before)) process.kill(process.pid, 'SIGKILL');
};
const inventory = openInventory({ path });
const plan = planOf(orderIdOf('WO-1'), 20);
const batch = inventory.openBatch({
  ...plan,
  newCertificateSerials(count) {
    dieAt('while reserving');
    return plan.newCertificateSerials(count);
  },
  newCredentialId() {
    dieAt('while committing');
    return plan.newCredentialId();
  },
});
for (;;) {
  const reserved = batch.reserve(5);
  if (reserved.length === 0) break;
  dieAt('after reserving');
  const made = reserved.map((one) => madeFor(one));
  dieAt('after signing');
  batch.commit(made, 5 * (blocks + 1));
  blocks += 1;
  dieAt('after committing');
}
inventory.close();
