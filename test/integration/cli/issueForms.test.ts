// The less common forms of issuing at the command line, and requests that nobody should sign: ssh-keygen and openssl judge.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { ok as succeeded } from '../../support/cliExpect.ts';
import { cli } from '../../support/cliProcess.ts';
import { stationOfTests } from '../../support/cliStation.ts';
import { hasTool, openssl } from '../../support/openssl.ts';

const tool = (name: string, ...args: readonly string[]): string =>
  execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const { station } = stationOfTests();
const at = (name: string): string => join(station.beside, name);

const ok = (args: readonly string[], data = station.data) => succeeded(args, { data });

function makeRequest(name: string, subject: string, ...more: readonly string[]): string {
  openssl('ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', at(`${name}.key`));
  openssl('req', '-new', '-key', at(`${name}.key`), '-subj', subject, '-out', at(`${name}.csr`), ...more);
  return at(`${name}.csr`);
}

describe.skipIf(!hasTool('ssh-keygen', '-?'))('issue ssh-host', () => {
  it('certifies a board’s host key for its names, and clients find the authority in known_hosts', async () => {
    tool('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', at('host'));
    const names = ['--name', 'gw1.plant7.example', '--name', '10.0.0.7'];
    const args = ['issue', 'ssh-host', at('host.pub'), ...names, '--serial', 'SN-0001', '--days', '30'];
    const made = (await ok([...args, '--hosts', '*.plant7.example', '--out', at('gw1')])).line(
      'ssh-host-issued',
    );
    const text = tool('ssh-keygen', '-L', '-f', at('gw1/host-cert.pub'));
    expect(text).toContain('ssh-ed25519-cert-v01@openssh.com host certificate');
    expect(text).toContain('Key ID: "SN-0001"');
    expect(text).toContain(`Serial: ${made.serial}`);
    expect(text).toMatch(/Principals: \n\s+gw1\.plant7\.example\n\s+10\.0\.0\.7\n/);
    const fingerprint = (file: string) => /SHA256:\S+/.exec(tool('ssh-keygen', '-l', '-f', file))?.[0] ?? '-';
    expect(text).toContain(`Public key: ED25519-CERT ${fingerprint(at('host.pub'))}`);
    const [marker, pattern, ...key] = readFileSync(at('gw1/known_hosts'), 'utf8').trim().split(' ');
    expect([marker, pattern]).toEqual(['@cert-authority', '*.plant7.example']);
    writeFileSync(at('authority.pub'), `${key.join(' ')}\n`);
    expect(text).toMatch(
      new RegExp(`Signing CA: \\S+ ${fingerprint(at('authority.pub')).replaceAll('+', '\\+')}`),
    );

    // The second board of the site is trusted by the same line.
    await ok([...args, '--hosts', '*.plant7.example', '--out', at('gw2')]);
    expect(readFileSync(at('gw2/known_hosts'), 'utf8')).toBe(readFileSync(at('gw1/known_hosts'), 'utf8'));
  });

  it('refuses a key that OpenSSH would not want, and a private key', async () => {
    tool('ssh-keygen', '-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', at('rsa'));
    for (const file of ['rsa.pub', 'rsa']) {
      const args = ['issue', 'ssh-host', at(file), '--name', 'a', '--serial', 'SN-1', '--out', at('none')];
      const result = await cli(args, station);
      expect(result.code, result.stdout).toBe(2);
      expect(existsSync(at('none'))).toBe(false);
    }
  });
});

