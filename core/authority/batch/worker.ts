// The entry of a worker thread that makes blocks of certificates.

import { parentPort, workerData } from 'node:worker_threads';
import { asStationError } from '../../domain/stationError.ts';
import { keySigner } from '../signing/signer.ts';
import { BlockIssuer } from './blockIssuer.ts';
import { packBlock, type WorkerAnswer, type WorkerSetup, type WorkerTask } from './workerMessages.ts';

const setup = workerData as WorkerSetup;
const issuer = new BlockIssuer(setup.plan, keySigner(setup.issuingDer, setup.issuingKey));

parentPort?.on('message', (task: WorkerTask) => {
  try {
    const block = packBlock(issuer.issue(task.devices));
    answer({ kind: 'block', block }, [block.certificatesDer.buffer, block.output.buffer]);
  } catch (thrown) {
    const { code, details } = asStationError(thrown);
    answer({ kind: 'failure', code, details }, []);
  }
});

function answer(message: WorkerAnswer, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}
