// The authority at the command line: real processes, real files, openssl as the judge.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliOptions, type CliResult, cli } from '../../support/cliProcess.ts';
import { type CliWorld, createCliWorld, type TestStation } from '../../support/cliStation.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const openssl = (...args: readonly string[]): string => execFileSync('openssl', args, { encoding: 'utf8' });

async function ok(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const result = await cli(args, options);
  expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(0);
  return result;
}

async function refused(args: readonly string[], options: CliOptions, code: string, exit = 2): Promise<void> {
  const result = await cli(args, options);
  expect(result.line('error').code).toBe(code);
  expect(result.code).toBe(exit);
}

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

describe('a station with a root of its own', () => {
  let world: CliWorld;
  let station: TestStation;
  beforeAll(async () => {
    world = await createCliWorld();
    station = world.station();
  });
  afterAll(() => world.close());
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

describe.skipIf(!hasOpenssl)('an existing CA', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-import-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is taken in from PKCS#12 and signs; a wrong password is refused', async () => {
    const at = (name: string): string => join(folder, name);
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'];
    const ca = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    openssl(
      'req',
      '-x509',
      ...key,
      ...ca,
      '-days',
      '3660', // the later one counts: a loaded computer makes what it signs seconds later, and that may not outlive it
      '-subj',
      '/CN=Old root',
      '-keyout',
      at('root.key'),
      '-out',
      at('root.pem'),
    );
    openssl(
      'req',
      '-x509',
      ...key,
      ...ca,
      '-CA',
      at('root.pem'),
      '-CAkey',
      at('root.key'),
      '-addext',
      'basicConstraints=critical,CA:TRUE,pathlen:0',
      '-subj',
      '/CN=Old issuing',
      '-keyout',
      at('ca.key'),
      '-out',
      at('ca.pem'),
    );
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      at('ca.key'),
      '-in',
      at('ca.pem'),
      '-certfile',
      at('root.pem'),
      '-passout',
      'pass:old-secret',
      '-out',
      at('ca.p12'),
    );
    const importAs = (password: string) =>
      [
        ['authority', 'import', at('ca.p12'), '--site', 'Plant 8', '--import-passphrase-fd', '0'],
        { data: at('data'), input: `${password}\n` },
      ] as const;
    await refused(...importAs('wrong'), 'passphrase_wrong');
    await ok(...importAs('old-secret'));
    await ok(['issue', 'server', '--name', 'edge.example', '--out', at('edge')], { data: at('data') });
    expect(
      openssl(
        'verify',
        '-x509_strict',
        '-CAfile',
        at('root.pem'),
        '-untrusted',
        at('ca.pem'),
        at('edge/server.pem'),
      ),
    ).toContain('OK');
  });
});
