import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseDeviceSerial } from '../../../core/domain/device.ts';
import type { DeviceSession } from '../../../core/domain/deviceSession.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { parseTarget } from '../../../core/domain/target.ts';
import { createLink } from '../../../core/link/driverRegistry.ts';
import { createFilesDriver } from '../../../core/link/files/filesDriver.ts';
import { deviceFolderName, folderTransport } from '../../../core/link/files/folderTransport.ts';
import { failure, leafAuthority, runCycle, Transcript } from '../../support/familyBench.ts';

const PASSPHRASE = 'korrekt-pferd-é';
const random = { bytes: (sizeBytes: number) => new Uint8Array(randomBytes(sizeBytes)) };
const target = (formats: readonly string[]) =>
  parseTarget(
    { name: 'files', version: 1, title: 'files', driver: 'files', options: { formats } },
    'files.json',
  );

const authority = leafAuthority();
let folder: string;
beforeAll(async () => {});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function openFolder(
  formats: readonly string[],
  passphrase?: string,
  transcript = new Transcript(),
): Promise<DeviceSession> {
  const driver = createFilesDriver({
    random,
    passphrase: () => (passphrase === undefined ? undefined : Secret.fromText(passphrase)),
  });
  const link = createLink({
    drivers: [driver],
    openTransport: async ({ portPath }) => folderTransport(portPath),
  });
  const signal = new AbortController().signal;
  return link.open({ portPath: join(folder, 'unit'), target: target(formats), transcript, signal });
}
const read = (name: string): Buffer => readFileSync(join(folder, 'unit', name));

describe('files', () => {
  it('holds a credential in PEM and DER, for its owner only, and says that the key is a file', async () => {
    const transcript = new Transcript();
    const session = await openFolder(['pem', 'der'], undefined, transcript);
    const result = await runCycle(session, authority());
    expect(result.custody).toBe('file');
    expect(result.verifications.map(({ check }) => check)).toEqual(Array(3).fill('read-back'));
    expect(transcript.text).toContain('private key will be a file');
    const certificate = new X509Certificate(read('chain.pem'));
    expect(certificate.checkPrivateKey(createPrivateKey(read('key.pem')))).toBe(true);
    expect(read('certificate.der').equals(certificate.raw)).toBe(true);
    expect(certificate.verify(new X509Certificate(read('ca.der')).publicKey)).toBe(true);
    for (const name of readdirSync(join(folder, 'unit'))) {
      expect(name).not.toMatch(/partial/);
      if (process.platform !== 'win32') expect(statSync(join(folder, 'unit', name)).mode & 0o777).toBe(0o600);
    }
    await session.close();
  });

  it.skipIf(spawnSync('openssl', ['version']).status !== 0)(
    'makes PKCS#12 that OpenSSL opens with the passphrase',
    async () => {
      const session = await openFolder(['pkcs12'], PASSPHRASE);
      const { certificateDer } = await runCycle(session, authority());
      const path = join(folder, 'unit', 'credential.p12');
      const environment = { ...process.env, KEYLINE_TEST_PASS: PASSPHRASE };
      const openssl = (...args: readonly string[]) =>
        execFileSync('openssl', ['pkcs12', '-in', path, '-passin', 'env:KEYLINE_TEST_PASS', ...args], {
          env: environment,
        });
      const certificates = openssl('-nokeys').toString();
      expect(certificates.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
      const leaf = new X509Certificate(openssl('-clcerts', '-nokeys'));
      expect(leaf.raw.equals(certificateDer)).toBe(true);
      expect(leaf.checkPrivateKey(createPrivateKey(openssl('-nocerts', '-nodes')))).toBe(true);
      const wrong = spawnSync('openssl', ['pkcs12', '-in', path, '-passin', 'pass:wrong', '-nokeys']);
      expect(wrong.status).not.toBe(0);
      await session.close();
    },
  );

  it('asks for a passphrase where PKCS#12 is wanted', async () => {
    expect(await failure(openFolder(['pkcs12']))).toMatchObject({
      ...{ code: 'value_missing', details: { consumer: 'PKCS#12', field: 'passphrase' } },
    });
  });

  it('replaces only when told to, and finds a file that changed', async () => {
    const session = await openFolder(['pem']);
    await runCycle(session, authority());
    expect((await session.identify()).occupied).toHaveLength(3);
    expect((await failure(runCycle(session, authority(), { replace: false }))).code).toBe('slot_taken');
    const change = () => writeFileSync(join(folder, 'unit', 'ca.pem'), 'something else');
    expect((await failure(runCycle(session, authority(), { beforeVerify: change }))).code).toBe(
      'verification_mismatch',
    );
  });

  it.skipIf(process.platform === 'win32')('does not wait for a pipe under the name of a file', async () => {
    mkdirSync(join(folder, 'unit'));
    execFileSync('mkfifo', [join(folder, 'unit', 'key.pem')]);
    const session = await openFolder(['pem']);
    expect((await session.identify()).occupied).toEqual([{ item: 'privateKey', sha256: undefined }]);
  });

  it.skipIf(process.getuid?.() === 0)('says so when the folder cannot be written', async () => {
    chmodSync(folder, 0o500);
    const session = await openFolder(['pem']);
    expect((await failure(runCycle(session, authority()))).side).toBe('station');
  });

  it('names a folder after any device serial', () => {
    expect(deviceFolderName(parseDeviceSerial('A1-b.c_9'))).toBe('A1-b.c_9');
    expect(deviceFolderName(parseDeviceSerial('SN:1/2+3'))).toBe('SN%3a1%2f2%2b3');
  });
});