describe.skipIf(!hasTool('openssl', 'version'))('Matter at the command line', () => {
  it('makes a PAI of a vendor that signs the attestation certificates of that vendor only', async () => {
    const plain = station.data;
    expect((await cli(['authority', 'roll-over', '--matter-product', '8000'], station)).code).toBe(2);
    const rollOver = ['authority', 'roll-over', '--matter-vendor', 'FFF1', '--profile', 'matter-dac'];
    const forAll = await cli(rollOver.slice(0, -2), station);
    expect([forAll.code, forAll.line('error').code]).toEqual([2, 'value_invalid']);
    const wrong = await cli(rollOver.with(3, 'fff1'), station);
    expect([wrong.code, wrong.line('error').code]).toEqual([2, 'name_value_invalid']);
    const pai = (await ok(rollOver, plain)).line('issuing-ca-rolled-over');

    const request = makeRequest('dac', '/CN=SN-M1');
    const issue = ['issue', 'csr', request, '--serial', 'SN-M1', '--profile', 'matter-dac'];
    await ok([...issue, '--out', at('matter')]);
    const leaf = at('matter/SN-M1.pem');
    const text = openssl('x509', '-in', leaf, '-noout', '-text');
    expect(text).toMatch(/Subject:.*1\.3\.6\.1\.4\.1\.37244\.2\.1 ?= ?FFF1.*37244\.2\.2 ?= ?8000/);
    expect(text).toMatch(/Issuer:.*1\.3\.6\.1\.4\.1\.37244\.2\.1 ?= ?FFF1/);
    const root = join(plain, 'authority', 'root.pem');
    const paiFile = join(plain, 'authority', 'issuing-cas', String(pai.label), 'issuing.pem');
    expect(openssl('verify', '-x509_strict', '-CAfile', root, '-untrusted', paiFile, leaf)).toContain('OK');

    // Everything else stays with the first CA.
    await ok(['issue', 'server', '--name', 'edge.example', '--out', at('edge')]);
    expect(openssl('x509', '-in', at('edge/server.pem'), '-noout', '-issuer')).not.toContain('37244');
  });
});

describe.skipIf(!hasTool('openssl', 'version'))('a request that nobody should sign', () => {
  const damaged = (): string => {
    const der = at('damaged.csr');
    openssl('req', '-in', makeRequest('whole', '/CN=SN-X'), '-outform', 'DER', '-out', der);
    const bytes = readFileSync(der);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(der, bytes);
    return der;
  };
  const weak = (): string => {
    const file = at('weak.csr');
    openssl('genrsa', '-out', at('weak.key'), '1024');
    openssl('req', '-new', '-key', at('weak.key'), '-subj', '/CN=SN-X', '-out', file);
    return file;
  };
  const huge = (): string => {
    const comment = `nsComment=${'x'.repeat(5000)}`;
    return makeRequest('huge', '/CN=SN-X', '-addext', comment);
  };

  it.each([
    ['with a signature of another key', damaged, 'request_invalid'],
    ['for a key that is too short', weak, 'key_weak'],
    ['with an extension of 5 kB', huge, 'request_invalid'],
  ])('%s is refused, and nothing is recorded', async (_, make, code) => {
    const result = await cli(['issue', 'csr', make(), '--serial', 'SN-X', '--out', at('bad')], station);
    expect(result.line('error')).toMatchObject({ code, side: 'operator' });
    expect(result.code).toBe(2);
    expect(existsSync(at('bad'))).toBe(false);
    const shown = await cli(['inventory', 'show', 'SN-X'], station);
    expect(shown.line('error').code).toBe('device_unknown');
  });
});

describe('a list of devices', () => {
  const list = (order: string) => [
    'trust',
    'export',
    '--for',
    'nrf-cloud',
    '--order',
    order,
    '--out',
    at('nrf'),
  ];

  it('is split at 1,000 rows, and leaves nothing of a longer one beside it', async () => {
    for (const [order, quantity] of [
      ['WO-LONG', '1001'],
      ['WO-SHORT', '1'],
    ] as const) {
      await ok(['order', 'create', order, '--quantity', quantity, '--target', 'files']);
      await ok(['batch', 'issue', '--order', order, '--prefix', `${order}-`, '--out', at(`${order}.jsonl`)]);
    }
    const files = async (order: string): Promise<readonly string[]> => {
      await ok(list(order));
      return readdirSync(at('nrf')).sort();
    };
    expect(await files('WO-LONG')).toEqual(['nrf-cloud-0001.csv', 'nrf-cloud-0002.csv']);
    writeFileSync(at('nrf/nrf-cloud-notes.csv'), 'mine');
    expect(await files('WO-SHORT')).toEqual(['nrf-cloud-0001.csv', 'nrf-cloud-notes.csv']);
  });

  it('without a device is refused, and none is written', async () => {
    await ok(['order', 'create', 'WO-NONE', '--quantity', '1', '--target', 'files']);
    for (const consumer of ['csv', 'aws-bulk', 'azure-enrolments', 'nrf-cloud']) {
      const args = ['trust', 'export', '--for', consumer, '--order', 'WO-NONE', '--out', at('none')];
      const result = await cli(args, { data: station.data });
      expect(result.line('error')).toMatchObject({ code: 'order_empty', details: { name: 'WO-NONE' } });
    }
    expect(existsSync(at('none'))).toBe(false);
  });
});

