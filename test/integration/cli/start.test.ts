// What a command loads: whatever it has no use for takes its time at every start.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cli } from '../../support/cliProcess.ts';
import { stationOfTests } from '../../support/cliStation.ts';

const PRELOAD = fileURLToPath(new URL('../../support/tellPackages.ts', import.meta.url));

const { station } = stationOfTests();

async function loaded(args: readonly string[]): Promise<readonly string[]> {
  const { stderr } = await cli(args, { data: station.data, preload: [PRELOAD] });
  return JSON.parse(/^packages: (.*)$/m.exec(stderr)?.[1] ?? '') as string[];
}

const PROMPTS = ['@inquirer/password', '@inquirer/confirm', 'log-update'];
const AUTHORITY = ['@peculiar/asn1-x509', '@peculiar/asn1-schema', 'koffi', 'bcryptjs'];
const LINK = ['serialport', '@serialport/bindings-cpp', 'esptool-js'];

test.each([
  { args: ['inventory', 'list'], spared: [...PROMPTS, ...AUTHORITY, ...LINK] },
  { args: ['audit', 'verify'], spared: [...PROMPTS, ...AUTHORITY, ...LINK] },
  { args: ['order', 'list'], spared: [...PROMPTS, ...AUTHORITY, ...LINK] },
  { args: ['target', 'list'], spared: [...PROMPTS, ...LINK] },
  { args: ['ports'], spared: [...PROMPTS, ...AUTHORITY, ...LINK, 'better-sqlite3'] },
  {
    args: ['provision', '--port', '/dev/no-such-port', '--serial', 'SN-1'],
    spared: [...PROMPTS, 'esptool-js', 'koffi'],
  },
])('$args loads nothing that it has no use for', async ({ args, spared }) => {
  const packages = await loaded(args);
  expect(packages).toContain('commander');
  expect(packages.filter((name) => spared.includes(name))).toEqual([]);
});
