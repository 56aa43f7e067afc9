// A work order as the contract shows it.

import type { Order } from '../contract/schemas/orders.ts';
import type { OrderWishes } from '../domain/workOrder.ts';
import type { OrderSummary } from '../inventory/queries/figures.ts';

export const orderView = (
  order: OrderSummary,
  currentOrderId: string | undefined,
  { lastChecks, passwordPolicy }: OrderWishes,
): Order => ({
  orderId: order.orderId,
  name: order.name,
  targetName: order.targetName,
  profileName: order.profileName,
  quantity: order.quantity,
  listedSerials: order.listedSerials,
  checkReboot: lastChecks?.checkReboot === true,
  seal: lastChecks?.seal === true,
  passwordPolicy,
  createdAtMs: order.createdAtMs,
  closedAtMs: order.closedAtMs,
  current: order.orderId === currentOrderId,
  progress: {
    passed: order.passedDevices,
    failed: order.failed,
    remaining: Math.max(0, order.quantity - order.passedDevices),
    runs: order.runs,
    yield: order.tried === 0 ? undefined : Math.min(1, order.passedDevices / order.tried),
    firstPassYield: order.tried === 0 ? undefined : order.passedFirst / order.tried,
  },
});
