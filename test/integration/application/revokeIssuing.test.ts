// An issuing CA revoked through the contract, over the real core: it signs nothing more, its root's list names it, and the
// next one takes over.

import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCrl } from '../../../core/authority/revocation/crlReader.ts';
import { readPem } from '../../../core/der/pem.ts';
import {
  finish,
  found,
  type Opened,
  openApplication,
  openFolder,
  PASSPHRASE,
  provisionDevice,
  SUPERVISOR,
} from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;
beforeEach(async () => {
  folder = openFolder();
  opened = openApplication(folder.root);
  await found(opened);
});
afterEach(() => finish(opened, folder));

const authorityFolder = () => join(folder.root, 'data', 'authority');
const authority = () => opened.client.call('authority.get', {});
const revoke = (label: string, passphrase = PASSPHRASE) =>
  opened.client.call('authority.revokeIssuing', { label, reason: 'keyCompromise', passphrase });
const revocations = async () =>
  (await opened.client.call('audit.page', { act: 'issuing-ca-revoked', offset: 0, limit: 10 })).entries;

it('signs nothing more, stands in its root’s list and in the log, and the next CA takes over', async () => {
  expect(await provisionDevice(opened, 'SN-1', 'USB-1')).toMatchObject({ outcome: 'pass' });
  await expect(revoke('1', 'not that passphrase')).rejects.toMatchObject({ code: 'passphrase_wrong' });
  await expect(revoke('7')).rejects.toMatchObject({ code: 'issuing_ca_unknown' });
  expect(await revocations()).toEqual([]);
  expect((await authority()).lock.state).toBe('unlocked');

  const done = await revoke('1');
  expect(done.unlisted).toBeUndefined();
  const { issuingCas } = await authority();
  expect(issuingCas.map(({ label, revoked }) => [label, revoked])).toEqual([['1', true]]);
  const set = readPem(
    readFileSync(done.files.find(({ path }) => path.endsWith('crl-set.pem'))?.path ?? '', 'utf8'),
  );
  const entries = set
    .filter(({ label }) => label === 'X509 CRL')
    .flatMap(({ der }) => [...readCrl(der).entries()]);
  expect(entries).toContainEqual(
    expect.objectContaining({
      certificateSerial: issuingCas[0]?.certificate.certificateSerial,
      reasonCode: 1,
    }),
  );
  expect((await revocations()).map(({ actor, details }) => [actor, details.label])).toEqual([
    [SUPERVISOR.operatorName, '1'],
  ]);
  const unlock = () =>
    opened.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
  expect((await authority()).lock.state).toBe('locked');
  await expect(unlock()).rejects.toMatchObject({ code: 'issuing_ca_revoked' });
  await expect(opened.client.call('authority.assign', { label: '1' })).rejects.toMatchObject({
    code: 'issuing_ca_revoked',
  });

  await opened.client.call('authority.rollOver', { passphrase: PASSPHRASE });
  await unlock();
  expect(await provisionDevice(opened, 'SN-3', 'USB-3')).toMatchObject({ outcome: 'pass' });
  // Once more changes nothing, and the CA that signs now stays unlocked.
  expect((await revoke('1')).unlisted).toBeUndefined();
  const after = await authority();
  expect(after.issuingCas.map(({ revoked }) => revoked)).toEqual([true, false]);
  expect(after.lock.state).toBe('unlocked');
  expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
});

it('without the root’s key gives the certificate that the root’s machine needs', async () => {
  renameSync(join(authorityFolder(), 'root.key.pem'), join(folder.root, 'root.key.pem'));
  const done = await revoke('1');
  expect(done.unlisted?.code).toBe('root_elsewhere');
  expect(done.files.map(({ path }) => path.split('/').at(-1))).toEqual(['issuing-1.pem']);
  expect(existsSync(join(authorityFolder(), 'revoked-cas.json'))).toBe(true);
  const [certificate] = readPem(readFileSync(done.files[0]?.path ?? '', 'utf8'));
  expect(certificate?.label).toBe('CERTIFICATE');
});

/** Under a passphrase that nobody gives. */
function lockRootAway(): void {
  const path = join(authorityFolder(), 'root.key.pem');
  const key = createPrivateKey({ key: readFileSync(path, 'utf8'), passphrase: PASSPHRASE });
  const pem = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'another one' });
  writeFileSync(path, pem);
}
const renew = () => opened.client.call('crl.renew', { days: 30, rootDays: 400 });

it('tells why a list stays as it is: a key under another passphrase, one not tried, one that is elsewhere', async () => {
  await opened.client.call('authority.rollOver', { passphrase: PASSPHRASE });
  expect(await renew()).toMatchObject({ kept: [] });
  lockRootAway();
  const kept = async () => (await renew()).kept.map(({ ca, label, why }) => [ca, label, why.code]);
  expect(await kept()).toEqual([['root', '1', 'passphrase_wrong']]);
  expect((await revoke('1')).unlisted?.code).toBe('passphrase_wrong');

  const counter = join(authorityFolder(), 'wrong-passphrases.json');
  writeFileSync(counter, JSON.stringify({ wrong: 12, lastAtMs: Date.now() }));
  expect(await kept()).toEqual([
    ['issuing', '1', 'passphrase_delayed'],
    ['root', '1', 'passphrase_delayed'],
  ]);
  // Where it is not, it makes no difference that none may be tried.
  rmSync(join(authorityFolder(), 'root.key.pem'));
  expect(await kept()).toEqual([
    ['issuing', '1', 'passphrase_delayed'],
    ['root', '1', 'root_elsewhere'],
  ]);
  const { lists } = await opened.client.call('crl.get', {});
  expect(lists.find(({ ca }) => ca === 'root')?.keyHere).toBe(false);
});

it('is a supervisor’s, and waits for the bays', async () => {
  await opened.client.call('operators.create', { operatorName: 'Bruno', role: 'operator', pin: '2580' });
  await opened.client.call('session.signIn', { kind: 'pin', operatorName: 'Bruno', pin: '2580' });
  await expect(revoke('1')).rejects.toMatchObject({ code: 'role_missing' });
  await opened.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
  opened.sockets.plug('1-1.1', 'USB-1', { faults: { silent: true } });
  await expect
    .poll(async () => (await opened.client.call('bays.list', {}))[0]?.port?.usbSerialNumber)
    .toBe('USB-1');
  await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
  await expect(revoke('1')).rejects.toMatchObject({ code: 'bay_busy' });
  expect(await revocations()).toEqual([]);
});
