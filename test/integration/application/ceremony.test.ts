// A station whose root is on another machine, through the contract: what the stick brings is taken in without closing it.

import { cpSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signRequestWithRoot } from '../../../core/authority/import/offlineCeremony.ts';
import { openCaSigner } from '../../../core/authority/issuing/caSigner.ts';
import { crlPem } from '../../../core/authority/revocation/crlSet.ts';
import { recordRevokedCa, revokedUnder } from '../../../core/authority/revocation/revokedCas.ts';
import { systemClock } from '../../../core/domain/clock.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { certificateOf, renewCrl } from '../../../core/host/crlFiles.ts';
import { systemRandom } from '../../../core/host/systemRandom.ts';
import { NEW_STATION, type Opened, openApplication, openFolder, PASSPHRASE, SUPERVISOR } from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;
const stationFolder = () => join(folder.root, 'data', 'authority');
const rootFolder = () => join(folder.root, 'root-machine');
const base64 = (text: string): string => Buffer.from(text).toString('base64');

beforeEach(async () => {
  folder = openFolder();
  opened = openApplication(folder.root);
  await opened.client.call('session.createStation', NEW_STATION);
  mkdirSync(rootFolder());
  cpSync(join(stationFolder(), 'root.pem'), join(rootFolder(), 'root.pem'));
  renameSync(join(stationFolder(), 'root.key.pem'), join(rootFolder(), 'root.key.pem'));
});
afterEach(async () => {
  await opened.close();
  folder.remove();
  expect(opened.refusals.filter((line) => line.includes('invalid'))).toEqual([]);
});

/** The next list of the root, signed on its machine. */
function rootList(revoke?: Uint8Array, days = 400): string {
  const at = { folder: rootFolder(), clock: systemClock, random: systemRandom };
  const rootDer = certificateOf(at.folder, 'root');
  const signer = openCaSigner(at, 'root', Secret.fromText(PASSPHRASE));
  if (revoke !== undefined)
    recordRevokedCa(at, rootDer, revoke, { revokedAtMs: Date.now(), reason: 'keyCompromise' });
  return crlPem(renewCrl(at, 'root', signer, revokedUnder(at.folder, rootDer), days).crlDer);
}

const install = (text: string) => opened.client.call('crl.install', { file: base64(text) });
const renew = () => opened.client.call('crl.renew', { days: 30, rootDays: 400 });
const unlock = () => opened.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
const authority = () => opened.client.call('authority.get', {});
const entries = async (act: string) =>
  (await opened.client.call('audit.page', { act, offset: 0, limit: 10 })).entries;

it('takes the root’s list in, and then there is a whole set', async () => {
  await unlock();
  await renew();
  await expect(opened.client.call('crl.write', {})).rejects.toMatchObject({ code: 'crl_not_current' });
  const first = rootList();
  const { lists, revoked } = await install(first);
  expect(revoked).toEqual([]);
  expect(lists.find(({ ca }) => ca === 'root')).toMatchObject({ freshness: 'fresh', keyHere: false });
  expect((await opened.client.call('crl.write', {})).files.length).toBe(3);
  expect((await authority()).lock.state).toBe('unlocked');
  expect(
    (await entries('root-list-installed')).map(({ actor, details }) => [actor, details.revoked]),
  ).toEqual([[SUPERVISOR.operatorName, 0]]);

  await install(rootList());
  await expect(install(first)).rejects.toMatchObject({
    code: 'chain_invalid',
    details: { reason: 'crl-older', meaning: 'root-list-unfit' },
  });
});

it('takes in nothing that is not the list of its root', async () => {
  const refusal = (text: string) =>
    install(text).then(
      () => undefined,
      ({ code, details }) => [code, details.reason, details.meaning],
    );
  expect(await refusal('a letter')).toEqual(['encoding_invalid', 'not-a-list', 'root-list-unfit']);
  const certificate = readFileSync(join(stationFolder(), 'issuing.pem'), 'utf8');
  expect(await refusal(certificate)).toEqual(['encoding_invalid', 'not-a-list', 'root-list-unfit']);
  await unlock();
  await renew();
  const ofIssuing = readFileSync(join(stationFolder(), 'issuing.crl.pem'), 'utf8');
  expect(await refusal(ofIssuing)).toEqual(['chain_invalid', 'crl-of-another-issuer', 'root-list-unfit']);
  const torn = rootList();
  const at = torn.length - 60;
  const forged = `${torn.slice(0, at)}${torn[at] === 'A' ? 'B' : 'A'}${torn.slice(at + 1)}`;
  expect((await refusal(forged))?.[2]).toBe('root-list-unfit');
  expect(await entries('root-list-installed')).toEqual([]);
});

it('stops an issuing CA that only the root’s machine revoked, at once', async () => {
  await unlock();
  const { revoked } = await install(rootList(certificateOf(stationFolder(), 'issuing')));
  expect(revoked).toEqual(['1']);
  expect((await authority()).issuingCas[0]?.revoked).toBe(true);
  expect((await authority()).lock.state).toBe('locked');
  await expect(unlock()).rejects.toMatchObject({ code: 'issuing_ca_revoked' });
  expect((await entries('issuing-ca-revoked')).map(({ details }) => [details.label, details.reason])).toEqual(
    [['1', 'keyCompromise']],
  );
  // The next list names it still, and it is no news any more.
  expect((await install(rootList())).revoked).toEqual([]);
  expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
});

