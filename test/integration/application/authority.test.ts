// The authority through the contract, over the real core: roll-over, limits, locks, lists, exports, servers, profiles.

import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPem } from '../../../core/der/pem.ts';
import { clockedHouses, DAY_MS } from './clockedHouse.ts';
import { PASSPHRASE, provisionDevice, until } from './house.ts';

const { house, call, signIn, unlock, authority, acts } = clockedHouses();
const provision = (deviceSerial: string, usb: string) => provisionDevice(house().opened, deviceSerial, usb);

const deviceChain = async (deviceSerial: string) => {
  const page = await call('inventory.device', { deviceSerial });
  return (page.credentials[0]?.chain ?? []).map(({ pem }) => new X509Certificate(pem));
};

describe('a roll-over', () => {
  it('lets a further CA sign, keeps the old one trusted, and proves devices of both', async () => {
    expect(await provision('SN-OLD', 'USB-1')).toMatchObject({ outcome: 'pass' });
    const before = await authority();
    const view = await call('authority.rollOver', { passphrase: PASSPHRASE });
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
    const chain = await call('authority.export', { what: 'chain', format: 'pem' });
    const certificates = readPem(Buffer.from(chain.base64, 'base64').toString());
    expect(certificates).toHaveLength(3);
    const after = await authority();
    expect(after.issuingCas.map(({ used }) => used)).toEqual([2, 1]);
    expect(await acts()).toContain('issuing-ca-rolled-over');
    expect(await call('audit.verify', {})).toMatchObject({ intact: true });
  });

  it('with a wrong passphrase makes nothing, and what was unlocked stays unlocked', async () => {
    await expect(call('authority.rollOver', { passphrase: 'not that passphrase' })).rejects.toMatchObject({
      code: 'passphrase_wrong',
    });
    expect(existsSync(join(house().folder.root, 'data', 'authority', 'issuing-cas'))).toBe(false);
    const view = await authority();
    expect(view.issuingCas).toHaveLength(1);
    expect(view.lock.state).toBe('unlocked');
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
  });

  it('works for a locked authority, which stays locked', async () => {
    await call('authority.lock', {});
    const view = await call('authority.rollOver', {
      passphrase: PASSPHRASE,
      commonName: 'Second line',
    });
    expect(view.issuing.subject).toContain('CN=Second line');
    expect(view.lock.state).toBe('locked');
    await unlock();
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
  });

  it('makes a CA for one profile, a Matter PAI where it is asked for, and nothing where it cannot', async () => {
    const server = await call('authority.rollOver', { passphrase: PASSPHRASE, profileName: 'tls-server' });
    expect(server.issuingCas.map(({ active, profiles }) => ({ active, profiles }))).toEqual([
      { active: true, profiles: [] },
      { active: false, profiles: ['tls-server'] },
    ]);
    const pai = { passphrase: PASSPHRASE, profileName: 'matter-dac', matter: { vendorId: 'FFF1' } };
    const before = readdirSync(join(house().folder.root, 'data', 'authority', 'issuing-cas'));
    for (const [input, code, meaning] of [
      [{ ...pai, profileName: 'no-such-profile' }, 'profile_unknown', undefined],
      [{ ...pai, profileName: undefined }, 'value_invalid', 'pai-for-one-profile'],
      [{ ...pai, matter: { vendorId: 'fff1' } }, 'name_value_invalid', 'matter-id-form'],
      [{ ...pai, matter: { vendorId: 'FFF1', productId: '80' } }, 'name_value_invalid', 'matter-id-form'],
    ] as const)
      await expect(call('authority.rollOver', input)).rejects.toMatchObject({
        code,
        details: meaning === undefined ? {} : { meaning },
      });
    expect(readdirSync(join(house().folder.root, 'data', 'authority', 'issuing-cas'))).toEqual(before);

    const made = await call('authority.rollOver', pai);
    expect(made.issuingCas[2]).toMatchObject({ active: false, profiles: ['matter-dac'] });
    expect(made.issuingCas[2]?.certificate.subject).toContain('Plant North Matter PAI 3');
    const dac = (await call('authority.profiles', {})).find(({ name }) => name === 'matter-dac');
    expect([dac?.signedBy.label, dac?.problem]).toEqual(['3', undefined]);
    await expect(call('authority.assign', { label: '3' })).rejects.toMatchObject({
      details: { meaning: 'pai-for-one-profile' },
    });
    expect((await authority()).lock.state).toBe('unlocked');
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
  });

  it('is taken back for one profile or for all, and outlives a restart', async () => {
    await call('authority.rollOver', { passphrase: PASSPHRASE });
    await call('authority.assign', { label: '1', profileName: 'tls-client' });
    await house().opened.close();
    house().reopen();
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
    const all = await call('authority.assign', { label: '1' });
    expect(all.issuingCas.map(({ active }) => active)).toEqual([true, false]);
    for (const input of [{ label: '7' }, { label: '1', profileName: 'no-such-profile' }])
      await expect(call('authority.assign', input)).rejects.toMatchObject({
        code: input.label === '7' ? 'issuing_ca_unknown' : 'profile_unknown',
      });
    expect((await authority()).lock.state).toBe('unlocked');
  });
});

