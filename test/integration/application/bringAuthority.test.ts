// An authority that stands already, brought to the first start or to a station that stands, as real tools write it: PKCS#12 and PEM, and what is refused.

import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keySigner } from '../../../core/authority/signing/signer.ts';
import { failureOf } from '../../../core/contract/schemas/common.ts';
import { pemBlocks, toPem } from '../../../core/der/pem.ts';
import { systemClock } from '../../../core/domain/clock.ts';
import { asStationError } from '../../../core/domain/stationError.ts';
import { renewCrl } from '../../../core/host/crlFiles.ts';
import { systemRandom } from '../../../core/host/systemRandom.ts';
import { hasTool, runTool, temporaryFolder, toolOutput } from '../../support/openssl.ts';
import {
  authorityKeyId,
  basicConstraints,
  keyUsage,
  name,
  subjectKeyId,
  testIssuing,
  testKey,
  testRoot,
} from '../../support/testAuthority.ts';
import { NEW_STATION, type Opened, openApplication, openFolder, PASSPHRASE } from './house.ts';

const files = temporaryFolder();
afterAll(files.remove);
const openssl = (...args: readonly string[]): string => toolOutput('openssl', args, { cwd: files.folder });
const base64 = (name_: string): string => readFileSync(join(files.folder, name_)).toString('base64');

let folder: ReturnType<typeof openFolder>;
let opened: Opened;
beforeEach(() => {
  folder = openFolder();
  opened = openApplication(folder.root);
});
afterEach(async () => {
  await opened.close();
  folder.remove();
});

const brought = (names: readonly string[], filesPassphrase?: string) => ({
  files: names.map(base64),
  ...(filesPassphrase === undefined ? {} : { filesPassphrase }),
});
const check = (names: readonly string[], filesPassphrase?: string) =>
  opened.client.call('session.checkAuthority', brought(names, filesPassphrase));
const refusal = async (names: readonly string[], filesPassphrase?: string) => {
  const thrown = await check(names, filesPassphrase).then(
    () => {
      throw new Error('it was let in');
    },
    (refused: unknown) => refused,
  );
  const { code, details } = failureOf(asStationError(thrown));
  return [code, details.meaning ?? details.reason, details.reason];
};

