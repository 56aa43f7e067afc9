// Credentials without a bay, through the contract: renewal and replacement, passwords, delivery manifests.

import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  pbkdf2Sync,
  verify,
  X509Certificate,
} from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pemBlocks } from '../../../core/der/pem.ts';
import { PASSWORD_ALPHABETS, PASSWORD_FORMATS } from '../../../core/domain/password.ts';
import { hasTool, toolOutput } from '../../support/openssl.ts';
import { serialsFile } from './bench.ts';
import {
  fileOf,
  finish,
  found,
  type Opened,
  openApplication,
  openFolder,
  PASSPHRASE,
  until,
} from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;

beforeEach(async () => {
  folder = openFolder();
  opened = openApplication(folder.root);
  await found(opened);
});
afterEach(() => finish(opened, folder));

const newOrder = (name: string, ...serials: string[]) =>
  opened.client.call('orders.create', {
    ...{ name, targetName: 'zephyr-shell', profileName: 'tls-client' },
    ...(serials.length === 0 ? { quantity: 5 } : { serialsFile: serialsFile(...serials) }),
  });

async function provision(deviceSerial: string): Promise<void> {
  opened.sockets.plug('1-1.1', 'USB-1');
  await until(async () => (await opened.client.call('bays.list', {}))[0]?.port !== undefined);
  await opened.client.call('bays.start', { bayName: 'A1', deviceSerial, replace: false });
  const run = await until(async () => {
    const [bay] = await opened.client.call('bays.list', {});
    return bay?.state === 'done' ? bay.run : undefined;
  });
  expect(run.outcome).toBe('pass');
  opened.sockets.unplug('1-1.1');
  await until(async () => (await opened.client.call('bays.list', {}))[0]?.port === undefined);
}

const states = async (deviceSerial: string) =>
  (await opened.client.call('inventory.device', { deviceSerial })).credentials.map(({ state, reason }) => [
    state,
    reason,
  ]);
