// Batches for programming houses. One at a time, in turns with everything else that the station answers, and never beside
// a bay at work: the two could make a credential for the same device serial.

import { join } from 'node:path';
import { threadlessMaker } from '../authority/batch/makers.ts';
import type { BatchProgress } from '../authority/batch/runBatch.ts';
import type { StationMethods } from '../contract/rpc/host.ts';
import { failureOf } from '../contract/schemas/common.ts';
import type { Batch } from '../contract/schemas/issuing.ts';
import { StationError } from '../domain/stationError.ts';
import type { WorkOrder } from '../domain/workOrder.ts';
import { type OrderBatch, openOrderBatch } from '../host/orderBatch.ts';
import { exportsFolder } from './exportsFolder.ts';
import type { House } from './house.ts';
import { issuingParts, openWorkshop } from './issuingParts.ts';
import { lockNow } from './workshop.ts';
import { houseOf, operatorOf, refuseAtWork, tellSession, type World } from './world.ts';

export interface BatchDesk {
  readonly methods: Pick<StationMethods, 'batch.get' | 'batch.start' | 'batch.stop'>;
  /** The order whose batch is under way. */
  underWay(): string | undefined;
  /** Stops it and resolves when what was made is recorded. */
  close(): Promise<void>;
}

/** A quarter of a second's work: so soon a batch stops, and so often it tells how far it is. */
const BLOCK_SIZE = 200;

interface Work {
  batch: Batch;
  readonly controller: AbortController;
  ended: Promise<void>;
}

/** Always the same for an order, so that its batch goes on in it. */
const outputPath = (house: House, { name, orderId }: WorkOrder): string =>
  join(exportsFolder(house), `batch-${name.replace(/[^A-Za-z0-9._-]+/g, '_')}-${orderId.slice(-8)}.jsonl`);

export function createBatchDesk(world: World): BatchDesk {
  /** Under way, or the last one. */
  let work: Work | undefined;
  const isUnderWay = (): boolean => work?.batch.state === 'running' || work?.batch.state === 'stopping';

  const orderOf = (orderId: string): WorkOrder => {
    const order = houseOf(world).inventory.order(orderId);
    if (order === undefined) throw new StationError('order_unknown', { order: orderId });
    return order;
  };

  function tell(mine: Work, change: Partial<Batch>): void {
    mine.batch = { ...mine.batch, ...change };
    world.emit({ event: 'batch.changed', payload: mine.batch });
  }

  function recorded(order: WorkOrder): Batch | undefined {
    const house = houseOf(world);
    const found = house.inventory.batchOfOrder(order.orderId);
    if (found === undefined) return undefined;
    const { issuedCount, outputSizeBytes: sizeBytes, numbering } = found;
    const count = work?.batch.orderId === order.orderId ? work.batch.count : order.quantity;
    return {
      ...{ orderId: order.orderId, orderName: order.name, issuedCount, count, sizeBytes, numbering },
      state: issuedCount >= count ? 'full' : 'stopped',
      path: outputPath(house, order),
    };
  }

  async function run(mine: Work, opened: OrderBatch): Promise<void> {
    const { controller } = mine;
    const startedMs = performance.now();
    const from = opened.issuedCount;
    const onProgress = ({ issuedCount, outputSizeBytes }: BatchProgress): void => {
      // Whoever locks the authority does not wait for thousands of devices.
      if (world.workshop?.closing !== false) controller.abort();
      const seconds = Math.max(0.001, (performance.now() - startedMs) / 1000);
      tell(mine, {
        ...{ issuedCount, sizeBytes: outputSizeBytes },
        state: controller.signal.aborted ? 'stopping' : 'running',
        devicesPerSecond: (issuedCount - from) / seconds,
      });
    };
    const end = await opened
      .run({
        maker: threadlessMaker(opened.plan, opened.issuer),
        ...{ blockSize: BLOCK_SIZE, signal: controller.signal, onProgress },
      })
      .then(
        ({ issuedCount, outputSizeBytes }): Partial<Batch> => ({
          ...{ issuedCount, sizeBytes: outputSizeBytes },
          state: issuedCount >= mine.batch.count ? 'full' : 'stopped',
        }),
        (thrown: unknown): Partial<Batch> => ({ state: 'stopped', failure: failureOf(thrown) }),
      );
    opened.close();
    tell(mine, end);
    world.emit({ event: 'inventory.changed', payload: {} });
    if (world.workshop?.closing === true && world.runsUnderWay() === 0) {
      await lockNow(world);
      tellSession(world);
    }
  }

  function start(order: WorkOrder, count: number | undefined, numbering: Batch['numbering']): Batch {
    const house = houseOf(world);
    operatorOf(world);
    openWorkshop(world);
    refuseAtWork(world);
    const path = outputPath(house, order);
    const opened = openOrderBatch(issuingParts(world), { order: order.orderId, count, numbering, path });
    const begun = recorded(order);
    if (begun === undefined) throw new StationError('internal', { message: 'a batch without a record' });
    const batch: Batch = {
      ...begun,
      count: count ?? order.quantity,
      state: 'running',
    };
    const mine: Work = { batch, controller: new AbortController(), ended: Promise.resolve() };
    work = mine;
    mine.ended = run(mine, opened);
    return batch;
  }

  return {
    underWay: () => (isUnderWay() ? work?.batch.orderId : undefined),
    async close() {
      work?.controller.abort();
      await work?.ended;
      work = undefined;
    },
    methods: {
      'batch.get': ({ orderId }) => {
        const order = orderOf(orderId);
        const shown =
          work !== undefined && work.batch.orderId === order.orderId ? work.batch : recorded(order);
        return { batch: shown };
      },
      'batch.start': ({ orderId, count, numbering }) => {
        const batch = start(orderOf(orderId), count, numbering);
        world.emit({ event: 'batch.changed', payload: batch });
        return batch;
      },
      'batch.stop': () => {
        if (work === undefined || !isUnderWay()) return {};
        work.controller.abort();
        tell(work, { state: 'stopping' });
        return {};
      },
    },
  };
}
