// What the records in a station's data folder say, while nobody or another process writes to them.

import { join } from 'node:path';
import { type InventoryReader, openInventoryReadOnly } from '../../core/inventory/inventory.ts';

/** Opens the records to look at them and closes them again. */
export function lookAt<T>({ data }: { readonly data: string }, look: (inventory: InventoryReader) => T): T {
  const inventory = openInventoryReadOnly(join(data, 'inventory.db'));
  try {
    return look(inventory);
  } finally {
    inventory.close();
  }
}