describe('limits of an issuing CA', () => {
  it('refuse the certificate after the last one, and say so on the bay', async () => {
    const { used } = (await authority()).issuingCas[0] ?? { used: 0 };
    const limited = await call('authority.limit', { label: '1', quota: used + 1 });
    expect(limited.issuingCas[0]).toMatchObject({ used, quota: used + 1 });
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    expect(await provision('SN-2', 'USB-2')).toMatchObject({
      failure: { code: 'issuing_quota_reached' },
    });
    const lifted = await call('authority.limit', { label: '1' });
    expect(lifted.issuingCas[0]?.quota).toBeUndefined();
    expect(await provision('SN-3', 'USB-3')).toMatchObject({ outcome: 'pass' });
  });

  it('end on their day', async () => {
    await call('authority.limit', { label: '1', endsAtMs: house().nowMs + DAY_MS });
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    house().nowMs += 2 * DAY_MS;
    await unlock();
    expect(await provision('SN-2', 'USB-2')).toMatchObject({ failure: { code: 'issuing_ca_ended' } });
    await expect(call('authority.limit', { label: '2', quota: 1 })).rejects.toMatchObject({
      code: 'issuing_ca_unknown',
    });
  });
});

describe('the lock', () => {
  const locked = () => until(async () => (await call('session.get', {})).lock.state === 'locked');
  const signServer = () => call('authority.issueServer', { names: ['mqtt.plant.example'], validityDays: 90 });
  const why = async () => {
    const { entries } = await call('audit.page', {
      act: 'authority-locked',
      offset: 0,
      limit: 1,
    });
    return entries[0]?.details.why;
  };

  it('closes by itself at the end of the shift, not before', async () => {
    await unlock(PASSPHRASE, 60);
    house().nowMs += 59 * 60_000;
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await call('session.get', {})).lock.state).toBe('unlocked');
    house().nowMs += 60_001;
    await locked();
    expect(await why()).toBe('time');
    await expect(signServer()).rejects.toMatchObject({ code: 'authority_locked' });
  });

  it('closes when nothing was signed for two hours, counted from the last signature', async () => {
    await unlock(PASSPHRASE, 720);
    house().nowMs += 119 * 60_000;
    await signServer();
    house().nowMs += 119 * 60_000;
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect((await call('session.get', {})).lock.state).toBe('unlocked');
    house().nowMs += 2 * 60_000;
    await locked();
    expect(await why()).toBe('idle');
    expect((await unlock()).lock.state).toBe('unlocked');
  });

  it('slows down whoever guesses, also after a restart, and opens after the wait', async () => {
    await call('authority.lock', {});
    for (let attempt = 1; attempt <= 5; attempt += 1)
      await expect(unlock('not that passphrase')).rejects.toMatchObject({ code: 'passphrase_wrong' });
    await expect(unlock()).rejects.toMatchObject({ code: 'passphrase_delayed', details: { waitSeconds: 1 } });
    await house().opened.close();
    house().reopen();
    await signIn();
    await expect(unlock()).rejects.toMatchObject({ code: 'passphrase_delayed' });
    house().nowMs += 1_001;
    expect((await unlock()).lock.state).toBe('unlocked');
    expect((await acts()).filter((act) => act === 'authority-unlock-refused')).toHaveLength(5);
  });
});

describe('the profiles', () => {
  it('are shown with the size that their certificates really have, also while the authority is locked', async () => {
    expect(await provision('SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
    const [leaf] = await deviceChain('SN-1');
    await call('authority.lock', {});
    const pages = await call('authority.profiles', {});
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
