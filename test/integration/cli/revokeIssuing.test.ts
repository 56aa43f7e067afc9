// An issuing CA whose key is out, revoked at the command line: real processes and files, openssl as the judge.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ok, refused } from '../../support/cliExpect.ts';
import { type CliResult, cli } from '../../support/cliProcess.ts';
import { stationOfTests } from '../../support/cliStation.ts';
import { hasTool, openssl } from '../../support/openssl.ts';
import { lookAt } from '../../support/records.ts';

const hasOpenssl = hasTool('openssl', 'version');

const listText = (file: string): string => openssl('crl', '-in', file, '-noout', '-text').toLowerCase();

const numbers = (result: CliResult, event: string): Record<string, number> =>
  Object.fromEntries(
    (event === 'crl'
      ? result.lines().filter((line) => line.event === 'crl')
      : (result.line(event).crls as { ca: string; crlNumber: number }[])
    ).map((line) => [String(line.ca), Number(line.crlNumber)]),
  );

/** openssl's word on a certificate, every list of the chain asked. */
function verify(root: string, set: string, file: string): string {
  const { stdout, stderr } = spawnSync(
    'openssl',
    ['verify', '-crl_check_all', '-CRLfile', set, '-CAfile', root, '-untrusted', file, file],
    { encoding: 'utf8' },
  );
  return stdout + stderr;
}

const acts = (data: string) =>
  lookAt({ data }, (inventory) =>
    inventory
      .auditEntries(0, 200)
      .filter(({ act }) => act === 'issuing-ca-revoked')
      .map(({ details }) => JSON.parse(details)),
  );

describe.skipIf(!hasOpenssl)('an issuing CA under a root on this machine', () => {
  const { station } = stationOfTests();
  const at = (name: string): string => join(station.beside, name);
  const server = (out: string) => ['issue', 'server', '--name', 'edge.example', '--out', at(out)];

  it('is revoked for good: in the root’s list, in the audit log, and it signs nothing more', async () => {
    await ok(server('old'), station);
    const before = numbers(await ok(['crl', '--out', at('crl')], station), 'crl');
    expect(verify(at('old/root.pem'), at('crl/crl-set.pem'), at('old/server.pem'))).toContain('OK');

    // What was given to it alone goes to the next one, too.
    await ok(['authority', 'use', '1', '--profile', 'tls-server'], station);
    const revoke = ['authority', 'revoke-issuing', '1', '--reason', 'keyCompromise', '--out', at('crl')];
    await refused(revoke, station, 'usage');
    await refused([...revoke, '--yes'], { ...station, passphrase: 'not the right one' }, 'passphrase_wrong');
    await refused(['authority', 'revoke-issuing', '7', '--yes'], station, 'issuing_ca_unknown');
    expect(existsSync(join(station.data, 'authority', 'revoked-cas.json'))).toBe(false);
    expect(acts(station.data)).toEqual([]);

    const revoked = await ok([...revoke, '--yes'], station);
    expect(revoked.line('issuing-ca-revoked')).toMatchObject({ label: '1', listed: true });
    const after = numbers(revoked, 'issuing-ca-revoked');
    for (const ca of ['1', 'root']) expect(after[ca]).toBeGreaterThan(before[ca] ?? Number.NaN);
    const serial = String(revoked.line('issuing-ca-revoked').certificateSerial);
    const list = listText(at('crl/root-1.crl.pem'));
    expect(list).toContain(serial);
    expect(list).toContain('key compromise');
    expect(verify(at('old/root.pem'), at('crl/crl-set.pem'), at('old/server.pem'))).toMatch(
      /error 23 at 1 depth lookup: certificate revoked/,
    );
    expect(acts(station.data)).toMatchObject([
      { label: '1', certificateSerial: serial, reason: 'keyCompromise' },
    ]);

    await refused(server('new'), station, 'issuing_ca_revoked');
    await refused(
      ['trust', 'export', '--for', 'aws-iot', '--code', '94ffe2a3c094ffe2a3c0', '--out', at('aws')],
      station,
      'issuing_ca_revoked',
    );
    const [shown] = (await ok(['authority', 'show'], station))
      .lines()
      .filter((line) => line.event === 'issuing-ca');
    expect(shown).toMatchObject({ label: '1', revoked: true });
  });

  it('keeps its first time and reason when it is revoked again, with new lists', async () => {
    const [first] = acts(station.data);
    const before = numbers(await ok(['crl'], station), 'crl');
    const again = await ok(['authority', 'revoke-issuing', '1', '--reason', 'superseded', '--yes'], station);
    expect(again.line('issuing-ca-revoked').reason).toBe('keyCompromise');
    expect(again.line('issuing-ca-revoked').revokedAtMs).toBe(first.revokedAtMs);
    expect(numbers(again, 'issuing-ca-revoked').root).toBeGreaterThan(before.root ?? Number.NaN);
  });

  it('is followed by a new one that signs, while the old one cannot come back and is in no trust bundle', async () => {
    await ok(['authority', 'roll-over'], station);
    await refused(['authority', 'use', '1'], station, 'issuing_ca_revoked');
    await ok(server('new'), station);
    await ok(['crl', '--out', at('crl')], station);
    expect(verify(at('old/root.pem'), at('crl/crl-set.pem'), at('new/server.pem'))).toContain('OK');
    expect(verify(at('old/root.pem'), at('crl/crl-set.pem'), at('old/server.pem'))).toContain('revoked');
    await ok(['trust', 'export', '--for', 'nginx', '--out', at('nginx')], station);
    const bundle = readFileSync(at('nginx/device-cas.pem'), 'utf8');
    expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    const issuing =
      readFileSync(join(station.data, 'authority', 'issuing.pem'), 'utf8').split('\n')[3] ?? '-';
    expect(bundle).not.toContain(issuing);
    expect((await cli(['audit', 'verify'], station)).line('audit')).toMatchObject({ intact: true });
  });
});

