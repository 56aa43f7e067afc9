// The authority through the contract, over the real core: roll-over, limits, locks, lists, exports, servers, profiles.

import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCrl } from '../../../core/authority/revocation/crlReader.ts';
import { readPem } from '../../../core/der/pem.ts';
import { TRUST_CONSUMER_NAMES, TRUST_CONSUMERS } from '../../../core/domain/trustConsumer.ts';
import {
  NEW_STATION,
  type Opened,
  openApplication,
  openFolder,
  PASSPHRASE,
  provisionDevice,
  SUPERVISOR,
  until,
} from './house.ts';

const DAY_MS = 86_400_000;

let folder: ReturnType<typeof openFolder>;
let opened: Opened;
let nowMs: number;
const clock = { nowMs: () => nowMs };
const reopen = (more: Parameters<typeof openApplication>[2] = {}) =>
  openApplication(folder.root, undefined, { clock, ...more });

beforeEach(async () => {
  folder = openFolder();
  nowMs = Date.now();
  opened = reopen({ lockCheckMs: 20 });
  await opened.client.call('session.createStation', NEW_STATION);
  await opened.client.call('bays.saveLayout', {
    bays: [{ bayName: 'A1', row: 0, column: 0, binding: { kind: 'location', value: '1-1.1' } }],
  });
});
afterEach(async () => {
  await opened.close();
  folder.remove();
  expect(opened.refusals.filter((line) => line.includes('invalid'))).toEqual([]);
});

const signIn = () => opened.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
const unlock = (passphrase = PASSPHRASE, lockAfterMinutes = 480) =>
  opened.client.call('authority.unlock', { passphrase, lockAfterMinutes });
const authority = () => opened.client.call('authority.get', {});
const acts = async () =>
  (await opened.client.call('audit.page', { offset: 0, limit: 100 })).entries.map(({ act }) => act);

const provision = (deviceSerial: string, usb: string) => provisionDevice(opened, deviceSerial, usb);

const deviceChain = async (deviceSerial: string) => {
  const page = await opened.client.call('inventory.device', { deviceSerial });
  return (page.credentials[0]?.chain ?? []).map(({ pem }) => new X509Certificate(pem));
};

