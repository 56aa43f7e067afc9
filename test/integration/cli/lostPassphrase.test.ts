// The passphrase of the issuing CA is forgotten: a new issuing CA under another one takes over, with the root on its own machine.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ok } from '../../support/cliExpect.ts';
import { type CliOptions, cli } from '../../support/cliProcess.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyline-lost-passphrase-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const rootMachine = { data: join(folder, 'root-machine') };
const station = { data: join(folder, 'station') };
const later = { ...station, passphrase: 'an entirely new passphrase' };
const at = (name: string): string => join(folder, name);

async function ceremony(label: string, of: CliOptions): Promise<void> {
  await ok(['ceremony', 'request', '--site', 'Plant 7', '--out', at('stick')], of);
  await ok(['ceremony', 'sign', at('stick/issuing.csr.pem'), '--out', at('stick')], rootMachine);
  await ok(['ceremony', 'install', '--ca', label, at('stick/issuing.chain.pem')], of);
}

it('leaves the old CA its last list, and the new one signs, lists and is trusted', async () => {
  await ok(['ceremony', 'root', '--site', 'Plant 7'], rootMachine);
  await ceremony('1', station);
  await ok(['ceremony', 'crl', '--out', at('stick')], rootMachine);
  await ok(['ceremony', 'crl', '--install', at('stick/root.crl.pem')], station);
  await ok(['crl'], station);

  await ceremony('2', later);
  await ok(['authority', 'use', '2'], later);
  await ok(['issue', 'server', '--name', 'edge.example', '--out', at('edge')], later);
  // More often than wrong passphrases are free.
  for (const time of [1, 2, 3, 4, 5, 6]) {
    const made = await ok(['crl', '--out', at('crl')], later);
    const signed = made.lines().filter(({ event }) => event === 'crl');
    expect(
      signed.map(({ ca }) => ca),
      `time ${time}`,
    ).toEqual(['2']);
    expect(made.line('crl-kept').ca).toBe('1');
    expect(made.line('crl-set').lists).toBe(3);
  }
  await ok(['trust', 'export', '--for', 'nginx', '--out', at('nginx')], later);

  const wrong = await cli(['crl'], { ...station, passphrase: 'nobody’s passphrase at all' });
  expect(wrong.line('error').code).toMatch(/^passphrase_(wrong|delayed)$/);

  // The root's machine revokes the lost one; from then on its list may end.
  const lost = join(station.data, 'authority', 'issuing.pem');
  await ok(
    ['ceremony', 'crl', '--revoke', lost, '--reason', 'superseded', '--yes', '--out', at('stick')],
    rootMachine,
  );
  await ok(['ceremony', 'crl', '--install', at('stick/root.crl.pem')], later);
  const shown = (await ok(['authority', 'show'], later))
    .lines()
    .filter(({ event }) => event === 'issuing-ca');
  expect(shown.map(({ label, revoked }) => [label, revoked])).toEqual([
    ['1', true],
    ['2', false],
  ]);
  await ok(['crl', '--out', at('crl')], later);
});

it('says that no request waits where a chain is for another issuing CA', async () => {
  const refused = await cli(['ceremony', 'install', '--ca', '7', at('stick/issuing.chain.pem')], later);
  expect(refused.line('error').code).toBe('request_missing');
  expect(refused.code).toBe(2);
});