describe.skipIf(!hasOpenssl)('an issuing CA under an offline root', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-revoke-issuing-'));
  const rootMachine = { data: join(folder, 'root-machine') };
  const station = { data: join(folder, 'station') };
  const stick = join(folder, 'stick');
  const at = (name: string): string => join(folder, name);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('stops at the station at once, and stands in the list that its root’s machine signs', async () => {
    await ok(['ceremony', 'root', '--site', 'Plant 7'], rootMachine);
    await ok(['ceremony', 'request', '--site', 'Plant 7', '--out', stick], station);
    await ok(['ceremony', 'sign', join(stick, 'issuing.csr.pem'), '--out', stick], rootMachine);
    await ok(['ceremony', 'install', join(stick, 'issuing.chain.pem')], station);
    await ok(['issue', 'server', '--name', 'edge.example', '--out', at('edge')], station);

    await refused(['authority', 'roll-over'], station, 'root_elsewhere');
    const revoke = ['authority', 'revoke-issuing', '1', '--reason', 'keyCompromise', '--yes', '--out', stick];
    const stopped = await ok(revoke, station);
    expect(stopped.line('issuing-ca-revoked').listed).toBe(false);
    await refused(
      ['issue', 'server', '--name', 'b.example', '--out', at('b')],
      station,
      'issuing_ca_revoked',
    );

    const sign = ['ceremony', 'crl', '--out', stick, '--reason', 'keyCompromise', '--revoke'];
    await refused([...sign, join(stick, 'issuing-1.pem')], rootMachine, 'usage');
    await refused([...sign, at('edge/root.pem'), '--yes'], rootMachine, 'chain_invalid');
    await ok([...sign, join(stick, 'issuing-1.pem'), '--yes'], rootMachine);
    // Every later list names it as well.
    const later = await ok(['ceremony', 'crl', '--out', stick], rootMachine);
    expect(later.line('crl-signed').revoked).toBe(1);
    await ok(['ceremony', 'crl', '--install', join(stick, 'root.crl.pem')], station);
    await ok(['crl', '--out', at('crl')], station);
    expect(listText(at('crl/root-1.crl.pem'))).toContain(
      String(stopped.line('issuing-ca-revoked').certificateSerial),
    );
    expect(verify(at('edge/root.pem'), at('crl/crl-set.pem'), at('edge/server.pem'))).toMatch(
      /error 23 at 1 depth lookup: certificate revoked/,
    );
  });

  it('stops also where only the root’s machine revoked it', async () => {
    const other = { data: join(folder, 'other-station') };
    await ok(['ceremony', 'request', '--site', 'Plant 8', '--out', at('stick-8')], other);
    await ok(['ceremony', 'sign', at('stick-8/issuing.csr.pem'), '--out', at('stick-8')], rootMachine);
    await ok(['ceremony', 'install', at('stick-8/issuing.chain.pem')], other);
    const issuing = join(other.data, 'authority', 'issuing.pem');
    await ok(['ceremony', 'crl', '--revoke', issuing, '--yes', '--out', at('stick-8')], rootMachine);
    await ok(['issue', 'server', '--name', 'a.example', '--out', at('a')], other);
    const taken = await ok(['ceremony', 'crl', '--install', at('stick-8/root.crl.pem')], other);
    expect(taken.line('crl-installed').revoked).toEqual(['1']);
    expect(acts(other.data)).toMatchObject([{ label: '1' }]);
    await refused(['issue', 'server', '--name', 'b.example', '--out', at('b')], other, 'issuing_ca_revoked');
    // Once it is known, the same list tells nothing new.
    const again = await ok(['ceremony', 'crl', '--install', at('stick-8/root.crl.pem')], other);
    expect(again.line('crl-installed').revoked).toEqual([]);
    expect(acts(other.data)).toHaveLength(1);
  });
});
