// The ways of making key and certificate that are measured against each other. Each returns certificates per second of
// wall clock and, where it can be told, of processor time.

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { batchValidity, DEFAULT_RECHECK_EVERY } from '../../../core/authority/batch/blockIssuer.ts';
import { openFileOutput } from '../../../core/authority/batch/fileOutput.ts';
import { threadlessMaker, workerMaker } from '../../../core/authority/batch/makers.ts';
import { runBatch } from '../../../core/authority/batch/runBatch.ts';
import { deviceProfile } from '../../support/batchFixture.ts';
import type { TestCa } from '../../support/testAuthority.ts';
import { openBatchInventory } from './batchInventory.ts';

export interface Rate {
  readonly perSecondWall: number;
  readonly perSecondProcessor: number | undefined;
}

export interface Contender {
  readonly name: string;
  /** Undefined when the tool is not on this machine. */
  run(): Promise<Rate | undefined>;
}

const BLOCK_SIZE = 500;

/** Our batch path whole: reservation, keys, certificates, checks, lines forced to the disk, commit to the inventory. */
export function keylineContender(
  name: string,
  folder: string,
  ca: TestCa,
  options: { readonly count: number; readonly verifySignatures: boolean; readonly threads: number },
): Contender {
  const profile = deviceProfile();
  const plan = {
    profile,
    validity: batchValidity(profile, ca.certificateDer, Date.now()),
    verifySignatures: options.verifySignatures,
    recheckEvery: DEFAULT_RECHECK_EVERY,
  };
  return {
    name,
    async run() {
      const worker = new URL('../../../core/authority/batch/worker.ts', import.meta.url);
      const setup = { plan, issuingDer: ca.certificateDer, issuingKey: ca.key.privateKey };
      const pool = options.threads > 0 ? workerMaker(worker, setup, options.threads) : undefined;
      const maker = pool ?? threadlessMaker(plan, ca.signer);
      const outputPath = path.join(folder, 'batch.jsonl');
      try {
        await runOnce(maker, ca, folder, outputPath, BLOCK_SIZE);
        rmSync(outputPath);
        const processor = process.cpuUsage();
        const startedMs = performance.now();
        await runOnce(maker, ca, folder, outputPath, options.count);
        const seconds = (performance.now() - startedMs) / 1000;
        const used = process.cpuUsage(processor);
        return {
          perSecondWall: options.count / seconds,
          perSecondProcessor: options.count / ((used.user + used.system) / 1e6),
        };
      } finally {
        await pool?.close();
        rmSync(outputPath, { force: true });
      }
    },
  };
}

async function runOnce(
  maker: Parameters<typeof runBatch>[0]['maker'],
  ca: TestCa,
  folder: string,
  outputPath: string,
  count: number,
): Promise<void> {
  const output = openFileOutput(outputPath);
  const inventory = openBatchInventory(path.join(folder, 'inventory.db'), ca.certificateDer, count);
  try {
    await runBatch({
      sink: inventory.sink,
      output,
      maker,
      issuer: ca.signer,
      blockSize: BLOCK_SIZE,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
  } finally {
    output.close();
    inventory.close();
  }
}

/** Debian's python3-cryptography. */
export function pythonContender(folder: string, count: number): Contender {
  const script = new URL('pythonCryptography.py', import.meta.url).pathname;
  return {
    name: 'python3-cryptography',
    async run() {
      const args = [script, 'ca.pem', 'ca.key', String(count), 'python.out'];
      const { status, stdout } = spawnSync('/usr/bin/python3', args, { cwd: folder, encoding: 'utf8' });
      if (status !== 0) return undefined;
      const [wall = Number.NaN, processor = Number.NaN] = stdout.trim().split(' ').map(Number);
      return { perSecondWall: count / wall, perSecondProcessor: count / processor };
    },
  };
}

/** A command that is started once per device. */
function commandContender(
  name: string,
  folder: string,
  count: number,
  commands: readonly (readonly string[])[],
): Contender {
  return {
    name,
    async run() {
      const startedMs = performance.now();
      for (let index = 0; index < count; index += 1) {
        for (const [program = '', ...args] of commands) {
          if (spawnSync(program, args, { cwd: folder, stdio: 'ignore' }).status !== 0) return undefined;
        }
      }
      return {
        perSecondWall: count / ((performance.now() - startedMs) / 1000),
        perSecondProcessor: undefined,
      };
    },
  };
}

/** openssl: key and request in one process, the certificate in a second. */
export const opensslContender = (folder: string, count: number): Contender =>
  commandContender('openssl command', folder, count, [
    [
      'openssl',
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      'o.key',
      '-subj',
      '/O=Acme/CN=SN-1',
      '-out',
      'o.csr',
    ],
    [
      'openssl',
      'x509',
      '-req',
      '-in',
      'o.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-days',
      '365',
      '-extfile',
      'leaf.cnf',
      '-out',
      'o.pem',
    ],
  ]);

export const cfsslContender = (folder: string, count: number): Contender =>
  commandContender('cfssl command', folder, count, [
    ['cfssl', 'gencert', '-ca', 'ca.pem', '-ca-key', 'ca-sec1.key', '-config', 'cfssl.json', 'csr.json'],
  ]);
