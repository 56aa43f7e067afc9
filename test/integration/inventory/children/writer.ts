// Provisions devices without end in the inventory at argv[2]. Each act that returned is told on standard output, so that
// whoever kills this process knows what must have survived. `only=WHAT:WHEN` in argv[3] makes it kill itself there.

import { subscribe } from 'node:diagnostics_channel';
import { writeSync } from 'node:fs';
import { JOURNAL_CHANNEL, type JournalMessage } from '../../../../core/inventory/database/connection.ts';
import { openInventory } from '../../../../core/inventory/inventory.ts';
import { createOrder, orderIdOf, provision } from '../world.ts';

const [, , path = '', stop = ''] = process.argv;
const tell = (line: string) => writeSync(1, `${line}\n`);

subscribe(JOURNAL_CHANNEL, (message) => {
  const { when, what, facts } = message as JournalMessage;
  if (stop === `${what}:${when}`) process.kill(process.pid, 'SIGKILL');
  if (when === 'after') tell(`${what} ${JSON.stringify(facts)}`);
});

const inventory = openInventory({ path });
const start = inventory.auditHead().entries;
if (inventory.order('WO') === undefined) createOrder(inventory, 'WO', { quantity: 1_000_000 });
for (let n = 0; ; n += 1) {
  const name = `${start}-${n}`;
  const { credentialId } = provision(inventory, `${name}a`, `SN-${name}`, {
    hardwareId: `hw-${name}`,
    orderId: orderIdOf('WO'),
  });
  if (n % 3 === 0 && credentialId !== undefined)
    provision(inventory, `${name}b`, `SN-${name}`, { supersedes: credentialId });
}
