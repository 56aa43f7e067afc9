// keyline batch: keys and certificates by the thousand, for programming houses.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { threadlessMaker, workerMaker } from '../../core/authority/batch/makers.ts';
import { type BatchProgress, DEFAULT_BLOCK_SIZE } from '../../core/authority/batch/runBatch.ts';
import { AUTHORITY_FILES } from '../../core/authority/chain.ts';
import { caFolder } from '../../core/authority/issuing/caFolders.ts';
import { tokenReferenceOf } from '../../core/authority/issuing/caSigner.ts';
import { readEncryptedKey } from '../../core/authority/keyVault.ts';
import { Secret } from '../../core/domain/secret.ts';
import { type OpenedIssuing, openIssuing } from '../../core/host/openIssuing.ts';
import { type OrderBatch, openOrderBatch } from '../../core/host/orderBatch.ts';
import type { CommandContext } from '../context.ts';
import { listenForInterruption } from '../input/interruption.ts';
import { progressWords } from '../output/progressWords.ts';
import { tellRecovery } from '../output/recovery.ts';
import { splitBatch } from './batchFiles.ts';
import { action, EXIT, positiveInteger, threadNumber } from './shared.ts';

const EXAMPLES = `
Examples:
  $ keyline order create WO-9 --quantity 20000
  $ keyline batch issue --order WO-9 --count 20000 --prefix SN- --digits 7 --out wo-9.jsonl
  $ keyline batch issue --order WO-10 --out wo-10.jsonl       # an order with its own list of device serials
  $ keyline batch split wo-9.jsonl --out devices/             # one .pem and .key.pem per device

Each line holds deviceSerial, certificateSerial, certificate and privateKey (PEM): keep the file on an encrypted disk.
Stopped by Ctrl-C, a power cut or a full disk, the same command goes on where it was: no device twice, none missing.
`;

interface IssueOptions {
  readonly order: string;
  readonly count?: number;
  readonly prefix?: string;
  readonly digits: number;
  readonly out: string;
  readonly threads?: number;
  readonly block: number;
}

export const batchCommand = (): Command => {
  const batch = new Command('batch').description('keys and certificates for many devices at once');
  batch.addHelpText('after', EXAMPLES);
  batch
    .command('issue')
    .description('make key, certificate and record for the devices of a work order')
    .requiredOption('--order <order>', 'the work order; target, profile and quantity come from it')
    .option(
      '--count <number>',
      'how many in all, earlier attempts included (default: the order’s quantity)',
      positiveInteger,
    )
    .option('--prefix <text>', 'device serials of an order without a list: this, and a number from 1')
    .option('--digits <number>', 'with so many digits', positiveInteger, 7)
    .requiredOption('--out <file>', 'the file of JSON lines; it is continued if it is there')
    .option('--threads <number>', 'worker threads; 0 uses this one (default: one per core)', threadNumber)
    .option('--block <number>', 'devices per transaction', positiveInteger, DEFAULT_BLOCK_SIZE)
    .action(action(issueBatch));
  batch
    .command('split')
    .description('write the lines of a batch as one certificate and key file per device')
    .argument('<file>', 'what “keyline batch issue” wrote')
    .requiredOption('--out <folder>', 'where the files go')
    .action(
      action(async ({ output }, file: string, options: { out: string }) => {
        const devices = await splitBatch(file, options.out);
        output.result(
          'batch-split',
          { devices, folder: options.out },
          `✔ ${devices} devices in ${options.out}`,
        );
        return EXIT.ok;
      }),
    );
  return batch;
};

async function issueBatch(context: CommandContext, options: IssueOptions) {
  const { output, folder, profilesFolder, operatorName } = context;
  const interruption = listenForInterruption(() => output.say('Finishing the blocks in work …'));
  const passphrase = await context.passphrase();
  try {
    const copy = passphrase.use((bytes) => new Uint8Array(bytes));
    const opened = openIssuing({ folder, passphrase: new Secret(copy), profilesFolder, operatorName });
    try {
      tellRecovery(output, opened.recovered);
      const startedMs = performance.now();
      const done = await runWith(context, opened, passphrase, options, interruption.signal);
      const seconds = (performance.now() - startedMs) / 1000;
      output.result(
        interruption.signal.aborted ? 'batch-stopped' : 'batch-issued',
        { ...done, seconds, file: options.out },
        `${interruption.signal.aborted ? '‖ Stopped' : '✔ Done'}: ${done.issuedCount} devices in ${options.out}, ${seconds.toFixed(1)} s`,
      );
      return interruption.signal.aborted ? EXIT.interrupted : EXIT.ok;
    } finally {
      opened.close();
    }
  } finally {
    passphrase.wipe();
    interruption.dispose();
  }
}

async function runWith(
  context: CommandContext,
  opened: OpenedIssuing,
  passphrase: Secret,
  { order, count, prefix, digits, out, threads, block }: IssueOptions,
  signal: AbortSignal,
): Promise<BatchProgress> {
  const numbering = prefix === undefined ? undefined : { prefix, digits };
  const batch = openOrderBatch(opened, { order, count, numbering, path: out });
  const { output } = context;
  const total = count ?? opened.inventory.order(order)?.quantity ?? 0;
  const startedMs = performance.now();
  try {
    const maker = makerFor(context, opened, batch, passphrase, threads ?? availableParallelism());
    try {
      return await output.during('Issuing', (tell) =>
        batch.run({
          ...{ maker, signal, blockSize: block },
          onProgress({ issuedCount, outputSizeBytes }) {
            if (output.json) output.result('batch-progress', { issuedCount, outputSizeBytes }, '');
            const elapsedMs = performance.now() - startedMs;
            const of = { done: issuedCount, total, doneBefore: batch.issuedCount, elapsedMs };
            tell(`Issuing  ${progressWords(of)}`);
          },
        }),
      );
    } finally {
      await maker.close();
    }
  } finally {
    batch.close();
  }
}

function makerFor(
  { folder }: CommandContext,
  { authority }: OpenedIssuing,
  { plan, issuer }: OrderBatch,
  passphrase: Secret,
  threads: number,
) {
  const { name } = plan.profile;
  const place = caFolder(
    folder.authority,
    authority.assignment.profiles[name] ?? authority.assignment.active,
  );
  // A token answers one session; a small batch is done before threads have started.
  if (threads === 0 || tokenReferenceOf(place, 'issuing') !== undefined) {
    return { ...threadlessMaker(plan, issuer), close: async () => undefined };
  }
  const { issuingDer } = authority.forProfile(name);
  const issuingKey = readEncryptedKey(join(place, AUTHORITY_FILES.issuingKey), passphrase);
  const worker = new URL('../../core/authority/batch/worker.ts', import.meta.url);
  return workerMaker(worker, { plan, issuingDer, issuingKey }, threads);
}
