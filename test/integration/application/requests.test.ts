// Certificates for keys that were made elsewhere, through the contract: requests and SSH host keys.

import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasTool, toolOutput } from '../../support/openssl.ts';
import { fileOf, finish, found, type Opened, openApplication, openFolder } from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;

beforeEach(async () => {
  folder = openFolder();
  opened = openApplication(folder.root);
  await found(opened);
});
afterEach(() => finish(opened, folder));

describe('a request that somebody brings', () => {
  const issue = (deviceSerial: string, request: Uint8Array, more: { targetName?: string } = {}) =>
    opened.client.call('issue.request', {
      ...{ deviceSerial, request: Buffer.from(request).toString('base64') },
      ...{ profileName: 'tls-client', targetName: 'zephyr-shell', ...more },
    });
  function requestOf(deviceSerial: string) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const path = join(folder.root, 'key.pem');
    writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const subject = `/O=Plant North/CN=${deviceSerial}`;
    const pem = toolOutput('openssl', ['req', '-new', '-key', path, '-subj', subject]);
    return { privateKey, request: Buffer.from(pem) };
  }

  it.skipIf(!hasTool('openssl', 'version'))('gets its first certificate, and no second one', async () => {
    const { privateKey, request } = requestOf('GW-1');
    await expect(issue('GW-1', Buffer.from('a letter'))).rejects.toMatchObject({ code: 'encoding_invalid' });
    await expect(issue('GW-2', request)).rejects.toMatchObject({ code: 'request_invalid' });
    await expect(issue('GW-1', request, { targetName: 'nothing' })).rejects.toMatchObject({
      code: 'target_unknown',
    });
    await expect(opened.client.call('inventory.device', { deviceSerial: 'GW-1' })).rejects.toMatchObject({
      code: 'device_unknown',
    });

    const { files, certificateSerial } = await issue('GW-1', request);
    expect(files.map(({ path }) => path.split('/').at(-1))).toEqual(['GW-1.pem']);
    const certificate = new X509Certificate(readFileSync(fileOf(files, 'GW-1.pem')));
    expect(certificate.checkPrivateKey(privateKey)).toBe(true);
    expect(certificate.serialNumber.toLowerCase()).toBe(certificateSerial);
    const device = await opened.client.call('inventory.device', { deviceSerial: 'GW-1' });
    expect(device.targetName).toBe('zephyr-shell');
    expect(device.credentials.map(({ state, custody }) => [state, custody])).toEqual([
      ['verified', 'on-device'],
    ]);
    await expect(issue('GW-1', request)).rejects.toMatchObject({ code: 'already_provisioned' });
    await opened.client.call('authority.lock', {});
    await expect(issue('GW-3', requestOf('GW-3').request)).rejects.toMatchObject({
      code: 'authority_locked',
    });
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
  });
});

describe('a board’s SSH host key', () => {
  const certify = (publicKey: string, more: { names?: string[]; hosts?: string } = {}) =>
    opened.client.call('issue.sshHost', {
      ...{ deviceSerial: 'GW-1', publicKey: Buffer.from(publicKey).toString('base64') },
      ...{ fileName: 'ssh_host_ed25519_key.pub', names: ['gw1.example', '10.0.0.7'], validityDays: 30 },
      ...{ hosts: '*.example', ...more },
    });

  it.skipIf(!hasTool('ssh-keygen', '-?'))('gets a certificate that ssh-keygen reads, on record', async () => {
    const path = join(folder.root, 'host');
    toolOutput('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
    const publicKey = readFileSync(`${path}.pub`, 'utf8');
    for (const wrong of ['a letter', readFileSync(path, 'utf8')])
      await expect(certify(wrong)).rejects.toMatchObject({ code: 'value_invalid' });
    await expect(certify(publicKey, { names: ['gw 1'] })).rejects.toMatchObject({ code: 'value_invalid' });
    await expect(certify(publicKey, { hosts: 'a b' })).rejects.toMatchObject({ code: 'value_invalid' });
    const records = async () =>
      (await opened.client.call('audit.page', { act: 'ssh-host-certified', offset: 0, limit: 10 })).entries;
    expect(await records()).toEqual([]);

    const { files } = await certify(publicKey);
    const certificate = fileOf(files, 'ssh_host_ed25519_key-cert.pub');
    const text = toolOutput('ssh-keygen', ['-L', '-f', certificate]);
    expect(text).toContain('Key ID: "GW-1"');
    expect(text).toMatch(/Principals:\s+gw1\.example\s+10\.0\.0\.7/);
    expect(readFileSync(fileOf(files, 'known_hosts'), 'utf8')).toMatch(/^@cert-authority \*\.example /);
    expect((await records()).map(({ details }) => details.keyId)).toEqual(['GW-1']);

    await opened.client.call('authority.lock', {});
    await expect(certify(publicKey)).rejects.toMatchObject({ code: 'authority_locked' });
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
  });
});
