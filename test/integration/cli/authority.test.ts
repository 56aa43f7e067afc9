// The authority at the command line: real processes, real files, openssl as the judge.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ok, refused } from '../../support/cliExpect.ts';
import { cli } from '../../support/cliProcess.ts';
import { stationOfTests } from '../../support/cliStation.ts';
import { hasTool, openssl } from '../../support/openssl.ts';

const hasOpenssl = hasTool('openssl', 'version');

describe('a station with a root of its own', () => {
  const { world, station } = stationOfTests();
  const at = (name: string): string => join(station.beside, name);

  it('issues a server certificate for names and addresses, and renews it only when it is due', async () => {
    const args = [
      'issue',
      'server',
      '--name',
      'edge.example',
      '--name',
      'alias.example',
      '--ip',
      '10.0.0.5',
      '--out',
      at('edge'),
    ];
    await ok(args, station);
    expect(statSync(at('edge/server.key.pem')).mode & 0o777).toBe(0o600);
    await ok([...args, '--if-due', '30'], station).then((result) => result.line('server-current'));
    const renewed = await ok([...args, '--if-due', '900'], station);
    expect(renewed.line('server-issued').certificateSerial).toMatch(/^[0-9a-f]{40}$/);
    if (!hasOpenssl) return;
    const text = openssl('x509', '-in', at('edge/server.pem'), '-noout', '-text');
    for (const name of ['DNS:edge.example', 'DNS:alias.example', 'IP Address:10.0.0.5'])
      expect(text).toContain(name);
    expect(text).not.toContain('localhost');
    const chain = ['-CAfile', at('edge/root.pem'), '-untrusted', at('edge/server.pem')];
    expect(openssl('verify', '-x509_strict', ...chain, at('edge/server.pem'))).toContain('OK');
  });

  it.skipIf(!hasOpenssl)('issues for a request, refuses a bad one, renews and replaces', async () => {
    const makeRequest = (name: string, subject: string, ...more: readonly string[]): string => {
      openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', at(`${name}.key`));
      openssl('req', '-new', '-key', at(`${name}.key`), '-subj', subject, '-out', at(`${name}.csr`), ...more);
      return at(`${name}.csr`);
    };
    const request = makeRequest('one', '/CN=SN-1');
    const first = await ok(
      ['issue', 'csr', request, '--serial', 'SN-1', '--out', at('certificates')],
      station,
    );
    await refused(
      ['issue', 'csr', request, '--serial', 'SN-1', '--out', at('x')],
      station,
      'already_provisioned',
    );
    const greedy = makeRequest('greedy', '/CN=SN-2', '-addext', 'basicConstraints=critical,CA:TRUE');
    await refused(['issue', 'csr', greedy, '--serial', 'SN-2', '--out', at('x')], station, 'request_invalid');
    await refused(
      ['issue', 'csr', request, '--serial', 'SN-3', '--out', at('x')],
      station,
      'request_invalid',
    );

    const renewed = await ok(
      ['renew', 'SN-1', '--csr', makeRequest('two', '/CN=SN-1'), '--out', at('certificates')],
      station,
    );
    expect(renewed.line('renewed').replaced).toBe(first.line('device-issued').certificateSerial);
    const replaced = await ok(
      ['replace', 'SN-1', '--reason', 'keyCompromise', '--out', at('certificates')],
      station,
    );
    expect(replaced.line('renewed').replaced).toBe(renewed.line('renewed').certificateSerial);
    await ok(['crl', '--out', at('crl')], station);
    const list = openssl('crl', '-in', at('crl/issuing-1.crl.pem'), '-noout', '-text').toLowerCase();
    for (const serial of [
      first.line('device-issued').certificateSerial,
      renewed.line('renewed').certificateSerial,
    ]) {
      expect(list).toContain(String(serial));
    }
    expect(list).not.toContain(String(replaced.line('renewed').certificateSerial));
    expect(list).toContain('key compromise');
    const verify = (file: string) =>
      spawnSync('openssl', [
        'verify',
        '-crl_check_all',
        '-CRLfile',
        at('crl/crl-set.pem'),
        '-CAfile',
        at('edge/root.pem'),
        '-untrusted',
        file,
        file,
      ]);
    expect(verify(at('certificates/SN-1.pem')).status).toBe(0);
  });

  it('counts what a CA signs, refuses beyond its quota and its end, and rolls over with overlap', async () => {
    const shown = async () =>
      (await ok(['authority', 'show'], station)).lines().filter((line) => line.event === 'issuing-ca');
    const used = Number((await shown())[0]?.used);
    expect(used).toBeGreaterThan(0);
    await ok(['authority', 'quota', '1', '--limit', String(used + 1)], station);
    await ok(['issue', 'server', '--name', 'last.example', '--out', at('last')], station);
    await refused(
      ['issue', 'server', '--name', 'more.example', '--out', at('more')],
      station,
      'issuing_quota_reached',
    );
    // What is not named stays.
    const ended = await ok(['authority', 'quota', '1', '--until', '2020-01-01'], station);
    expect(ended.line('issuing-ca-limited')).toMatchObject({
      quota: used + 1,
      endsAtMs: Date.UTC(2020, 0, 1, 23, 59, 59),
    });
    await refused(
      ['issue', 'server', '--name', 'more.example', '--out', at('more')],
      station,
      'issuing_ca_ended',
    );

    const rolled = await ok(['authority', 'roll-over'], station);
    expect(rolled.line('issuing-ca-rolled-over').label).toBe('2');
    await ok(['issue', 'server', '--name', 'more.example', '--out', at('more')], station);
    await ok(['authority', 'use', '1', '--profile', 'tls-server'], station);
    await refused(
      ['issue', 'server', '--name', 'again.example', '--out', at('x')],
      station,
      'issuing_ca_ended',
    );
    await ok(['authority', 'quota', '1'], station);
    await ok(['issue', 'server', '--name', 'again.example', '--out', at('again')], station);
    await refused(['authority', 'use', '7'], station, 'issuing_ca_unknown');
    expect((await shown()).map((line) => [line.label, line.active])).toEqual([
      ['1', false],
      ['2', true],
    ]);

    await ok(['crl', '--out', at('crl')], station);
    await ok(['trust', 'export', '--for', 'nginx', '--out', at('nginx')], station);
    const bundle = readFileSync(at('nginx/device-cas.pem'), 'utf8');
    expect(bundle.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
    expect(readFileSync(at('nginx/device-crls.pem'), 'utf8').match(/BEGIN X509 CRL/g)).toHaveLength(3);
    if (!hasOpenssl) return;
    for (const server of ['more', 'again']) {
      const file = at(`${server}/server.pem`);
      expect(openssl('verify', '-x509_strict', '-CAfile', at('nginx/device-cas.pem'), file)).toContain('OK');
    }
  });

  it('provisions a device through the new CA while the edge server still shows the old one’s certificate', async () => {
    const device = await world.device(station);
    const result = await cli(['provision', '--port', device.path, '--serial', 'SN-ROLLED'], {
      data: station.data,
    });
    expect(result.code, result.stdout).toBe(0);
  });

  it('issues a batch over the real inventory, exports it, and signs a manifest that openssl verifies', async () => {
    await ok(['order', 'create', 'WO-1', '--quantity', '60'], station);
    await refused(
      ['batch', 'issue', '--order', 'WO-1', '--out', at('batch.jsonl')],
      station,
      'value_invalid',
    );
    const batch = [
      'batch',
      'issue',
      '--order',
      'WO-1',
      '--prefix',
      'B-',
      '--digits',
      '4',
      '--out',
      at('batch.jsonl'),
    ];
    await ok([...batch, '--count', '20', '--block', '7', '--threads', '0'], station);
    await refused([...batch.slice(0, 5), 'C-', ...batch.slice(6)], station, 'batch_changed');
    await refused([...batch, '--count', '61'], station, 'value_invalid');
    await refused([...batch.slice(0, -1), at('other.jsonl')], station, 'batch_output_foreign');
    expect(existsSync(at('other.jsonl'))).toBe(false);
    const done = await ok([...batch, '--block', '13'], station);
    expect(done.line('batch-issued').issuedCount).toBe(60);
    const serials = readFileSync(at('batch.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).deviceSerial);
    expect([...serials].sort()).toEqual(
      Array.from({ length: 60 }, (_, i) => `B-${String(i + 1).padStart(4, '0')}`),
    );
    await ok(['batch', 'split', at('batch.jsonl'), '--out', at('devices')], station);
    expect(statSync(at('devices/B-0001.key.pem')).mode & 0o777).toBe(0o600);

    await ok(['trust', 'export', '--for', 'csv', '--order', 'WO-1', '--out', at('csv')], station);
    expect(readFileSync(at('csv/devices.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(61);
    await ok(
      ['trust', 'export', '--for', 'aws-iot', '--code', '94ffe2a3c094ffe2a3c0', '--out', at('aws')],
      station,
    );
    await refused(
      ['trust', 'export', '--for', 'azure-iot', '--code', '94ff\u0007e2a3c0', '--out', at('x')],
      station,
      'trust_limit',
    );
    await refused(['trust', 'export', '--for', 'akamai', '--out', at('x')], station, 'value_missing');

    await ok(['manifest', 'WO-1', '--out', at('delivery')], station);
    const doctor = await cli(['doctor'], station);
    expect(doctor.lines().find((line) => line.name === 'Inventory')).toMatchObject({ state: 'ok' });
    if (!hasOpenssl) return;
    const signer = at('delivery/manifest-signer.pem');
    openssl('verify', '-CAfile', at('delivery/manifest-chain.pem'), signer);
    openssl('x509', '-in', signer, '-pubkey', '-noout', '-out', at('signer.pub'));
    openssl(
      'dgst',
      '-sha256',
      '-verify',
      at('signer.pub'),
      '-signature',
      at('delivery/manifest.sig'),
      at('delivery/manifest.csv'),
    );
    openssl('verify', '-x509_strict', '-CAfile', at('nginx/device-cas.pem'), at('devices/B-0007.pem'));
  });

  it('shows a password once, keeps verifiers only, and exports them', async () => {
    const made = await ok(['password', 'make', 'SN-P1', 'SN-P2'], station);
    const password = String(made.line('password').password);
    expect(readFileSync(join(station.data, 'inventory.db')).includes(password)).toBe(false);
    for (const format of ['mosquitto', 'emqx', 'htpasswd', 'vernemq', 'hivemq', 'rabbitmq']) {
      await ok(['password', 'export', '--format', format, '--out', at(format)], station);
      expect(readFileSync(at(format), 'utf8')).toContain('SN-P2');
    }
    await ok(['password', 'revoke', 'SN-P2'], station);
    await ok(['password', 'export', '--format', 'mosquitto', '--out', at('mosquitto')], station);
    expect(readFileSync(at('mosquitto'), 'utf8')).not.toContain('SN-P2');
    await refused(['password', 'revoke', 'SN-P2'], station, 'credential_unknown');
    await refused(['password', 'make', 'a:b'], station, 'value_invalid');
    await refused(['password', 'make', 'ab', '--length', '4'], station, 'value_invalid');
  });

  it('slows wrong passphrases down, counting over processes', async () => {
    const other = world.station();
    const wrong = { data: other.data, passphrase: 'not the right one' };
    for (let attempt = 0; attempt < 5; attempt += 1) await refused(['crl'], wrong, 'passphrase_wrong');
    // The wait doubles with every further one, until it is longer than a process takes to start on a loaded computer.
    let code: unknown;
    for (let more = 0; more < 9 && code !== 'passphrase_delayed'; more += 1)
      code = (await cli(['crl'], wrong)).line('error').code;
    expect(code).toBe('passphrase_delayed');
  });
});
