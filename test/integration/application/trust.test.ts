// What the authority gives others through the contract, over the real core: revocation lists, trust exports, server certificates.

import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCrl } from '../../../core/authority/revocation/crlReader.ts';
import { readPem } from '../../../core/der/pem.ts';
import { TRUST_CONSUMER_NAMES, TRUST_CONSUMERS } from '../../../core/domain/trustConsumer.ts';
import { clockedHouses, DAY_MS } from './clockedHouse.ts';
import { provisionDevice } from './house.ts';

const { house, call, signIn, unlock, authority, acts } = clockedHouses();
const provision = (deviceSerial: string, usb: string) => provisionDevice(house().opened, deviceSerial, usb);

describe('revocation lists', () => {
  const conditions = async () => (await call('session.conditions', {})).map(({ kind }) => kind);

  it('are missing at first, then signed as a set that names who was revoked, with rising numbers', async () => {
    const none = await call('crl.get', {});
    expect(none.lists.map(({ ca, freshness }) => [ca, freshness])).toEqual([
      ['issuing', 'missing'],
      ['root', 'missing'],
    ]);
    await expect(call('crl.write', {})).rejects.toMatchObject({ code: 'crl_not_current' });
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    const { credentials } = await call('inventory.device', { deviceSerial: 'SN-1' });
    const [credential] = credentials;
    await call('inventory.revoke', {
      credentialId: credential?.credentialId ?? '',
      reason: 'keyCompromise',
      note: 'lost in the yard',
    });
    const first = await call('crl.renew', { days: 30, rootDays: 400 });
    expect(first.lists.map(({ freshness, revoked }) => [freshness, revoked])).toEqual([
      ['fresh', 1],
      ['fresh', 0],
    ]);
    expect(first.lists[0]?.nextUpdateMs).toBe(Math.floor(house().nowMs / 1000) * 1000 + 30 * DAY_MS);
    const second = await call('crl.renew', { days: 30, rootDays: 400 });
    expect(Number(second.lists[0]?.crlNumber)).toBeGreaterThan(Number(first.lists[0]?.crlNumber));

    const written = await call('crl.write', {});
    const set = written.files.find(({ path }) => path.endsWith('crl-set.pem'));
    const bytes = readFileSync(set?.path ?? '');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(set?.sha256);
    const lists = readPem(bytes.toString());
    expect(lists.map(({ label }) => label)).toEqual(['X509 CRL', 'X509 CRL']);
    const entries = lists.flatMap(({ der }) => [...readCrl(der).entries()]);
    expect(entries).toMatchObject([{ certificateSerial: credential?.certificateSerial, reasonCode: 1 }]);
  });

  it('ring before they end, and louder when they have', async () => {
    await call('crl.renew', { days: 30, rootDays: 400 });
    const at = async (days: number) => {
      await house().opened.close();
      house().nowMs += days * DAY_MS;
      house().reopen();
      return conditions();
    };
    expect(await at(20)).not.toContain('lists-end-soon');
    expect(await at(4)).toContain('lists-end-soon');
    expect(await at(7)).toContain('lists-ended');
    await signIn();
    await unlock();
    await call('crl.renew', { days: 30, rootDays: 400 });
    expect((await conditions()).filter((kind) => kind.startsWith('lists-'))).toEqual([]);
  });

  it('need the unlocked authority', async () => {
    await call('authority.lock', {});
    await expect(call('crl.renew', { days: 30, rootDays: 400 })).rejects.toMatchObject({
      code: 'authority_locked',
    });
  });
});

describe('exports for those who are to trust the devices', () => {
  it.each(TRUST_CONSUMER_NAMES)('writes what %s takes, and records it', async (consumer) => {
    const input = { consumer, code: '9f3a77c1d2e4', set: 'plant-north' };
    const required = TRUST_CONSUMERS[consumer].required;
    const details = Object.fromEntries(required.map((field) => [field, input[field]]));
    for (const field of required)
      await expect(call('trust.export', { consumer, ...details, [field]: undefined })).rejects.toMatchObject({
        code: 'value_missing',
        details: { field },
      });
    const written = await call('trust.export', { consumer, ...details });
    for (const { path, sizeBytes } of written.files) expect(statSync(path).size).toBe(sizeBytes);
    // Without a device there is nothing for a cloud's list to name.
    if (consumer !== 'nrf-cloud') expect(written.files.length).toBeGreaterThan(0);
    expect(await acts()).toContain('trust-exported');
  });

  it('proves the CA for a code only while it is unlocked, and takes no code with control characters', async () => {
    await expect(call('trust.export', { consumer: 'aws-iot', code: 'a\u0007b' })).rejects.toMatchObject({
      code: 'trust_limit',
    });
    await call('authority.lock', {});
    await expect(call('trust.export', { consumer: 'aws-iot', code: '9f3a77c1d2e4' })).rejects.toMatchObject({
      code: 'authority_locked',
    });
    expect(existsSync(join(house().folder.root, 'data', 'exports'))).toBe(false);
    const plain = await call('trust.export', { consumer: 'aws-iot' });
    expect(plain.files).toHaveLength(1);
    await expect(call('trust.export', { consumer: 'csv', orderId: 'order-nobody' })).rejects.toMatchObject({
      code: 'order_unknown',
    });
  });
});

describe('server certificates', () => {
  it('are renewed with the same names; the one before is superseded', async () => {
    const names = ['mqtt.plant.example', '10.20.0.5', 'mqtt2.plant.example'];
    const first = await call('authority.issueServer', { names, validityDays: 90 });
    house().nowMs += 70 * DAY_MS;
    await unlock();
    const second = await call('authority.renewServer', {
      credentialId: first.server.credentialId,
    });
    expect(second.server).toMatchObject({ serverName: names[0], revoked: false });
    expect([...second.server.names].sort()).toEqual([...names].sort());
    expect(second.server.notAfterMs - house().nowMs).toBeGreaterThan(89 * DAY_MS);
    const listed = (await authority()).serverCertificates.filter(({ serverName }) => serverName === names[0]);
    expect(listed.map(({ revoked }) => revoked)).toEqual([false, true]);
    const pem = second.files.find(({ path }) => path.endsWith('server.pem'));
    const certificate = new X509Certificate(readFileSync(pem?.path ?? ''));
    expect(certificate.checkHost('mqtt2.plant.example')).toBeDefined();
    for (const credentialId of ['credential-nobody', (await credentialIdOfDevice()) ?? ''])
      await expect(call('authority.renewServer', { credentialId })).rejects.toMatchObject({
        code: 'credential_unknown',
      });
  });

  const credentialIdOfDevice = async () => {
    await provision('SN-1', 'USB-1');
    const page = await call('inventory.device', { deviceSerial: 'SN-1' });
    return page.credentials[0]?.credentialId;
  };

  it('ring a month before they end', async () => {
    await call('authority.issueServer', { names: ['mqtt.plant.example'], validityDays: 90 });
    await house().opened.close();
    house().nowMs += 65 * DAY_MS;
    house().reopen();
    expect(await call('session.conditions', {})).toContainEqual(
      expect.objectContaining({
        kind: 'certificate-expires-soon',
        details: { name: 'mqtt.plant.example', days: 24 },
      }),
    );
  });
});
