// One batch in a process of its own, so that it can be bound to a core and its memory measured: reservation, keys,
// certificates, checks, lines forced to the disk, commit to a real inventory. Prints one line of JSON.
// Arguments: folder with ca.der and ca.key, count, threads (0: none), "verify" or "trust", name of the inventory's file.

import { createPrivateKey } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { batchValidity, DEFAULT_RECHECK_EVERY } from '../../../core/authority/batch/blockIssuer.ts';
import { openFileOutput } from '../../../core/authority/batch/fileOutput.ts';
import { threadlessMaker, workerMaker } from '../../../core/authority/batch/makers.ts';
import { DEFAULT_BLOCK_SIZE, runBatch } from '../../../core/authority/batch/runBatch.ts';
import { keySigner } from '../../../core/authority/signing/signer.ts';
import { deviceProfile } from '../../support/batchFixture.ts';
import { openBatchInventory } from './batchInventory.ts';

const WARM_UP = 2 * DEFAULT_BLOCK_SIZE;

const [folder = '', count = '0', threads = '0', check = 'verify', database = 'inventory.db'] =
  process.argv.slice(2);
const issuingDer = readFileSync(join(folder, 'ca.der'));
const issuingKey = createPrivateKey(readFileSync(join(folder, 'ca.key'), 'utf8'));
const signer = keySigner(issuingDer, issuingKey);
const profile = deviceProfile();
const plan = {
  profile,
  validity: batchValidity(profile, issuingDer, Date.now()),
  verifySignatures: check === 'verify',
  recheckEvery: DEFAULT_RECHECK_EVERY,
};
const worker = new URL('../../../core/authority/batch/worker.ts', import.meta.url);
const pool =
  threads === '0' ? undefined : workerMaker(worker, { plan, issuingDer, issuingKey }, Number(threads));
const maker = pool ?? threadlessMaker(plan, signer);

async function issue(devices: number) {
  const outputPath = join(folder, `${database}.jsonl`);
  rmSync(outputPath, { force: true });
  const output = openFileOutput(outputPath);
  const inventory = openBatchInventory(join(folder, database), issuingDer, devices);
  try {
    const processor = process.cpuUsage();
    const startedMs = performance.now();
    const { issuedCount } = await runBatch({
      ...{ sink: inventory.sink, output, maker, issuer: signer, blockSize: DEFAULT_BLOCK_SIZE },
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    const used = process.cpuUsage(processor);
    if (issuedCount !== devices) throw new Error(`${issuedCount} of ${devices}`);
    return {
      wallSeconds: (performance.now() - startedMs) / 1000,
      processorSeconds: (used.user + used.system) / 1e6,
    };
  } finally {
    output.close();
    inventory.close();
    rmSync(outputPath, { force: true });
  }
}

await issue(Math.min(WARM_UP, Number(count)));
const measured = await issue(Number(count));
console.log(JSON.stringify({ ...measured, peakMb: process.resourceUsage().maxRSS / 1024 }));
await pool?.close();
