import { spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { deviceSerials, FileSink } from '../../../support/batchFixture.ts';
import { temporaryFolder } from '../../../support/openssl.ts';
import { testIssuing, testRoot } from '../../../support/testAuthority.ts';

const files = temporaryFolder();
afterAll(files.remove);

const COUNT = 3000;
const entry = fileURLToPath(new URL('batchProcess.ts', import.meta.url));
const issuing = testIssuing(testRoot());
files.write('issuing.der', issuing.certificateDer);
files.write('issuing.key', issuing.key.privateKey.export({ type: 'pkcs8', format: 'pem' }));

/** Starts the batch; kills it once it has reported more than `killAfter` devices. Returns whether it came to its end. */
function start(killAfter: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [entry, files.folder, String(COUNT), '2'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.stdout.on('data', (chunk: Buffer) => {
      const last = Number(chunk.toString().trimEnd().split('\n').at(-1));
      if (last >= killAfter) child.kill('SIGKILL');
    });
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(false);
      else if (code === 0) resolve(true);
      else reject(new Error(errors));
    });
  });
}

/** Six processes and some hundred forced writes: minutes on a machine that is busy otherwise. */
const TIMEOUT_MS = 240_000;

describe('a batch over two workers that is killed again and again', { timeout: TIMEOUT_MS }, () => {
  it('ends without a duplicate and without a gap', async () => {
    let kills = 0;
    for (const killAfter of [1, 400, 900, 1500, 2300]) if (!(await start(killAfter))) kills += 1;
    expect(kills).toBeGreaterThanOrEqual(4);
    expect(await start(Number.POSITIVE_INFINITY)).toBe(true);

    const output = path.join(files.folder, 'batch.jsonl');
    const sink = new FileSink(path.join(files.folder, 'sink.jsonl'), deviceSerials(COUNT));
    const lines = readFileSync(output, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.deviceSerial).sort()).toEqual(deviceSerials(COUNT));
    expect(new Set(lines.map((line) => line.certificateSerial)).size).toBe(COUNT);
    for (const line of lines) expect(sink.issued.get(line.deviceSerial)).toBe(line.certificateSerial);
    expect(sink.state().reserved).toEqual([]);
    // A serial that was given up never comes back in a certificate.
    const issuedSerials = new Set(sink.issued.values());
    expect(sink.voidedSerials.some((serial) => issuedSerials.has(serial))).toBe(false);
    const ca = new X509Certificate(issuing.certificateDer);
    for (const line of lines.filter((_, index) => index % 50 === 0)) {
      const certificate = new X509Certificate(line.certificate);
      expect(certificate.verify(ca.publicKey)).toBe(true);
      expect(certificate.checkPrivateKey(createPrivateKey(line.privateKey))).toBe(true);
    }
    if (process.platform !== 'win32') expect(statSync(output).mode & 0o777).toBe(0o600);
  });
});