describe('a device’s next credential', () => {
  it('supersedes the old one; key and certificate belong together and only their owner reads the key', async () => {
    await provision('SN-1');
    const renewed = await opened.client.call('issue.renew', { deviceSerial: 'SN-1' });
    expect(await states('SN-1')).toEqual([
      ['verified', undefined],
      ['revoked', 'superseded'],
    ]);
    const key = fileOf(renewed.files, 'SN-1.key.pem');
    expect(statSync(key).mode & 0o077).toBe(0);
    const certificate = new X509Certificate(readFileSync(fileOf(renewed.files, 'SN-1.pem')));
    const publicKey = createPublicKey(readFileSync(key)).export({ type: 'spki', format: 'der' });
    expect(certificate.publicKey.export({ type: 'spki', format: 'der' }).equals(publicKey)).toBe(true);
    expect(certificate.serialNumber.toLowerCase()).toBe(renewed.certificateSerial);
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
  });

  it('revokes the old one for its reason when it is replaced, and only a live one', async () => {
    await provision('SN-1');
    await opened.client.call('issue.renew', { deviceSerial: 'SN-1', reason: 'keyCompromise' });
    expect((await states('SN-1'))[1]).toEqual(['revoked', expect.stringContaining('keyCompromise')]);
    const { credentials } = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    await opened.client.call('inventory.revoke', {
      credentialId: credentials[0]?.credentialId ?? '',
      reason: 'cessationOfOperation',
      note: 'scrapped',
    });
    await expect(
      opened.client.call('issue.renew', { deviceSerial: 'SN-1', reason: 'keyCompromise' }),
    ).rejects.toMatchObject({ code: 'credential_not_live' });
    await expect(opened.client.call('issue.renew', { deviceSerial: 'SN-9' })).rejects.toMatchObject({
      code: 'device_unknown',
    });
  });

  it('writes nothing while the authority is locked', async () => {
    await provision('SN-1');
    await opened.client.call('authority.lock', {});
    await expect(opened.client.call('issue.renew', { deviceSerial: 'SN-1' })).rejects.toMatchObject({
      code: 'authority_locked',
    });
    expect(existsSync(join(folder.root, 'data', 'exports'))).toBe(false);
    expect(await states('SN-1')).toEqual([['verified', undefined]]);
  });

  it.skipIf(!hasTool('openssl', 'version'))(
    'takes the device’s own request, and none whose signature is wrong',
    async () => {
      await provision('SN-1');
      const work = mkdtempSync(join(tmpdir(), 'keyline-request-'));
      try {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
        const keyPath = join(work, 'key.pem');
        const requestPath = join(work, 'request.der');
        writeFileSync(keyPath, privateKey.export({ type: 'pkcs8', format: 'pem' }));
        const subject = ['-subj', '/O=Plant North/CN=SN-1'];
        toolOutput('openssl', [
          ...['req', '-new', '-key', keyPath, ...subject],
          ...['-outform', 'DER', '-out', requestPath],
        ]);
        const request = readFileSync(requestPath);
        const forged = Buffer.from(request);
        forged[forged.length - 3] = (forged[forged.length - 3] ?? 0) ^ 1;
        await expect(
          opened.client.call('issue.renew', { deviceSerial: 'SN-1', request: forged.toString('base64') }),
        ).rejects.toMatchObject({ code: 'request_invalid' });
        expect(await states('SN-1')).toEqual([['verified', undefined]]);
        const renewed = await opened.client.call('issue.renew', {
          deviceSerial: 'SN-1',
          request: request.toString('base64'),
        });
        expect(renewed.files.map(({ path }) => path.split('/').at(-1))).toEqual(['SN-1.pem']);
        expect(
          new X509Certificate(readFileSync(renewed.files[0]?.path ?? '')).checkPrivateKey(privateKey),
        ).toBe(true);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    },
  );
});

describe('passwords', () => {
  const policy = { alphabet: 'unambiguous', length: 20 } as const;

  it('are shown once, made of their alphabet, and kept as hashes that the broker’s file carries', async () => {
    const { orderId } = await newOrder('WO-1', 'SN-1', 'SN-2');
    const { made, labels } = await opened.client.call('passwords.make', { orderId, ...policy });
    expect(made).toBe(2);
    expect(labels.map(({ username }) => username)).toEqual(['SN-1', 'SN-2']);
    for (const { password } of labels) {
      expect(password).toHaveLength(20);
      expect([...password].every((one) => PASSWORD_ALPHABETS.unambiguous.includes(one))).toBe(true);
    }
    const written = await opened.client.call('passwords.export', { format: 'mosquitto', orderId });
    const text = readFileSync(fileOf(written.files, 'mosquitto.passwd'), 'utf8');
    const [username, , , rounds = '', salt = '', hash] = (text.split('\n')[0] ?? '').split(/[:$]/);
    expect(username).toBe('SN-1');
    const password = labels[0]?.password ?? '';
    const again = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 64, 'sha512');
    expect(again.toString('base64')).toBe(hash);
    await opened.close();
    const files = ['inventory.db', 'inventory.db-wal'].map((name) => join(folder.root, 'data', name));
    for (const path of files.filter(existsSync)) expect(readFileSync(path).includes(password)).toBe(false);
    opened = openApplication(folder.root);
  });

  it.each(PASSWORD_FORMATS)('are written for %s, without those who are revoked', async (format) => {
    await opened.client.call('passwords.make', { usernames: ['SN-1', 'SN-2'], ...policy });
    await opened.client.call('passwords.revoke', { username: 'SN-2' });
    const written = await opened.client.call('passwords.export', { format });
    const [file] = written.files;
    expect(statSync(file?.path ?? '').mode & 0o077).toBe(0);
    const text = readFileSync(file?.path ?? '', 'utf8');
    expect(text).toContain('SN-1');
    expect(text).not.toContain('SN-2');
    expect(createHash('sha256').update(text).digest('hex')).toBe(file?.sha256);
    await expect(opened.client.call('passwords.revoke', { username: 'SN-2' })).rejects.toMatchObject({
      code: 'credential_unknown',
    });
  });

  it('of more devices than a screen shows go into a file for the label printer', async () => {
    const serials = Array.from({ length: 201 }, (_, index) => `SN-${index}`);
    const { orderId } = await newOrder('WO-1', ...serials);
    const { made, labels, written } = await opened.client.call('passwords.make', { orderId, ...policy });
    expect([made, labels]).toEqual([201, []]);
    const path = fileOf(written?.files ?? [], 'labels.csv');
    expect(statSync(path).mode & 0o077).toBe(0);
    const rows = readFileSync(path, 'utf8').trim().split(/\r?\n/);
    expect(rows).toHaveLength(202);
    expect(new Set(rows.map((row) => row.split(',')[1])).size).toBe(202);
  });

  it('are refused where they could be guessed, name nobody, or name what a broker cannot read', async () => {
    const { orderId } = await newOrder('WO-1');
    const cases = [
      [{ usernames: ['SN-1'], alphabet: 'digits', length: 20 }, 'value_invalid'],
      [{ usernames: ['a:b'], ...policy }, 'value_invalid'],
      [{ orderId, ...policy }, 'value_missing'],
      [{ orderId: 'order-nobody', ...policy }, 'order_unknown'],
    ] as const;
    for (const [input, code] of cases)
      await expect(opened.client.call('passwords.make', input)).rejects.toMatchObject({ code });
    const written = await opened.client.call('passwords.export', { format: 'mosquitto' });
    expect(written.files[0]?.sizeBytes).toBe(0);
  });
});

describe('a delivery manifest', () => {
  it('lists the order’s certificates under a signature that its chain proves', async () => {
    const { orderId } = await newOrder('WO-1', 'SN-1', 'SN-2');
    await expect(opened.client.call('issue.manifest', { orderId })).rejects.toMatchObject({
      code: 'order_empty',
    });
    await provision('SN-1');
    const { files } = await opened.client.call('issue.manifest', { orderId });
    const read = (name: string) => readFileSync(fileOf(files, name));
    const manifest = read('manifest.csv');
    expect(manifest.toString()).toContain('SN-1');
    expect(manifest.toString()).not.toContain('SN-2');
    const signer = new X509Certificate(read('manifest-signer.pem'));
    expect(verify('sha256', manifest, signer.publicKey, read('manifest.sig'))).toBe(true);
    const [issuing] = pemBlocks('CERTIFICATE', read('manifest-chain.pem').toString());
    expect(signer.verify(new X509Certificate(issuing ?? new Uint8Array()).publicKey)).toBe(true);
    // Its signer is no server, and is not offered for renewal.
    const { serverCertificates } = await opened.client.call('authority.get', {});
    expect(serverCertificates.map(({ serverName }) => serverName)).toEqual(['localhost']);
    await opened.client.call('authority.lock', {});
    await expect(opened.client.call('issue.manifest', { orderId })).rejects.toMatchObject({
      code: 'authority_locked',
    });
    await opened.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
  });
});