describe.skipIf(!hasTool('openssl', 'version'))('a CA with name constraints', () => {
  /** A station under such a CA. */
  async function constrained(permitted: string): Promise<string> {
    const ca = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
    openssl(...ca, ...usage, '-days', '3660', '-subj', '/CN=R', '-keyout', at('r.key'), '-out', at('r.pem'));
    openssl(
      ...[...ca, ...usage, '-days', '3650', '-subj', '/CN=I', '-keyout', at('i.key'), '-out', at('i.pem')],
      ...[
        '-CA',
        at('r.pem'),
        '-CAkey',
        at('r.key'),
        '-addext',
        'basicConstraints=critical,CA:TRUE,pathlen:0',
      ],
      ...['-addext', `nameConstraints=critical,${permitted}`],
    );
    const data = at(permitted.replace(/\W/g, '-'));
    await ok(['authority', 'import', at('i.key'), at('i.pem'), at('r.pem'), '--site', 'Plant 8'], data);
    return data;
  }

  it('refuses a profile beyond them at the start of a batch, before anything is numbered', async () => {
    const data = await constrained('permitted;URI:.plant.example,permitted;DNS:.plant.example');
    await ok(['order', 'create', 'WO-1', '--quantity', '3'], data);
    const batch = ['batch', 'issue', '--order', 'WO-1', '--prefix', 'B-', '--digits', '2', '--threads', '0'];
    const refusedAtStart = await cli([...batch, '--out', at('batch.jsonl')], { data });
    expect(refusedAtStart.line('error'), refusedAtStart.stdout).toMatchObject({
      details: { meaning: 'outside-name-constraints', value: 'urn:keyline:device:SN-1' },
    });
    expect(existsSync(at('batch.jsonl'))).toBe(false);
    const listed = await ok(['inventory', 'list'], data);
    expect(listed.stdout).not.toContain('B-01');

    const server = (name: string) => ['issue', 'server', '--name', name, '--out', at(name)];
    const outside = await cli(server('edge.other.example'), { data });
    expect(outside.line('error').details).toEqual({
      meaning: 'outside-name-constraints',
      value: 'edge.other.example',
    });
    expect(outside.code).toBe(EXIT.refused);
    expect(existsSync(at('edge.other.example'))).toBe(false);
    await ok(server('edge.plant.example'), data);
    const judge = ['-CAfile', at('r.pem'), '-untrusted', at('i.pem'), at('edge.plant.example/server.pem')];
    expect(openssl('verify', '-x509_strict', ...judge)).toContain('OK');
  });

  it('to its own domain still proves a device’s credential: the edge server is named by its addresses', async () => {
    const data = await constrained('permitted;DNS:.plant.example');
    const args = [
      'provision',
      '--target',
      'files',
      '--port',
      at('devices'),
      '--serial',
      'SN-1',
      '--key-on-disk',
    ];
    const closed = (await ok(args, data)).line('closed');
    expect(closed).toMatchObject({ outcome: 'pass', handshake: { protocol: 'TLSv1.3' } });
    const names = openssl(
      'x509',
      '-in',
      join(data, 'edge', 'server.pem'),
      '-noout',
      '-ext',
      'subjectAltName',
    );
    expect(names).toContain('IP Address:127.0.0.1');
    expect(names).not.toContain('DNS:');
  });

  it('to other names and addresses has no edge server, and says which name is beyond it', async () => {
    const data = await constrained('permitted;DNS:.plant.example,permitted;IP:10.0.0.0/255.0.0.0');
    const result = await cli(['provision', '--port', '/dev/null', '--serial', 'SN-1'], { data });
    expect(result.line('error').details).toMatchObject({ value: 'localhost' });
    expect(result.code).toBe(EXIT.refused);
  });
});
