// Short ways to a batch in an inventory: certificates are a header and some content, as in world.ts, under one issuing CA.

import { randomBytes } from 'node:crypto';
import { newCertificateSerials } from '../../../core/domain/certificateSerial.ts';
import { newCredentialId, type OrderId } from '../../../core/domain/ids.ts';
import type { Inventory } from '../../../core/inventory/inventory.ts';
import type { BatchCertificateRecord } from '../../../core/inventory/stores/batchBlocks.ts';
import type { BatchPlan, ReservedBatchDevice } from '../../../core/inventory/stores/batchStore.ts';
import { certificateOf, sha256, T0 } from './world.ts';

export const random = { bytes: (sizeBytes: number): Uint8Array => randomBytes(sizeBytes) };
export const KEY_EXTENSION = new TextEncoder().encode('key identifier of the ca');
export const CA = sha256('ca');

export const planOf = (orderId: OrderId, quantity: number, changes: Partial<BatchPlan> = {}): BatchPlan => ({
  order: { orderId, targetName: 'zephyr-shell', quantity },
  count: quantity,
  numbering: { prefix: 'B-', digits: 3 },
  issuingCa: CA,
  profileName: 'tls-client',
  profileVersion: 2,
  values: { site: 'plant' },
  newCertificateSerials: (count) => newCertificateSerials(random, count),
  newCredentialId: () => newCredentialId(random),
  nowMs: () => T0 + 100,
  ...changes,
});

export function openBatch(
  inventory: Inventory,
  orderId: OrderId,
  quantity: number,
  changes: Partial<BatchPlan> = {},
) {
  inventory.registerIssuingCa(CA, KEY_EXTENSION);
  return inventory.openBatch(planOf(orderId, quantity, changes));
}

/** What a maker would hand back for a reserved device. */
export function madeFor(
  { deviceSerial, certificateSerial }: ReservedBatchDevice,
  changes: Partial<BatchCertificateRecord> = {},
): BatchCertificateRecord {
  const content = new TextEncoder().encode(`${certificateSerial} by key identifier of the ca`);
  return {
    ...{ deviceSerial, certificateSerial, ...certificateOf(content) },
    publicKeySha256: sha256(`key of ${certificateSerial}`),
    notBeforeMs: T0,
    notAfterMs: T0 + 1e9,
    ...changes,
  };
}
