// A fresh inventory with one order, ready for a batch.

import { rmSync } from 'node:fs';
import { authorityKeyExtension } from '../../../core/authority/issuing/issuingCas.ts';
import { sha256Hex } from '../../../core/der/fingerprint.ts';
import { newCertificateSerials } from '../../../core/domain/certificateSerial.ts';
import { newCredentialId, newOrderId, newStationId } from '../../../core/domain/ids.ts';
import { systemRandom } from '../../../core/host/systemRandom.ts';
import { openInventory } from '../../../core/inventory/inventory.ts';

export function openBatchInventory(path: string, issuingDer: Uint8Array, count: number) {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  const createdAtMs = Date.now();
  const inventory = openInventory({ path, station: { stationId: newStationId(systemRandom), createdAtMs } });
  const issuingCa = sha256Hex(issuingDer);
  inventory.registerIssuingCa(issuingCa, authorityKeyExtension(issuingDer));
  const order = {
    orderId: newOrderId(systemRandom),
    name: 'WO-1',
    targetName: 'zephyr-shell',
    profileName: 'tls-client',
    quantity: count,
    deviceSerials: [],
    createdAtMs,
    closedAtMs: undefined,
  };
  inventory.createOrder(order);
  const sink = inventory.openBatch({
    order,
    count,
    numbering: { prefix: 'SN-', digits: 7 },
    issuingCa,
    profileName: 'tls-client',
    profileVersion: 1,
    values: {},
    newCertificateSerials: (wanted) => newCertificateSerials(systemRandom, wanted),
    newCredentialId: () => newCredentialId(systemRandom),
    nowMs: () => Date.now(),
  });
  return { inventory, sink, orderId: order.orderId, close: () => inventory.close() };
}