describe.skipIf(!hasTool('openssl', 'version'))('an existing authority made by openssl', () => {
  const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const CA = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  const by = (ca: string) => ['-CA', `${ca}.pem`, '-CAkey', `${ca}.key`];
  const make = (own: string, ...more: readonly string[]): void =>
    void openssl(
      'req',
      '-x509',
      ...KEY,
      '-subj',
      `/CN=Old ${own}`,
      '-keyout',
      `${own}.key`,
      '-out',
      `${own}.pem`,
      ...more,
    );
  const LIMITED = ['-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0'];

  beforeAll(() => {
    make('root', ...CA, '-days', '3660');
    make('issuing', ...CA, ...by('root'), ...LIMITED, '-days', '3650');
    make('middle', ...CA, ...by('root'), '-days', '3650');
    make('low', ...CA, ...by('middle'), ...LIMITED, '-days', '3640');
    make('leaf', ...by('root'), '-addext', 'basicConstraints=critical,CA:FALSE', '-days', '3650');
    openssl(
      'pkcs12',
      '-export',
      '-inkey',
      'issuing.key',
      '-in',
      'issuing.pem',
      '-certfile',
      'root.pem',
      '-passout',
      'pass:old-secret',
      '-out',
      'ca.p12',
    );
    openssl(
      'pkcs8',
      '-topk8',
      '-in',
      'issuing.key',
      '-passout',
      'pass:old-secret',
      '-out',
      'issuing.encrypted.key',
    );
    openssl('ec', '-in', 'issuing.key', '-out', 'issuing.sec1.key');
    openssl(
      'ec',
      '-in',
      'issuing.key',
      '-aes256',
      '-passout',
      'pass:old-secret',
      '-out',
      'issuing.oldest.key',
    );
  });

  it.each([
    ['PKCS#12', ['ca.p12'], 'old-secret'],
    ['PEM with a plain PKCS#8 key', ['root.pem', 'issuing.key', 'issuing.pem'], undefined],
    ['PEM with a plain SEC 1 key', ['issuing.sec1.key', 'issuing.pem', 'root.pem'], undefined],
    ['PEM with an encrypted key', ['issuing.pem', 'issuing.encrypted.key', 'root.pem'], 'old-secret'],
  ] as const)('is taken in from %s, its key under the new passphrase at once', async (_, names, password) => {
    expect(await check(names, password)).toMatchObject({
      rootSubject: expect.stringContaining('Old root'),
      issuingSubject: expect.stringContaining('Old issuing'),
    });
    const authority = { kind: 'import' as const, ...brought(names, password), passphrase: PASSPHRASE };
    const sheet = await opened.client.call('session.createStation', { ...NEW_STATION, authority });
    expect(sheet.issuingSubject).toContain('Old issuing');
    expect((await opened.client.call('session.get', {})).lock.state).toBe('unlocked');
    const stored = join(sheet.dataFolder, 'authority', 'issuing.key.pem');
    expect(readFileSync(stored, 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    const opens = (pass: string): number | null =>
      runTool('openssl', ['pkey', '-in', stored, '-noout', '-passin', `pass:${pass}`]).status;
    expect(opens(PASSPHRASE)).toBe(0);
    expect(opens('old-secret')).not.toBe(0);
    // What it signs leads to the old root.
    const { folder: out } = await opened.client.call('authority.issueServer', {
      names: ['edge.example'],
      validityDays: 30,
    });
    const chain = ['-CAfile', 'root.pem', '-untrusted', 'issuing.pem', join(out, 'server.pem')];
    expect(openssl('verify', '-x509_strict', ...chain)).toContain('OK');
    // There is a station now: nobody may try passwords on files here any more.
    expect(await refusal(names, password)).toEqual(['authority_exists', undefined, undefined]);
  });

  it('is taken in as a further one by a station that stands, and the list of its root too', async () => {
    await opened.client.call('session.createStation', NEW_STATION);
    const take = (passphrase: string, password?: string) =>
      opened.client.call('authority.import', { ...brought(['ca.p12'], password), passphrase });
    await expect(take('not that passphrase', 'old-secret')).rejects.toMatchObject({
      code: 'passphrase_wrong',
      details: {},
    });
    await expect(take(PASSPHRASE, 'wrong')).rejects.toMatchObject({
      code: 'passphrase_wrong',
      details: { meaning: 'import-password-wrong' },
    });
    expect((await opened.client.call('authority.get', {})).issuingCas).toHaveLength(1);

    const { issuingCas, lock } = await take(PASSPHRASE, 'old-secret');
    expect(issuingCas.map(({ label, active }) => [label, active])).toEqual([
      ['1', true],
      ['2', false],
    ]);
    expect(lock.state).toBe('unlocked');
    await expect(take(PASSPHRASE, 'old-secret')).rejects.toMatchObject({
      details: { reason: 'taken-in-already', meaning: 'import-files-unfit' },
    });
    const imported = await opened.client.call('audit.page', {
      act: 'authority-imported',
      offset: 0,
      limit: 10,
    });
    expect(imported.entries.map(({ actor, details }) => [actor, details.label])).toEqual([
      [NEW_STATION.supervisor.operatorName, '2'],
    ]);

    // One passphrase unlocks both, and what the second signs leads to the old root.
    await opened.client.call('authority.assign', { label: '2' });
    const { folder: out } = await opened.client.call('authority.issueServer', {
      names: ['edge.example'],
      validityDays: 30,
    });
    const chain = ['-CAfile', 'root.pem', '-untrusted', 'issuing.pem', join(out, 'server.pem')];
    expect(openssl('verify', '-x509_strict', ...chain)).toContain('OK');

    await opened.client.call('crl.renew', { days: 30, rootDays: 400 });
    const missing = async () =>
      (await opened.client.call('crl.get', {})).lists
        .filter(({ freshness }) => freshness === 'missing')
        .map(({ ca, label, keyHere }) => [ca, label, keyHere]);
    expect(await missing()).toEqual([['root', '2', false]]);
    const at = { folder: files.folder, clock: systemClock, random: systemRandom };
    const [rootDer = new Uint8Array()] = pemBlocks('CERTIFICATE', openssl('x509', '-in', 'root.pem'));
    const signer = keySigner(rootDer, createPrivateKey(readFileSync(join(files.folder, 'root.key'))));
    const { crlDer } = renewCrl(at, 'root', signer, [], 400);
    await opened.client.call('crl.install', { file: Buffer.from(crlDer).toString('base64') });
    expect(await missing()).toEqual([]);
    const set = await opened.client.call('crl.write', {});
    expect(set.files.some(({ path }) => path.endsWith('root-2.crl.pem'))).toBe(true);
  });

  it('is refused with what is wrong, before anything is made', async () => {
    expect(await refusal(['ca.p12'], 'wrong')).toEqual([
      'passphrase_wrong',
      'import-password-wrong',
      undefined,
    ]);
    expect(await refusal(['ca.p12'])).toEqual(['passphrase_missing', 'import-password-missing', undefined]);
    const encrypted = ['issuing.pem', 'root.pem', 'issuing.encrypted.key'];
    expect((await refusal(encrypted, 'wrong')).slice(0, 2)).toEqual([
      'passphrase_wrong',
      'import-password-wrong',
    ]);
    const unfit = (reason: string) => ['chain_invalid', 'import-files-unfit', reason];
    expect(await refusal(['root.pem', 'issuing.pem'])).toEqual(unfit('no-key'));
    expect(await refusal(['root.pem', 'issuing.key'])).toEqual(unfit('no-certificate-for-the-key'));
    expect(await refusal(['root.key', 'issuing.key', 'issuing.pem'])).toEqual(unfit('several-keys'));
    const chain = (reason: string) => ['chain_invalid', reason, reason];
    expect(await refusal(['issuing.pem', 'issuing.key'])).toEqual(chain('issuer-missing'));
    expect(await refusal(['leaf.pem', 'leaf.key', 'root.pem'])).toEqual(chain('basic-constraints'));
    expect(await refusal(['low.pem', 'low.key', 'middle.pem', 'root.pem'])).toEqual(chain('not-two-levels'));
    const oldest = ['issuing.pem', 'root.pem', 'issuing.oldest.key'];
    expect(await refusal(oldest, 'old-secret')).toEqual(['encoding_invalid', 'pem-headers', 'pem-headers']);
    expect((await opened.client.call('session.get', {})).stage).toBe('no-station');
  });

  it('is refused when it has expired, also by the making of the station itself', async () => {
    await opened.close();
    const later = Date.now() + 11 * 366 * 86_400_000;
    opened = openApplication(folder.root, undefined, { clock: { nowMs: () => later } });
    expect(await refusal(['ca.p12'], 'old-secret')).toEqual(['chain_invalid', 'expired', 'expired']);
    const authority = {
      kind: 'import' as const,
      ...brought(['ca.p12'], 'old-secret'),
      passphrase: PASSPHRASE,
    };
    await expect(
      opened.client.call('session.createStation', { ...NEW_STATION, authority }),
    ).rejects.toMatchObject({ code: 'chain_invalid', details: { reason: 'expired' } });
  });
});

it('two CAs that certify each other are refused as a circle', async () => {
  const [keyA, keyB] = [testKey(), testKey()];
  const make = (own: typeof keyA, signer: typeof keyA, ownName: string, signerName: string) =>
    testIssuing(
      { ...testRoot(), key: signer, subjectDer: name(signerName) },
      {
        key: own,
        subjectDer: name(ownName),
        extensions: [basicConstraints(true), keyUsage(5, 6), subjectKeyId(own), authorityKeyId(signer)],
      },
    );
  files.write('a.pem', toPem('CERTIFICATE', make(keyA, keyB, 'A', 'B').certificateDer));
  files.write('b.pem', toPem('CERTIFICATE', make(keyB, keyA, 'B', 'A').certificateDer));
  files.write('a.key', keyA.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  expect(await refusal(['a.pem', 'b.pem', 'a.key'])).toEqual(['chain_invalid', 'loop', 'loop']);
});
