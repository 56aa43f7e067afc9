// The two ways of making blocks: in this thread, and in worker threads over the machine's cores.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { StationError } from '../../domain/stationError.ts';
import type { CaSigner } from '../signing/signer.ts';
import { BlockIssuer, type BlockPlan, type IssuedBlock } from './blockIssuer.ts';
import type { ReservedDevice } from './port.ts';
import type { BlockMaker } from './runBatch.ts';
import { unpackBlock, type WorkerAnswer, type WorkerSetup } from './workerMessages.ts';

/** A few milliseconds' work: what else this thread does waits no longer. */
const DEVICES_PER_TURN = 32;

/** Makes blocks in this thread, one after another, and lets others have their turn meanwhile. */
export function threadlessMaker(plan: BlockPlan, signer: CaSigner): BlockMaker {
  const issuer = new BlockIssuer(plan, signer);
  return {
    parallelBlocks: 0,
    async make(devices) {
      const block = issuer.begin(devices.length);
      try {
        for (const [index, device] of devices.entries()) {
          if (index % DEVICES_PER_TURN === 0) await nextTurn();
          block.add(device);
        }
      } catch (error) {
        block.discard();
        throw error;
      }
      return block.finish();
    },
  };
}

export interface ClosableMaker extends BlockMaker {
  close(): Promise<void>;
}

interface Assignment {
  readonly devices: readonly ReservedDevice[];
  resolve(block: IssuedBlock): void;
  reject(error: unknown): void;
}

/** Makes blocks in `threadCount` workers; `workerUrl` is worker.ts or what the host's build made of it. */
export function workerMaker(workerUrl: URL, setup: WorkerSetup, threadCount: number): ClosableMaker {
  const waiting: Assignment[] = [];
  const workers: Worker[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Assignment>();
  let broken: StationError | undefined;

  const dispatch = (): void => {
    while (idle.length > 0 && waiting.length > 0) {
      const worker = idle.pop();
      const assignment = waiting.shift();
      if (worker === undefined || assignment === undefined) return;
      busy.set(worker, assignment);
      worker.postMessage({ devices: assignment.devices });
    }
  };
  const breakDown = (cause: unknown): void => {
    broken ??= new StationError(
      'internal',
      { message: 'a batch worker ended', cause: String(cause) },
      { cause },
    );
    for (const assignment of [...busy.values(), ...waiting.splice(0)]) assignment.reject(broken);
    busy.clear();
  };
  for (let index = 0; index < threadCount; index += 1) {
    const worker = new Worker(workerUrl, { workerData: setup });
    worker.on('message', (answer: WorkerAnswer) => {
      const assignment = busy.get(worker);
      busy.delete(worker);
      idle.push(worker);
      if (answer.kind === 'block') assignment?.resolve(unpackBlock(answer.block));
      else assignment?.reject(new StationError(answer.code, answer.details));
      dispatch();
    });
    worker.on('error', breakDown);
    worker.on('exit', breakDown);
    workers.push(worker);
    idle.push(worker);
  }
  return {
    parallelBlocks: threadCount,
    make: (devices) =>
      new Promise((resolve, reject) => {
        if (broken !== undefined) reject(broken);
        else {
          waiting.push({ devices, resolve, reject });
          dispatch();
        }
      }),
    async close() {
      for (const worker of workers) worker.removeAllListeners('exit');
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
