// Orders of files through the contract: issued to a folder without a bay, stopped, continued, refused.

import { execFileSync } from 'node:child_process';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FolderWork } from '../../../core/contract/schemas/issuing.ts';
import { hasTool } from '../../support/openssl.ts';
import {
  NEW_STATION,
  type Opened,
  openApplication,
  openFolder,
  PASSPHRASE,
  SUPERVISOR,
  until,
} from './house.ts';

const shipped = join(import.meta.dirname, '..', '..', '..', 'resources', 'targets');
let folder: ReturnType<typeof openFolder>;
let opened: Opened;
let told: FolderWork[];
let out: string;
/** What device serials of this test begin with: the tests share one station. */
let prefix: string;
let tests = 0;

const open = (): void => {
  opened = openApplication(folder.root);
  opened.client.on('folder.changed', (work) => told.push(work));
};
const unlock = () => opened.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
async function openAgain(): Promise<void> {
  await opened.close();
  open();
  await opened.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
}

beforeAll(async () => {
  folder = openFolder();
  told = [];
  open();
  await opened.client.call('session.createStation', NEW_STATION);
});
beforeEach(() => {
  tests += 1;
  prefix = `T${tests}-`;
  told = [];
  out = join(folder.root, `stick-${tests}`);
});
afterEach(() => {
  expect(opened.refusals.filter((line) => line.includes('invalid'))).toEqual([]);
});
afterAll(async () => {
  await opened.close();
  folder.remove();
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const listed = (...serials: readonly string[]) => ({
  serialsFile: base64(serials.map((serial) => prefix + serial).join('\n')),
});
const numbering = () => ({ prefix, digits: 3 });

async function order(
  devices: { readonly quantity: number } | { readonly serialsFile: string },
  targetName = 'files',
): Promise<string> {
  const asked = { name: `${prefix}${targetName}`, targetName, profileName: 'tls-client', ...devices };
  return (await opened.client.call('orders.create', asked)).orderId;
}
const workOf = async (orderId: string) => (await opened.client.call('folder.get', { orderId })).work;
const ended = (orderId: string): Promise<FolderWork> =>
  until(async () => {
    const work = await workOf(orderId);
    return work?.state === 'full' || work?.state === 'stopped' ? work : undefined;
  });
const progress = async (orderId: string) =>
  (await opened.client.call('orders.list', {})).find((one) => one.orderId === orderId)?.progress;

/** Key and certificate belong together, and OpenSSL takes the chain. */
function expectCredential(deviceSerial: string): void {
  const file = (name: string): string => join(out, deviceSerial, name);
  const leaf = new X509Certificate(readFileSync(file('chain.pem')));
  const ofKey = createPublicKey(readFileSync(file('key.pem'))).export({ type: 'spki', format: 'der' });
  expect(leaf.publicKey.export({ type: 'spki', format: 'der' }).equals(ofKey)).toBe(true);
  expect(leaf.subject).toContain(deviceSerial);
  expect(statSync(file('key.pem')).mode & 0o077).toBe(0);
  if (!hasTool('openssl', 'version')) return;
  const trusted = ['-CAfile', file('ca.pem'), '-untrusted', file('chain.pem'), file('chain.pem')];
  expect(execFileSync('openssl', ['verify', ...trusted], { encoding: 'utf8' })).toContain('OK');
}

describe('an order of files', () => {
  it('is issued to a folder, each device in a run of its own, with its check and its handshake', async () => {
    const orderId = await order(listed('A-1', 'B/2', 'C-3'));
    // Such an order waits for no bay: the bench stays free.
    expect(await opened.client.call('session.get', {})).not.toHaveProperty('currentOrder');
    const { proposedFolder, work } = await opened.client.call('folder.get', { orderId });
    expect(work).toBeUndefined();
    expect(proposedFolder.startsWith(folder.root)).toBe(true);
    expect(existsSync(proposedFolder)).toBe(false);
    expect(await opened.client.call('folder.start', { orderId, folder: out })).toMatchObject({
      ...{ state: 'running', passed: 0, quantity: 3, folder: out },
    });
    expect(await ended(orderId)).toMatchObject({ state: 'full', passed: 3, failed: 0 });
    expect(readdirSync(out).sort()).toEqual(['A-1', 'B%2f2', 'C-3'].map((name) => prefix + name));
    for (const name of ['A-1', 'C-3']) expectCredential(prefix + name);
    const passed = told.map((one) => one.passed);
    expect(passed).toEqual([...passed].sort());
    const { credentials, runs } = await opened.client.call('inventory.device', {
      deviceSerial: `${prefix}A-1`,
    });
    expect(credentials).toMatchObject([{ state: 'verified', custody: 'file' }]);
    expect(runs).toHaveLength(1);
    const { entries } = await opened.client.call('audit.page', { offset: 0, limit: 100 });
    expect(entries.find(({ act }) => act === 'order-issued-to-folder')).toMatchObject({
      actor: SUPERVISOR.operatorName,
      details: { order: `${prefix}files`, folder: out },
    });
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
    await expect(opened.client.call('folder.start', { orderId, folder: out })).rejects.toMatchObject({
      code: 'order_complete',
    });
  });

  it('stops after the device in work, and goes on after a restart with the next number', async () => {
    const orderId = await order({ quantity: 6 });
    const stopListening = opened.client.on('folder.changed', ({ passed }) => {
      if (passed < 2) return;
      stopListening();
      void opened.client.call('folder.stop', {});
    });
    await opened.client.call('folder.start', { orderId, folder: out, numbering: numbering() });
    const stopped = await ended(orderId);
    expect(stopped.state).toBe('stopped');
    expect(stopped.failure).toBeUndefined();
    expect(stopped.passed).toBeGreaterThanOrEqual(2);
    expect(stopped.passed).toBeLessThan(6);
    expect(readdirSync(out)).toHaveLength(stopped.passed);
    await openAgain();
    await expect(
      opened.client.call('folder.start', { orderId, folder: out, numbering: numbering() }),
    ).rejects.toMatchObject({ code: 'authority_locked' });
    await unlock();
    await opened.client.call('folder.start', { orderId, folder: out, numbering: numbering() });
    expect(await ended(orderId)).toMatchObject({ state: 'full', passed: 6 });
    expect(readdirSync(out).sort()).toEqual([1, 2, 3, 4, 5, 6].map((number) => `${prefix}00${number}`));
    expect(await progress(orderId)).toMatchObject({ passed: 6, runs: 6, remaining: 0 });
  });

  it('passes over a device whose folder somebody else has filled, and says which', async () => {
    mkdirSync(join(out, `${prefix}A-1`), { recursive: true });
    writeFileSync(join(out, `${prefix}A-1`, 'key.pem'), 'of somebody else');
    const orderId = await order(listed('A-1', 'A-2'));
    await opened.client.call('folder.start', { orderId, folder: out });
    const work = await ended(orderId);
    expect(work).toMatchObject({ state: 'stopped', passed: 1, failed: 1, failedSerial: `${prefix}A-1` });
    expect(work.failure?.code).toBe('slot_taken');
    expect(readFileSync(join(out, `${prefix}A-1`, 'key.pem'), 'latin1')).toBe('of somebody else');
    expectCredential(`${prefix}A-2`);
    expect(await progress(orderId)).toMatchObject({ passed: 1, remaining: 1 });
  });

  it('stops where nothing can be written, and loses nothing', async () => {
    writeFileSync(out, 'a file where the folder should be');
    const orderId = await order(listed('A-1', 'A-2'));
    await opened.client.call('folder.start', { orderId, folder: out });
    const work = await ended(orderId);
    expect(work).toMatchObject({ state: 'stopped', passed: 0 });
    expect(work.failure?.side).toBe('station');
    const { credentials } = await opened.client.call('inventory.device', { deviceSerial: `${prefix}A-1` });
    expect(credentials.map(({ state }) => state)).toEqual(['revoked']);
    expect(readFileSync(out, 'latin1')).toBe('a file where the folder should be');
  });

  it('keeps bays and batches waiting meanwhile, as a batch does', async () => {
    const orderId = await order({ quantity: 50 });
    const other = await order({ quantity: 50 }, 'zephyr-shell');
    await opened.client.call('folder.start', { orderId, folder: out, numbering: numbering() });
    const asked = { orderId: other, numbering: { prefix: `${prefix}B`, digits: 4 } };
    await expect(opened.client.call('batch.start', asked)).rejects.toMatchObject({ code: 'batch_busy' });
    await expect(
      opened.client.call('folder.start', { orderId, folder: out, numbering: numbering() }),
    ).rejects.toMatchObject({
      code: 'batch_busy',
    });
    await opened.client.call('folder.stop', {});
    await ended(orderId);
    await opened.client.call('batch.start', { ...asked, count: 1 });
    await until(
      async () => (await opened.client.call('batch.get', { orderId: other })).batch?.state !== 'running',
    );
  });

  it('locks the authority after the device in work', async () => {
    const orderId = await order({ quantity: 50 });
    await opened.client.call('folder.start', { orderId, folder: out, numbering: numbering() });
    await opened.client.call('authority.lock', {});
    const work = await ended(orderId);
    expect(work.state).toBe('stopped');
    await until(async () => (await opened.client.call('session.get', {})).lock.state === 'locked');
    expect(await progress(orderId)).toMatchObject({ passed: work.passed, runs: work.passed });
    await unlock();
  });

  it('is no order for a bay, and goes to no place that is not said', async () => {
    const files = await order({ quantity: 2 });
    const call = opened.client.call;
    await expect(call('orders.select', { orderId: files })).rejects.toMatchObject({
      ...{ code: 'value_invalid', details: { reason: 'key-on-disk' } },
    });
    const reasonOf = (asked: Parameters<typeof call<'folder.start'>>[1]) =>
      call('folder.start', asked).then(
        () => 'begun',
        (thrown) => `${thrown.code} ${thrown.details.reason ?? thrown.details.field}`,
      );
    expect(await reasonOf({ orderId: files, folder: 'somewhere', numbering: numbering() })).toBe(
      'value_invalid not-absolute',
    );
    expect(await reasonOf({ orderId: files, folder: out })).toBe('value_missing numbering');
    const boards = await order({ quantity: 2 }, 'zephyr-shell');
    expect(await reasonOf({ orderId: boards, folder: out, numbering: numbering() })).toBe(
      'value_invalid not-files',
    );
    const checked = { name: `${prefix}3`, targetName: 'files', profileName: 'tls-client', quantity: 1 };
    await expect(call('orders.create', { ...checked, checkReboot: true })).rejects.toMatchObject({
      ...{ code: 'value_invalid', details: { reason: 'no-device' } },
    });
    expect(existsSync(out)).toBe(false);
    await call('operators.create', { operatorName: 'Ben Roy', role: 'operator', pin: '2222' });
    await call('session.signOut', {});
    await call('session.signIn', { kind: 'pin', operatorName: 'Ben Roy', pin: '2222' });
    await expect(
      call('folder.start', { orderId: files, folder: out, numbering: numbering() }),
    ).rejects.toMatchObject({
      code: 'role_missing',
    });
    await call('session.signIn', { kind: 'pin', ...SUPERVISOR });
  });

  it('gives each device its username and password beside its certificate, where the order asks for that', async () => {
    const target = JSON.parse(readFileSync(join(shipped, 'files.json'), 'utf8')) as Record<string, unknown>;
    const slot = { name: 'files-mqtt', passwordSlot: { username: 'user.txt', password: 'password.txt' } };
    await opened.client.call('targets.import', { file: base64(JSON.stringify({ ...target, ...slot })) });
    const passwordPolicy = { alphabet: 'unambiguous', length: 24 } as const;
    const asked = { name: `${prefix}mqtt`, targetName: 'files-mqtt', profileName: 'tls-client' };
    const { orderId } = await opened.client.call('orders.create', {
      ...{ ...asked, ...listed('A-0', 'A-1', 'A-2'), passwordPolicy },
    });
    // One whose password is on a label is passed over until that is withdrawn.
    const username = `${prefix}A-0`;
    await opened.client.call('passwords.make', { usernames: [username], ...passwordPolicy });
    await opened.client.call('folder.start', { orderId, folder: out });
    const work = await ended(orderId);
    expect(work).toMatchObject({ state: 'stopped', passed: 2, failed: 1, failedSerial: username });
    expect(work.failure?.code).toBe('password_taken');
    await opened.client.call('passwords.revoke', { username });
    await opened.client.call('folder.start', { orderId, folder: out });
    expect(await ended(orderId)).toMatchObject({ state: 'full', passed: 3 });
    const read = (name: string, file: string): string => readFileSync(join(out, prefix + name, file), 'utf8');
    expect(read('A-1', 'password.txt').trim()).toHaveLength(24);
    expect(read('A-1', 'password.txt')).not.toBe(read('A-2', 'password.txt'));
  });

  it('protects PKCS#12 files with the passphrase that was given, and keeps it nowhere', async () => {
    const text = readFileSync(join(shipped, 'files.json'), 'utf8')
      .replace('"files"', '"p12"')
      .replace('["pem"]', '["pem", "pkcs12"]');
    await opened.client.call('targets.import', { file: base64(text) });
    const { targets } = await opened.client.call('catalog.get', {});
    expect(targets.find(({ name }) => name === 'p12')?.fileFormats).toEqual(['pem', 'pkcs12']);
    const orderId = await order(listed('A-1', 'A-2'), 'p12');
    await expect(opened.client.call('folder.start', { orderId, folder: out })).rejects.toMatchObject({
      ...{ code: 'value_missing', details: { field: 'passphrase' } },
    });
    const passphrase = 'only for these files';
    await opened.client.call('folder.start', { orderId, folder: out, passphrase });
    expect(await ended(orderId)).toMatchObject({ state: 'full', passed: 2 });
    const names = hasTool('openssl', 'version') ? ['A-1', 'A-2'].map((serial) => prefix + serial) : [];
    for (const name of names) {
      const asked = ['pkcs12', '-in', join(out, name, 'credential.p12'), '-passin', 'env:P', '-nokeys'];
      const read = execFileSync('openssl', asked, {
        encoding: 'utf8',
        env: { ...process.env, P: passphrase },
      });
      expect(read).toContain(name);
    }
    const found = execFileSync('sh', [
      '-c',
      'grep -rl "only for these files" "$1" || true',
      'sh',
      folder.root,
    ]);
    expect(found.toString()).toBe('');
  });
});
