// A batch in a process of its own, to be killed. Arguments: folder, count, threads.

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { batchValidity } from '../../../../core/authority/batch/blockIssuer.ts';
import { openFileOutput } from '../../../../core/authority/batch/fileOutput.ts';
import { workerMaker } from '../../../../core/authority/batch/makers.ts';
import { runBatch } from '../../../../core/authority/batch/runBatch.ts';
import { keySigner } from '../../../../core/authority/signing/signer.ts';
import { deviceProfile, deviceSerials, FileSink } from '../../../support/batchFixture.ts';

const [folder = '', count = '0', threads = '1'] = process.argv.slice(2);
const issuingDer = readFileSync(path.join(folder, 'issuing.der'));
const issuingKey = createPrivateKey(readFileSync(path.join(folder, 'issuing.key'), 'utf8'));
const profile = deviceProfile();
const plan = {
  profile,
  validity: batchValidity(profile, issuingDer, Date.now()),
  verifySignatures: true,
  recheckEvery: 500,
};
const worker = new URL('../../../../core/authority/batch/worker.ts', import.meta.url);
const maker = workerMaker(worker, { plan, issuingDer, issuingKey }, Number(threads));
const output = openFileOutput(path.join(folder, 'batch.jsonl'));
try {
  await runBatch({
    sink: new FileSink(path.join(folder, 'sink.jsonl'), deviceSerials(Number(count))),
    output,
    maker,
    issuer: keySigner(issuingDer, issuingKey),
    blockSize: 50,
    signal: new AbortController().signal,
    onProgress: ({ issuedCount }) => process.stdout.write(`${issuedCount}\n`),
  });
} finally {
  output.close();
  await maker.close();
}