describe('a roll-over', () => {
  it('lets a further CA sign, keeps the old one trusted, and proves devices of both', async () => {
    expect(await provision('SN-OLD', 'USB-1')).toMatchObject({ outcome: 'pass' });
    const before = await authority();
    const view = await opened.client.call('authority.rollOver', { passphrase: PASSPHRASE });
    expect(view.lock.state).toBe('unlocked');
    expect(view.issuingCas.map(({ label, active }) => [label, active])).toEqual([
      ['1', false],
      ['2', true],
    ]);
    expect(view.issuingCas[0]?.certificate.sha256).toBe(before.issuing.sha256);
    expect(view.issuing.subject).toContain('Plant North Issuing CA 2');
    expect(await provision('SN-NEW', 'USB-2')).toMatchObject({ outcome: 'pass' });

    for (const [deviceSerial, label] of [
      ['SN-OLD', '1'],
      ['SN-NEW', '2'],
    ] as const) {
      const [leaf, issuing, root] = await deviceChain(deviceSerial);
      expect(issuing?.subject).toContain(label === '1' ? 'Issuing CA' : 'Issuing CA 2');
      expect(leaf?.verify(issuing?.publicKey ?? (root as X509Certificate).publicKey), deviceSerial).toBe(
        true,
      );
      expect(issuing?.verify((root as X509Certificate).publicKey)).toBe(true);
    }
    const chain = await opened.client.call('authority.export', { what: 'chain', format: 'pem' });
    const certificates = readPem(Buffer.from(chain.base64, 'base64').toString());
    expect(certificates).toHaveLength(3);
    const after = await authority();
    expect(after.issuingCas.map(({ used }) => used)).toEqual([2, 1]);
    expect(await acts()).toContain('issuing-ca-rolled-over');
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
  });

  it('with a wrong passphrase makes nothing, and what was unlocked stays unlocked', async () => {
    await expect(
      opened.client.call('authority.rollOver', { passphrase: 'not that passphrase' }),
    ).rejects.toMatchObject({ code: 'passphrase_wrong' });
    expect(existsSync(join(folder.root, 'data', 'authority', 'issuing-cas'))).toBe(false);
    const view = await authority();
    expect(view.issuingCas).toHaveLength(1);
    expect(view.lock.state).toBe('unlocked');
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
  });

  it('works for a locked authority, which stays locked', async () => {
    await opened.client.call('authority.lock', {});
    const view = await opened.client.call('authority.rollOver', {
      passphrase: PASSPHRASE,
      commonName: 'Second line',
    });
    expect(view.issuing.subject).toContain('CN=Second line');
    expect(view.lock.state).toBe('locked');
    await unlock();
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
  });

  it('is taken back for one profile or for all, and outlives a restart', async () => {
    await opened.client.call('authority.rollOver', { passphrase: PASSPHRASE });
    await opened.client.call('authority.assign', { label: '1', profileName: 'tls-client' });
    await opened.close();
    opened = reopen();
    await signIn();
    await unlock();
    const view = await authority();
    expect(view.issuingCas.map(({ active, profiles }) => ({ active, profiles }))).toEqual([
      { active: false, profiles: ['tls-client'] },
      { active: true, profiles: [] },
    ]);
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    expect((await deviceChain('SN-1'))[1]?.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(
      view.issuingCas[0]?.certificate.sha256,
    );
    const all = await opened.client.call('authority.assign', { label: '1' });
    expect(all.issuingCas.map(({ active }) => active)).toEqual([true, false]);
    for (const input of [{ label: '7' }, { label: '1', profileName: 'no-such-profile' }])
      await expect(opened.client.call('authority.assign', input)).rejects.toMatchObject({
        code: input.label === '7' ? 'issuing_ca_unknown' : 'profile_unknown',
      });
    expect((await authority()).lock.state).toBe('unlocked');
  });
});

describe('limits of an issuing CA', () => {
  it('refuse the certificate after the last one, and say so on the bay', async () => {
    const { used } = (await authority()).issuingCas[0] ?? { used: 0 };
    const limited = await opened.client.call('authority.limit', { label: '1', quota: used + 1 });
    expect(limited.issuingCas[0]).toMatchObject({ used, quota: used + 1 });
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    expect(await provision('SN-2', 'USB-2')).toMatchObject({
      failure: { code: 'issuing_quota_reached' },
    });
    const lifted = await opened.client.call('authority.limit', { label: '1' });
    expect(lifted.issuingCas[0]?.quota).toBeUndefined();
    expect(await provision('SN-3', 'USB-3')).toMatchObject({ outcome: 'pass' });
  });

  it('end on their day', async () => {
    await opened.client.call('authority.limit', { label: '1', endsAtMs: nowMs + DAY_MS });
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    nowMs += 2 * DAY_MS;
    await unlock();
    expect(await provision('SN-2', 'USB-2')).toMatchObject({ failure: { code: 'issuing_ca_ended' } });
    await expect(opened.client.call('authority.limit', { label: '2', quota: 1 })).rejects.toMatchObject({
      code: 'issuing_ca_unknown',
    });
  });
});

describe('the lock', () => {
  const locked = () =>
    until(async () => (await opened.client.call('session.get', {})).lock.state === 'locked');
  const signServer = () =>
    opened.client.call('authority.issueServer', { names: ['mqtt.plant.example'], validityDays: 90 });
  const why = async () => {
    const { entries } = await opened.client.call('audit.page', {
      act: 'authority-locked',
      offset: 0,
      limit: 1,
    });
    return entries[0]?.details.why;
  };

  it('closes by itself at the end of the shift, not before', async () => {
    await unlock(PASSPHRASE, 60);
    nowMs += 59 * 60_000;
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await opened.client.call('session.get', {})).lock.state).toBe('unlocked');
    nowMs += 60_001;
    await locked();
    expect(await why()).toBe('time');
    await expect(signServer()).rejects.toMatchObject({ code: 'authority_locked' });
  });

  it('closes when nothing was signed for two hours, counted from the last signature', async () => {
    await unlock(PASSPHRASE, 720);
    nowMs += 119 * 60_000;
    await signServer();
    nowMs += 119 * 60_000;
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await opened.client.call('session.get', {})).lock.state).toBe('unlocked');
    nowMs += 2 * 60_000;
    await locked();
    expect(await why()).toBe('idle');
    expect((await unlock()).lock.state).toBe('unlocked');
  });

  it('slows down whoever guesses, also after a restart, and opens after the wait', async () => {
    await opened.client.call('authority.lock', {});
    for (let attempt = 1; attempt <= 5; attempt += 1)
      await expect(unlock('not that passphrase')).rejects.toMatchObject({ code: 'passphrase_wrong' });
    await expect(unlock()).rejects.toMatchObject({ code: 'passphrase_delayed', details: { waitSeconds: 1 } });
    await opened.close();
    opened = reopen();
    await signIn();
    await expect(unlock()).rejects.toMatchObject({ code: 'passphrase_delayed' });
    nowMs += 1_001;
    expect((await unlock()).lock.state).toBe('unlocked');
    expect((await acts()).filter((act) => act === 'authority-unlock-refused')).toHaveLength(5);
  });
});

