// A batch at the command line, killed at every kind of point: it goes on without a duplicate and without a gap.

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type CliOptions, cli, startCli } from '../support/cliProcess.ts';
import { type TestStation, worldOfTests } from '../support/cliStation.ts';
import { lookAt } from '../support/records.ts';

const KILL_POINT = fileURLToPath(new URL('../support/killPoint.ts', import.meta.url));
const COUNT = 400;

const world = worldOfTests();

const outputOf = (station: TestStation): string => join(station.beside, 'batch.jsonl');
const batch = (station: TestStation, ...more: readonly string[]): readonly string[] => [
  ...['batch', 'issue', '--order', 'WO-1', '--prefix', 'SN-', '--digits', '5', '--out', outputOf(station)],
  ...['--block', '40', ...more],
];

async function freshStation(): Promise<TestStation> {
  const station = world.station();
  await cli(['order', 'create', 'WO-1', '--quantity', String(COUNT)], station);
  return station;
}

function expectComplete(station: TestStation): void {
  const lines = readFileSync(outputOf(station), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const expected = Array.from({ length: COUNT }, (_, i) => `SN-${String(i + 1).padStart(5, '0')}`);
  expect(lines.map((line) => line.deviceSerial).sort()).toEqual(expected);
  expect(new Set(lines.map((line) => line.certificateSerial)).size).toBe(COUNT);
  lookAt(station, (inventory) => {
    expect(inventory.checkInvariants({ settled: true })).toEqual([]);
    for (const line of lines) {
      const recorded = inventory.credentialWithSerial(line.certificateSerial);
      expect(recorded?.holder).toEqual({ kind: 'device', deviceSerial: line.deviceSerial });
      expect(recorded?.certificateSha256).toBe(line.certificateSha256);
      const certificate = new X509Certificate(line.certificate);
      expect(certificate.checkPrivateKey(createPrivateKey(line.privateKey))).toBe(true);
    }
    // What the CA has promised is what stands: nothing was lost to the attempts that were cut off.
    const used = inventory.issuingCas().reduce((sum, ca) => sum + ca.used, 0);
    expect(used).toBe(COUNT);
  });
}

describe('a batch that is killed', () => {
  it.each([
    'before beginBatch #1',
    'after beginBatch #1',
    'before reserveBlock #1',
    'after reserveBlock #3',
    'before commitBlock #1',
    'before commitBlock #4',
    'after commitBlock #2',
  ])('%s goes on', async (point) => {
    const station = await freshStation();
    const killed = await cli(batch(station, '--threads', '0'), {
      ...station,
      preload: [KILL_POINT],
      env: { KEYLINE_KILL_AT: point },
    });
    expect(killed.signal).toBe('SIGKILL');
    const resumed = await cli(batch(station, '--threads', '0'), station);
    expect(resumed.line('batch-issued').issuedCount).toBe(COUNT);
    expectComplete(station);
  });

  it('over two threads, again and again at any moment, goes on', async () => {
    const station = await freshStation();
    let kills = 0;
    for (const pattern of [/"issuedCount":40\b/, /"issuedCount":1\d\d\b/, /"issuedCount":2\d\d\b/]) {
      const running = startCli(batch(station, '--threads', '2'), station);
      await running
        .seen(pattern)
        .then(() => running.child.kill('SIGKILL'))
        .catch(() => undefined);
      if ((await running.done).signal === 'SIGKILL') kills += 1;
    }
    expect(kills).toBeGreaterThan(0);
    const resumed = await cli(batch(station, '--threads', '2'), station);
    expect(resumed.line('batch-issued').issuedCount).toBe(COUNT);
    expectComplete(station);
  });

  it.skipIf(process.platform === 'win32')(
    'by a full disk says so, and goes on when there is room',
    async () => {
      const station = await freshStation();
      // A limit on file size stands for the full disk: 512-octet blocks.
      const limited: CliOptions = {
        ...station,
        wrapper: ['sh', '-c', 'trap "" XFSZ; ulimit -f 300; exec "$@"', 'sh'],
      };
      const full = await cli(batch(station, '--threads', '0'), limited);
      expect(full.code).toBe(3);
      expect(full.line('error').code).toMatch(/^(disk_full|storage_failed)$/);
      const resumed = await cli(batch(station, '--threads', '0'), station);
      expect(resumed.line('batch-issued').issuedCount).toBe(COUNT);
      expectComplete(station);
    },
  );

  it('twice at once: the second is refused', async () => {
    const station = await freshStation();
    // The first one stands still in the middle, holding the station.
    const running = startCli(batch(station, '--threads', '0'), {
      ...station,
      preload: [KILL_POINT],
      env: { KEYLINE_KILL_AT: 'before commitBlock #3', KEYLINE_SIGNALS: 'SIGSTOP' },
    });
    await running.seen(/"issuedCount":80\b/);
    const second = await cli(batch(station), station);
    expect(second.line('error').code).toBe('station_locked');
    running.child.kill('SIGCONT');
    expect((await running.done).code).toBe(0);
    expect(existsSync(outputOf(station))).toBe(true);
    expectComplete(station);
  });
});
