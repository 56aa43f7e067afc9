// A root whose machine is not the station's, at the command line: ceremonies over a stick, and the root's list.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ok, refused } from '../../support/cliExpect.ts';
import { type CliResult, cli } from '../../support/cliProcess.ts';
import { hasTool, openssl } from '../../support/openssl.ts';

const hasOpenssl = hasTool('openssl', 'version');

describe('an offline root over two data folders', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-ceremony-'));
  const rootMachine = { data: join(folder, 'root-machine') };
  const station = { data: join(folder, 'station') };
  const stick = join(folder, 'stick');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('makes root and issuing CA with a record for paper, and neither key leaves its machine', async () => {
    const root = await ok(['ceremony', 'root', '--site', 'Plant 7', '--record', stick], rootMachine);
    const sha256 = String(root.line('root-made').sha256);
    const record = readFileSync(join(stick, 'root-made.txt'), 'utf8');
    expect(record.replaceAll(/\s/g, '')).toContain(sha256.slice(0, 32));
    expect(record).toContain('Second person');
    await refused(['ceremony', 'root', '--site', 'Plant 7'], rootMachine, 'authority_exists');

    await ok(['ceremony', 'request', '--site', 'Plant 7', '--out', stick], station);
    const request = join(stick, 'issuing.csr.pem');
    await refused(
      ['ceremony', 'sign', request, '--out', stick],
      { ...rootMachine, passphrase: 'wrong wrong wrong' },
      'passphrase_wrong',
    );
    await ok(['ceremony', 'sign', request, '--out', stick], rootMachine);
    const chain = join(stick, 'issuing.chain.pem');
    const installed = await ok(['ceremony', 'install', chain], station);
    expect(installed.line('issuing-ca-installed')).toMatchObject({ label: '1', root: { sha256 } });
    const stickText = execFileSync('cat', [request, chain]).toString();
    expect(stickText).not.toContain('PRIVATE KEY');
    await refused(['ceremony', 'install', join(stick, 'root-made.txt')], station, 'chain_invalid');
  });

  it('writes no set of lists before the root’s list is there, and then one that openssl reads', async () => {
    await refused(['crl', '--out', join(folder, 'crl')], station, 'crl_not_current');
    await ok(['ceremony', 'crl', '--days', '400', '--out', stick], rootMachine);
    const mistyped = { data: join(folder, 'mistyped') };
    const lost = await cli(['ceremony', 'crl', '--install', join(stick, 'root.crl.pem')], mistyped);
    expect([lost.code, lost.line('error').code]).toEqual([3, 'station_missing']);
    expect(existsSync(mistyped.data)).toBe(false);
    await ok(['ceremony', 'crl', '--install', join(stick, 'root.crl.pem')], station);
    const first = await ok(['crl', '--out', join(folder, 'crl')], station);
    const second = await ok(['crl', '--out', join(folder, 'crl')], station);
    const number = (result: CliResult): number => Number(result.line('crl').crlNumber);
    expect(number(second)).toBeGreaterThan(number(first));
    const doctor = await cli(['doctor'], station);
    expect(doctor.lines().find((line) => line.name === 'CRL')).toMatchObject({ state: 'ok' });
    if (hasOpenssl) openssl('crl', '-in', join(folder, 'crl', 'crl-set.pem'), '-noout');
  });
});