describe('revocation lists', () => {
  const conditions = async () => (await opened.client.call('session.conditions', {})).map(({ kind }) => kind);

  it('are missing at first, then signed as a set that names who was revoked, with rising numbers', async () => {
    const none = await opened.client.call('crl.get', {});
    expect(none.lists.map(({ ca, freshness }) => [ca, freshness])).toEqual([
      ['issuing', 'missing'],
      ['root', 'missing'],
    ]);
    await expect(opened.client.call('crl.write', {})).rejects.toMatchObject({ code: 'crl_not_current' });
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    const { credentials } = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    const [credential] = credentials;
    await opened.client.call('inventory.revoke', {
      credentialId: credential?.credentialId ?? '',
      reason: 'keyCompromise',
      note: 'lost in the yard',
    });
    const first = await opened.client.call('crl.renew', { days: 30, rootDays: 400 });
    expect(first.lists.map(({ freshness, revoked }) => [freshness, revoked])).toEqual([
      ['fresh', 1],
      ['fresh', 0],
    ]);
    expect(first.lists[0]?.nextUpdateMs).toBe(Math.floor(nowMs / 1000) * 1000 + 30 * DAY_MS);
    const second = await opened.client.call('crl.renew', { days: 30, rootDays: 400 });
    expect(Number(second.lists[0]?.crlNumber)).toBeGreaterThan(Number(first.lists[0]?.crlNumber));

    const written = await opened.client.call('crl.write', {});
    const set = written.files.find(({ path }) => path.endsWith('crl-set.pem'));
    const bytes = readFileSync(set?.path ?? '');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(set?.sha256);
    const lists = readPem(bytes.toString());
    expect(lists.map(({ label }) => label)).toEqual(['X509 CRL', 'X509 CRL']);
    const entries = lists.flatMap(({ der }) => [...readCrl(der).entries()]);
    expect(entries).toMatchObject([{ certificateSerial: credential?.certificateSerial, reasonCode: 1 }]);
  });

  it('ring before they end, and louder when they have', async () => {
    await opened.client.call('crl.renew', { days: 30, rootDays: 400 });
    const at = async (days: number) => {
      await opened.close();
      nowMs += days * DAY_MS;
      opened = reopen();
      return conditions();
    };
    expect(await at(20)).not.toContain('lists-end-soon');
    expect(await at(4)).toContain('lists-end-soon');
    expect(await at(7)).toContain('lists-ended');
    await signIn();
    await unlock();
    await opened.client.call('crl.renew', { days: 30, rootDays: 400 });
    expect((await conditions()).filter((kind) => kind.startsWith('lists-'))).toEqual([]);
  });

  it('need the unlocked authority', async () => {
    await opened.client.call('authority.lock', {});
    await expect(opened.client.call('crl.renew', { days: 30, rootDays: 400 })).rejects.toMatchObject({
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
      await expect(
        opened.client.call('trust.export', { consumer, ...details, [field]: undefined }),
      ).rejects.toMatchObject({ code: 'value_missing', details: { field } });
    const written = await opened.client.call('trust.export', { consumer, ...details });
    for (const { path, sizeBytes } of written.files) expect(statSync(path).size).toBe(sizeBytes);
    // Without a device there is nothing for a cloud's list to name.
    if (consumer !== 'nrf-cloud') expect(written.files.length).toBeGreaterThan(0);
    expect(await acts()).toContain('trust-exported');
  });

  it('proves the CA for a code only while it is unlocked, and takes no code with control characters', async () => {
    await expect(
      opened.client.call('trust.export', { consumer: 'aws-iot', code: 'a\u0007b' }),
    ).rejects.toMatchObject({ code: 'trust_limit' });
    await opened.client.call('authority.lock', {});
    await expect(
      opened.client.call('trust.export', { consumer: 'aws-iot', code: '9f3a77c1d2e4' }),
    ).rejects.toMatchObject({ code: 'authority_locked' });
    expect(existsSync(join(folder.root, 'data', 'exports'))).toBe(false);
    const plain = await opened.client.call('trust.export', { consumer: 'aws-iot' });
    expect(plain.files).toHaveLength(1);
    await expect(
      opened.client.call('trust.export', { consumer: 'csv', orderId: 'order-nobody' }),
    ).rejects.toMatchObject({ code: 'order_unknown' });
  });
});

describe('server certificates', () => {
  it('are renewed with the same names; the one before is superseded', async () => {
    const names = ['mqtt.plant.example', '10.20.0.5', 'mqtt2.plant.example'];
    const first = await opened.client.call('authority.issueServer', { names, validityDays: 90 });
    nowMs += 70 * DAY_MS;
    await unlock();
    const second = await opened.client.call('authority.renewServer', {
      credentialId: first.server.credentialId,
    });
    expect(second.server).toMatchObject({ serverName: names[0], revoked: false });
    expect([...second.server.names].sort()).toEqual([...names].sort());
    expect(second.server.notAfterMs - nowMs).toBeGreaterThan(89 * DAY_MS);
    const listed = (await authority()).serverCertificates.filter(({ serverName }) => serverName === names[0]);
    expect(listed.map(({ revoked }) => revoked)).toEqual([false, true]);
    const pem = second.files.find(({ path }) => path.endsWith('server.pem'));
    const certificate = new X509Certificate(readFileSync(pem?.path ?? ''));
    expect(certificate.checkHost('mqtt2.plant.example')).toBeDefined();
    for (const credentialId of ['credential-nobody', (await credentialIdOfDevice()) ?? ''])
      await expect(opened.client.call('authority.renewServer', { credentialId })).rejects.toMatchObject({
        code: 'credential_unknown',
      });
  });

  const credentialIdOfDevice = async () => {
    await provision('SN-1', 'USB-1');
    const page = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    return page.credentials[0]?.credentialId;
  };

  it('ring a month before they end', async () => {
    await opened.client.call('authority.issueServer', { names: ['mqtt.plant.example'], validityDays: 90 });
    await opened.close();
    nowMs += 65 * DAY_MS;
    opened = reopen();
    expect(await opened.client.call('session.conditions', {})).toContainEqual(
      expect.objectContaining({
        kind: 'certificate-expires-soon',
        details: { name: 'mqtt.plant.example', days: 24 },
      }),
    );
  });
});

describe('the profiles', () => {
  it('are shown with the size that their certificates really have, also while the authority is locked', async () => {
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    const [leaf] = await deviceChain('SN-1');
    await opened.client.call('authority.lock', {});
    const pages = await opened.client.call('authority.profiles', {});
    const shipped = readdirSync(join(import.meta.dirname, '..', '..', '..', 'resources', 'profiles'));
    expect(pages.map(({ name }) => `${name}.json`).sort()).toEqual(shipped.sort());
    const page = pages.find(({ name }) => name === 'tls-client');
    const { length } = (leaf as X509Certificate).raw;
    // An ECDSA signature is up to 9 octets shorter than the longest, a serial up to 4.
    expect(page?.sizes?.certificateBytes).toBeGreaterThanOrEqual(length - 4);
    expect(page?.sizes?.certificateBytes).toBeLessThanOrEqual(length + 16);
    expect(page?.signedBy.label).toBe('1');
    for (const { name, sizes, problem } of pages)
      expect(sizes === undefined, name).toBe(problem !== undefined);
  });
});
