// A root that a site has already: brought with the installed command, its password by a descriptor of its own; openssl judges.

import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from '../../../cli/exitCodes.ts';
import { type CliOptions, type CliResult, cli, PASSPHRASE } from '../../support/cliProcess.ts';
import { hasTool, toolOutput } from '../../support/openssl.ts';

const INSTALLED = fileURLToPath(new URL('../../../cli/keyline.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'keyline-existing-root-'));
const at = (name: string): string => join(folder, name);
const rootMachine = { data: at('root-machine') };
const station = { data: at('station') };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ok(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const result = await cli(args, options);
  expect(result.code, `${args.join(' ')}: ${result.stdout}${result.stderr}`).toBe(EXIT.ok);
  return result;
}

async function refused(args: readonly string[], options: CliOptions, details: object): Promise<void> {
  const result = await cli(args, options);
  expect(result.line('error')).toMatchObject(details);
  expect(result.code).toBe(EXIT.refused);
}

/** The installed command with something to read at the descriptors from 3 on. */
async function installed(args: readonly string[], ...texts: readonly string[]): Promise<number | null> {
  const files = texts.map((text, i) => {
    writeFileSync(at(`password-${i}.txt`), `${text}\n`);
    return openSync(at(`password-${i}.txt`), 'r');
  });
  const child = spawn(process.execPath, [INSTALLED, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', ...files],
  });
  for (const file of files) closeSync(file);
  return new Promise((resolve) => child.once('close', resolve));
}

describe.skipIf(!hasTool('openssl', 'version'))('an existing root', () => {
  beforeAll(() => {
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    const usage = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign', '-days', '3650'];
    const files = ['-keyout', at('root.key'), '-out', at('root.pem')];
    toolOutput('openssl', [...request, ...usage, '-subj', '/O=Old/CN=Old root', ...files]);
    const pkcs12 = ['pkcs12', '-export', '-inkey', at('root.key'), '-in', at('root.pem')];
    toolOutput('openssl', [...pkcs12, '-passout', 'pass:old-secret', '-out', at('root.p12')]);
  });

  it('is taken in under a passphrase of its own, both read from descriptors', async () => {
    const data = ['--data', rootMachine.data];
    const fds = ['--passphrase-fd', '3', '--import-passphrase-fd=4'];
    const root = [...data, 'ceremony', 'root', '--import', at('root.p12'), ...fds];
    expect(await installed(root, PASSPHRASE, 'wrong')).toBe(EXIT.refused);
    // Nobody opened the second one: said at once, and not waited for.
    expect(await installed(root, PASSPHRASE)).toBe(EXIT.refused);
    expect(await installed(root, PASSPHRASE, 'old-secret')).toBe(EXIT.ok);
    expect(await installed(root, PASSPHRASE, 'old-secret')).toBe(EXIT.refused);
    await refused(['ceremony', 'root'], { data: at('none') }, { code: 'usage' });
  });

  it('signs an issuing CA, with a record of what it signed, and the list of its own', async () => {
    await ok(['ceremony', 'request', '--site', 'Old', '--out', at('stick')], station);
    const request = at('stick/issuing.csr.pem');
    const sign = ['ceremony', 'sign', request, '--out', at('stick'), '--record', at('stick')];
    const { issuing } = (await ok(sign, rootMachine)).line('issuing-ca-signed');
    expect(issuing).toMatchObject({ subject: 'O=Old, CN=Old Issuing CA 1', issuer: 'O=Old, CN=Old root' });
    const record = readFileSync(at('stick/issuing-ca-signed.txt'), 'utf8');
    const { notAfterMs } = issuing as { notAfterMs: number };
    expect(record).toContain(`to ${new Date(notAfterMs).toISOString().slice(0, 10)}`);
    expect(record).toContain('Second person');
    await ok(['ceremony', 'install', at('stick/issuing.chain.pem')], station);
    await ok(['ceremony', 'crl', '--out', at('stick')], rootMachine);
    await ok(['ceremony', 'crl', '--install', at('stick/root.crl.pem')], station);
    await ok(['crl', '--out', at('crl')], station);
    const issued = join(station.data, 'authority', 'issuing.pem');
    const lists = ['-crl_check_all', '-CRLfile', at('crl/crl-set.pem')];
    expect(
      toolOutput('openssl', ['verify', '-x509_strict', ...lists, '-CAfile', at('root.pem'), issued]),
    ).toContain('OK');
  });

  it('is elsewhere for the station, and a chain for another request is none of its own', async () => {
    const elsewhere = { code: 'root_elsewhere' };
    const request = at('stick/issuing.csr.pem');
    await refused(['ceremony', 'sign', request, '--out', at('stick')], station, elsewhere);
    await refused(['ceremony', 'crl', '--out', at('stick')], station, elsewhere);
    // The second CA's chain without its label is held against the first one's key.
    await ok(['ceremony', 'request', '--site', 'Old', '--out', at('stick')], station);
    await ok(['ceremony', 'sign', request, '--out', at('stick')], rootMachine);
    const chain = at('stick/issuing.chain.pem');
    const reason = 'no-certificate-for-the-request';
    await refused(['ceremony', 'install', chain], station, { code: 'chain_invalid', details: { reason } });
    await ok(['ceremony', 'install', chain, '--ca', '2'], station);
  });

  it('that signs devices itself is taken in once, and its one list is the whole set', async () => {
    const alone = { data: at('alone') };
    const bring = ['authority', 'import', at('root.key'), at('root.pem'), '--site', 'Old'];
    await ok(bring, alone);
    const details = { reason: 'taken-in-already', meaning: 'import-files-unfit' };
    await refused(bring, alone, { code: 'chain_invalid', details });
    const set = (await ok(['crl', '--out', at('alone-crl')], alone)).line('crl-set');
    expect(set.lists).toBe(1);
    const doctor = await cli(['doctor'], alone);
    expect(doctor.lines().find(({ name }) => name === 'CRL')).toMatchObject({ state: 'ok' });
  });
});
