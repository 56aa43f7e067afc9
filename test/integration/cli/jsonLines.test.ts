// What --json promises to whoever reads it: each object's fields by name and kind. A field that is renamed, lost or new is seen.

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { EXIT } from '../../../cli/exitCodes.ts';
import { type CliResult, cli } from '../../support/cliProcess.ts';
import { provisionWithCli, stationOfTests } from '../../support/cliStation.ts';
import { expectPromised as checkPromised, count, type Promised, text } from '../../support/jsonPromise.ts';

const { world, station } = stationOfTests();

const at = (name: string): string => join(station.beside, name);
const run = (...args: readonly string[]): Promise<CliResult> => cli(args, { data: station.data });

const schemas: Promised = {
  'batch-progress': z.strictObject({ event: text, issuedCount: count, outputSizeBytes: count }),
  'batch-issued': z.strictObject({
    ...{ event: text, issuedCount: count, outputSizeBytes: count },
    seconds: z.number().positive(),
    file: text,
  }),
  'batch-split': z.strictObject({ event: text, devices: count, folder: text }),
  crl: z.strictObject({ event: text, ca: text, crlNumber: count, revoked: count, nextUpdateMs: count }),
  'crl-set': z.strictObject({
    event: text,
    lists: count,
    nextUpdate: z.iso.datetime(),
    file: text.optional(),
  }),
  'trust-exported': z.strictObject({ event: text, consumer: text, files: z.array(text).min(1), page: text }),
  finding: z.strictObject({
    ...{ event: text, name: text, what: text },
    state: z.enum(['ok', 'warning', 'problem']),
    mend: text.optional(),
  }),
  exported: z.strictObject({ event: text, file: text, sizeBytes: count, runId: text.optional() }),
  error: z.strictObject({
    ...{ event: text, code: text, what: text, next: text },
    side: z.enum(['device', 'station', 'operator']),
    details: z.record(z.string(), z.unknown()),
  }),
};

const expectPromised = (result: CliResult, events: readonly string[]): void =>
  checkPromised(result, schemas, events);

test('batch issue and split', async () => {
  const made = await run('order', 'create', 'WO-J', '--quantity', '6', '--target', 'files');
  expect(made.code, made.stdout).toBe(EXIT.ok);
  const issue = [
    '--order',
    'WO-J',
    '--prefix',
    'J-',
    '--threads',
    '0',
    '--block',
    '3',
    '--out',
    at('j.jsonl'),
  ];
  expectPromised(await run('batch', 'issue', ...issue), ['batch-progress', 'batch-issued']);
  expectPromised(await run('batch', 'split', at('j.jsonl'), '--out', at('split')), ['batch-split']);
});

test('crl, trust export, doctor, inventory export', async () => {
  expectPromised(await run('crl', '--out', at('crl')), ['crl', 'crl-set']);
  expectPromised(await run('trust', 'export', '--for', 'nginx', '--out', at('nginx')), ['trust-exported']);
  expectPromised(await run('doctor'), ['finding']);
  expectPromised(await run('inventory', 'export', '--out', at('devices.csv')), ['exported']);
});

test.skipIf(process.platform === 'win32')('transcript export', async () => {
  const device = await world.device(station);
  const made = await provisionWithCli(station, device.path, 'J-TS');
  expect(made.code, made.stdout).toBe(EXIT.ok);
  await device.stop();
  expectPromised(await run('transcript', 'export', 'J-TS', '--out', at('j.log')), ['exported']);
});

test('a refusal: a port without a name, before anything is recorded', async () => {
  const refused = await provisionWithCli(station, '', 'J-NO-PORT');
  expect(refused.code, refused.stdout).toBe(EXIT.refused);
  expectPromised(refused, ['error']);
  const shown = await run('inventory', 'show', 'J-NO-PORT');
  expect(shown.line('error')).toMatchObject({ code: 'device_unknown' });
});

test.skipIf(process.platform === 'win32')(
  'a device that is scanned twice in one order counts once',
  async () => {
    const own = world.station();
    const device = await world.device(own);
    const at = { data: own.data };
    await cli(['order', 'create', 'WO-TWICE', '--quantity', '2'], at);
    const input = 'SN-TWICE\nSN-TWICE\n';
    const result = await cli(['run', 'WO-TWICE', '--port', device.path], { ...at, input });
    const [first, second] = result.lines().filter(({ event }) => event === 'closed');
    expect(first).toMatchObject({ outcome: 'pass' });
    expect(second, result.stdout).toMatchObject({
      outcome: 'fail',
      failure: { code: 'already_provisioned' },
    });
    expect(result.line('order-progress')).toMatchObject({ passed: 1, remaining: 1, runs: 2 });
    expect(result.code).toBe(EXIT.deviceFailed);
    await device.stop();
  },
);