it('is a supervisor’s', async () => {
  await opened.client.call('operators.create', { operatorName: 'Bruno', role: 'operator', pin: '2580' });
  await opened.client.call('session.signIn', { kind: 'pin', operatorName: 'Bruno', pin: '2580' });
  await expect(install(rootList())).rejects.toMatchObject({ code: 'role_missing' });
});

describe('a further issuing CA under the root elsewhere', () => {
  const request = (passphrase = PASSPHRASE, commonName?: string) =>
    opened.client.call('authority.request', { passphrase, ...(commonName && { commonName }) });
  const take = (label: string, file: string, passphrase = PASSPHRASE) =>
    opened.client.call('authority.install', { label, file: base64(file), passphrase });
  /** As the root's machine answers. */
  function sign(requestPath: string): string {
    const passphrase = Secret.fromText(PASSPHRASE);
    const at = { folder: rootFolder(), clock: systemClock, random: systemRandom };
    return signRequestWithRoot(at, passphrase, readFileSync(requestPath));
  }

  it('is requested, taken in, and signs once it is let', async () => {
    await unlock();
    await expect(opened.client.call('authority.rollOver', { passphrase: PASSPHRASE })).rejects.toMatchObject({
      code: 'root_elsewhere',
    });
    await expect(request('not that passphrase')).rejects.toMatchObject({ code: 'passphrase_wrong' });
    expect((await authority()).requests).toEqual([]);
    expect((await authority()).rootHere).toBe(false);

    const made = await request();
    expect(made.label).toBe('2');
    expect(made.files.map(({ path }) => basename(path))).toEqual(['issuing.csr.pem']);
    const waiting = await authority();
    expect(waiting.requests).toEqual([{ label: '2', subject: 'O=Plant North, CN=Plant North Issuing CA 2' }]);
    expect(waiting.issuingCas.map(({ label }) => label)).toEqual(['1']);
    expect(waiting.lock.state).toBe('unlocked');

    const chain = sign(made.files[0]?.path ?? '');
    await expect(take('1', chain)).rejects.toMatchObject({ code: 'request_missing' });
    await expect(take('2', chain, 'not that passphrase')).rejects.toMatchObject({ code: 'passphrase_wrong' });
    const own = readFileSync(join(stationFolder(), 'issuing.pem'), 'utf8');
    await expect(take('2', own)).rejects.toMatchObject({
      code: 'chain_invalid',
      details: { reason: 'no-certificate-for-the-request' },
    });
    const installed = await take('2', chain);
    expect(installed.requests).toEqual([]);
    expect(installed.issuingCas.map(({ label, active }) => [label, active])).toEqual([
      ['1', true],
      ['2', false],
    ]);
    expect(installed.lock.state).toBe('unlocked');

    await opened.client.call('authority.assign', { label: '2' });
    const { server } = await opened.client.call('authority.issueServer', {
      names: ['mqtt.example'],
      validityDays: 30,
    });
    expect(server.revoked).toBe(false);
    expect((await authority()).issuingCas.map(({ used }) => used > 0)).toContain(true);
    const actors = [...(await entries('issuing-ca-requested')), ...(await entries('issuing-ca-installed'))];
    expect(actors.map(({ actor, details }) => [actor, details.label])).toEqual([
      [SUPERVISOR.operatorName, '2'],
      [SUPERVISOR.operatorName, '2'],
    ]);
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
  });

  it('is a Matter PAI where it is asked for', async () => {
    const pai = { passphrase: PASSPHRASE, matter: { vendorId: 'FFF1', productId: '8000' } };
    await expect(
      opened.client.call('authority.request', { ...pai, matter: { vendorId: 'FFG1' } }),
    ).rejects.toMatchObject({ code: 'name_value_invalid', details: { meaning: 'matter-id-form' } });
    expect((await authority()).requests).toEqual([]);
    const made = await opened.client.call('authority.request', pai);
    const { issuingCas } = await take('2', sign(made.files[0]?.path ?? ''));
    expect(issuingCas[1]?.certificate.subject).toBe(
      'O=Plant North, CN=Plant North Matter PAI 2, matterVendorId=FFF1, matterProductId=8000',
    );
    await opened.client.call('authority.assign', { label: '2', profileName: 'matter-dac' });
    await unlock();
    const dac = (await opened.client.call('authority.profiles', {})).find(
      ({ name }) => name === 'matter-dac',
    );
    expect([dac?.signedBy.label, dac?.problem]).toEqual(['2', undefined]);
  });

  it('may be requested while another request is on its way, each with its own name', async () => {
    await request();
    await request(PASSPHRASE, 'Plant North Spare CA');
    expect((await authority()).requests.map(({ label, subject }) => [label, subject])).toEqual([
      ['2', 'O=Plant North, CN=Plant North Issuing CA 2'],
      ['3', 'O=Plant North, CN=Plant North Spare CA'],
    ]);
  });
});
