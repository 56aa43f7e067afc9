// The fake's batches: they count, and make nothing.

import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { Batch } from '../schemas/issuing.ts';
import type { Order } from '../schemas/orders.ts';
import { refuseIssuing, type World } from './world.ts';

type Part = Pick<StationMethods, 'batch.get' | 'batch.start' | 'batch.stop'>;

const STEP_MS = 250;
const STEP_DEVICES = 200;
const LINE_SIZE_BYTES = 1_060;

export function fakeBatch(world: World, find: (orderId: string) => Order): Part {
  const batches = new Map<string, Batch>();

  const tell = (batch: Batch): Batch => {
    batches.set(batch.orderId, batch);
    world.emit({ event: 'batch.changed', payload: batch });
    return batch;
  };
  const underWay = (): Batch | undefined =>
    [...batches.values()].find(({ state }) => state === 'running' || state === 'stopping');
  function step(): void {
    const batch = underWay();
    if (batch === undefined) return;
    const issuedCount = Math.min(batch.count, batch.issuedCount + STEP_DEVICES);
    const full = issuedCount === batch.count;
    const state = full ? 'full' : batch.state === 'stopping' ? 'stopped' : 'running';
    tell({
      ...{ ...batch, issuedCount, state, sizeBytes: issuedCount * LINE_SIZE_BYTES },
      devicesPerSecond: (STEP_DEVICES * 1_000) / STEP_MS,
    });
    if (state === 'running') world.options.later(step, STEP_MS);
    else world.issuing = undefined;
  }

  return {
    'batch.get': ({ orderId }) => ({ batch: batches.get(find(orderId).orderId) }),
    'batch.start': ({ orderId, count, numbering }) => {
      const { name: orderName, quantity, listedSerials, closedAtMs, passwordPolicy } = find(orderId);
      refuseIssuing(world);
      if (passwordPolicy !== undefined)
        throw new StationError('password_not_offered', { reason: 'batch-without-passwords' });
      const before = batches.get(orderId);
      if (before === undefined && closedAtMs !== undefined) throw new StationError('order_complete', {});
      if (before === undefined && listedSerials > 0 === (numbering !== undefined))
        throw new StationError('value_invalid', {
          field: 'prefix',
          reason: listedSerials > 0 ? 'order-with-serials' : 'order-without-serials',
        });
      if (count !== undefined && count > quantity)
        throw new StationError('value_invalid', { field: 'count', reason: 'order-for-fewer' });
      world.issuing = { orderId, name: orderName };
      world.options.later(step, STEP_MS);
      return tell({
        ...{ orderId, orderName, count: count ?? quantity },
        ...{ numbering: before?.numbering ?? numbering },
        issuedCount: before?.issuedCount ?? 0,
        sizeBytes: before?.sizeBytes ?? 0,
        state: 'running',
        path: `/var/lib/keyline/exports/batch-${orderName}-${orderId.slice(-8)}.jsonl`,
      });
    },
    'batch.stop': () => {
      const batch = underWay();
      if (batch !== undefined) tell({ ...batch, state: 'stopping' });
      return {};
    },
  };
}
