// The demo, whole: it must end well wherever it runs, and say of every device and every proof that it held.

import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { JsonLine } from '../../support/cliProcess.ts';

const DEMO = fileURLToPath(new URL('../../../cli/demo/main.ts', import.meta.url));

function demo(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    NODE_COMPILE_CACHE: join(tmpdir(), 'keyline-test-compile-cache'),
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [DEMO, ...args], { env, maxBuffer: 10_000_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    );
  });
}

const readLines = (text: string): readonly JsonLine[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonLine);

function expectWell(lines: readonly JsonLine[]): void {
  const checks = lines.filter(({ event }) => event === 'check');
  expect(checks.filter(({ held }) => held !== true)).toEqual([]);
  expect(checks.map(({ what }) => what)).toEqual([
    '8 of 8 devices hold a verified credential',
    ...Array.from({ length: 8 }, (_, index) => `DEMO-000${index + 1} is admitted`),
    'the edge server says the same',
    'a device without a certificate is refused',
    'a device with an expired certificate is refused',
    'a device with a certificate of another CA is refused',
    'a device that meets an edge server of another CA refuses it',
    'a device whose certificate is revoked in the inventory is refused',
    'the audit log is intact',
    'every invariant of the inventory holds',
  ]);
  const runs = (lines.find(({ event }) => event === 'runs')?.runs ?? []) as {
    outcome: string;
    certificateSerial: string;
  }[];
  expect(runs.map(({ outcome }) => outcome)).toEqual(Array(8).fill('pass'));
  expect(new Set(runs.map(({ certificateSerial }) => certificateSerial)).size).toBe(8);
  expect(lines.at(-1)).toMatchObject({ event: 'demo', asExpected: true });
}

describe('the demo', () => {
  test('with devices in its own process', async () => {
    const { code, stdout, stderr } = await demo('--json', '--in-process');
    const lines = readLines(stdout);
    expectWell(lines);
    expect([code, stderr]).toEqual([0, '']);
    rmSync(String(lines.at(-1)?.folder), { recursive: true, force: true });
  });

  test.skipIf(process.platform === 'win32')('with devices behind pseudo-terminals', async () => {
    const { code, stdout, stderr } = await demo('--json');
    const lines = readLines(stdout);
    expectWell(lines);
    expect([code, stderr]).toEqual([0, '']);
    rmSync(String(lines.at(-1)?.folder), { recursive: true, force: true });
  });
});
