// The fake's batches: they count, and make nothing.

import { StationError } from '../../domain/stationError.ts';
import type { StationMethods } from '../rpc/host.ts';
import type { Batch } from '../schemas/issuing.ts';
import { unknown, type World } from './world.ts';

type Part = Pick<StationMethods, 'batch.get' | 'batch.start' | 'batch.stop'>;

const STEP_MS = 250;
const STEP_DEVICES = 200;
const LINE_SIZE_BYTES = 1_060;

export function fakeBatch(world: World, nameOf: (orderId: string) => string | undefined): Part {
  const batches = new Map<string, Batch>();
  let running: string | undefined;

  const tell = (batch: Batch): Batch => {
    batches.set(batch.orderId, batch);
    world.emit({ event: 'batch.changed', payload: batch });
    return batch;
  };
  function step(): void {
    const batch = running === undefined ? undefined : batches.get(running);
    if (batch === undefined) return;
    const issuedCount = Math.min(batch.count, batch.issuedCount + STEP_DEVICES);
    const full = issuedCount === batch.count;
    const state = full ? 'full' : batch.state === 'stopping' ? 'stopped' : 'running';
    tell({
      ...{ ...batch, issuedCount, state, sizeBytes: issuedCount * LINE_SIZE_BYTES },
      devicesPerSecond: (STEP_DEVICES * 1_000) / STEP_MS,
    });
    if (state === 'running') world.options.later(step, STEP_MS);
    else running = undefined;
  }

  return {
    'batch.get': ({ orderId }) => ({ batch: batches.get(orderId) }),
    'batch.start': ({ orderId, count = 20_000, numbering }) => {
      const orderName = nameOf(orderId) ?? unknown('order_unknown');
      if (world.lock.state !== 'unlocked') throw new StationError('authority_locked');
      if (running !== undefined) throw new StationError('batch_busy', { order: nameOf(running) });
      const before = batches.get(orderId);
      running = orderId;
      world.options.later(step, STEP_MS);
      return tell({
        ...{ orderId, orderName, count, numbering: before?.numbering ?? numbering },
        issuedCount: before?.issuedCount ?? 0,
        sizeBytes: before?.sizeBytes ?? 0,
        state: 'running',
        path: `/var/lib/keyline/exports/batch-${orderName}-${orderId.slice(-8)}.jsonl`,
      });
    },
    'batch.stop': () => {
      const batch = running === undefined ? undefined : batches.get(running);
      if (batch !== undefined) tell({ ...batch, state: 'stopping' });
      return {};
    },
  };
}
