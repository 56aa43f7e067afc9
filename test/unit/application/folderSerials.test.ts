import { expect, test } from 'vitest';
import { serialsToIssue } from '../../../core/application/folderSerials.ts';
import type { Credential } from '../../../core/domain/credential.ts';
import { type DeviceSerial, parseDeviceSerial } from '../../../core/domain/device.ts';
import type { OrderId } from '../../../core/domain/ids.ts';
import type { WorkOrder } from '../../../core/domain/workOrder.ts';

const order: WorkOrder = {
  ...{ orderId: 'order-1' as OrderId, name: 'WO-1', targetName: 'files', profileName: 'tls-client' },
  ...{ quantity: 3, deviceSerials: [], createdAtMs: 0, closedAtMs: undefined },
};

/** The serials that are tried where not one of them can be written; no more than a thousand. */
function tried(live: readonly string[]): readonly DeviceSerial[] {
  const inventory = {
    remainingSerials: () => [],
    liveCredential: (serial: DeviceSerial) => (live.includes(serial) ? ({} as Credential) : undefined),
  };
  const serials: DeviceSerial[] = [];
  for (const serial of serialsToIssue(inventory, order, { prefix: 'N-', digits: 7 })) {
    serials.push(serial);
    if (serials.length === 1_000) break;
  }
  return serials;
}

test('numbers pass over devices that have a credential, and end where a hundred more than the order has were tried', () => {
  const serials = tried(['N-0000001', 'N-0000003']);
  expect(serials.slice(0, 2)).toEqual(['N-0000002', 'N-0000004'].map(parseDeviceSerial));
  expect(serials).toHaveLength(103);
});
