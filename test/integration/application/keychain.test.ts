// The passphrase in the operating system's keychain: the real application and both real ends of the way to it, over a
// safeStorage that stands in memory.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeSafeStorage } from '../../../electron/fakeSafeStorage.ts';
import { answerKeychain, KeychainClient, type SafeStorage } from '../../../electron/keychain.ts';
import { NEW_STATION, type Opened, openApplication, openFolder, PASSPHRASE, SUPERVISOR } from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;
const file = (): string => join(folder.root, 'data', 'keychain.json');

function keychainOver(storage: SafeStorage, platform: NodeJS.Platform = 'linux'): KeychainClient {
  // Through JSON, as between two processes.
  const client: KeychainClient = new KeychainClient((question) => {
    const answer = answerKeychain(storage, platform, JSON.parse(JSON.stringify(question)));
    queueMicrotask(() => client.take(JSON.parse(JSON.stringify(answer))));
  });
  return client;
}

async function open(storage: SafeStorage | undefined, platform?: NodeJS.Platform): Promise<void> {
  opened = openApplication(
    folder.root,
    undefined,
    storage === undefined ? {} : { keychain: keychainOver(storage, platform) },
  );
}
const reopen = async (storage: SafeStorage | undefined): Promise<void> => {
  await opened.close();
  await open(storage);
  await signIn();
};
const signIn = () => opened.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
const found = () => opened.client.call('session.createStation', NEW_STATION);
const keep = (passphrase = PASSPHRASE) => opened.client.call('authority.keepPassphrase', { passphrase });
const unlock = () => opened.client.call('authority.unlockByKeychain', { lockAfterMinutes: 480 });
const refused = (reason: string) => ({ code: 'keychain_refused', details: { reason } });

beforeEach(() => {
  folder = openFolder();
});
afterEach(async () => {
  await opened.close();
  folder.remove();
});

describe('the passphrase in the keychain', () => {
  it('opens the authority after a restart, for a supervisor who signed in, until it is forgotten', async () => {
    const storage = fakeSafeStorage();
    await open(storage);
    await found();
    await expect(keep('not that passphrase')).rejects.toMatchObject({ code: 'passphrase_wrong' });
    expect(existsSync(file())).toBe(false);
    // A wrong try leaves what is unlocked unlocked.
    expect((await opened.client.call('session.get', {})).lock.state).toBe('unlocked');
    expect(await keep()).toEqual({ kept: true });
    expect(readFileSync(file(), 'utf8')).not.toContain(PASSPHRASE);

    await opened.close();
    await open(storage);
    await expect(unlock()).rejects.toMatchObject({ code: 'signed_out' });
    await signIn();
    expect((await opened.client.call('session.get', {})).lock.state).toBe('locked');
    expect(await unlock()).toMatchObject({ lock: { state: 'unlocked' } });
    expect(await opened.client.call('authority.lock', {})).toMatchObject({ lock: { state: 'locked' } });

    expect(await opened.client.call('authority.forgetPassphrase', {})).toEqual({ kept: false });
    expect(existsSync(file())).toBe(false);
    await expect(unlock()).rejects.toMatchObject(refused('nothing-kept'));
    const { entries } = await opened.client.call('audit.page', { offset: 0, limit: 50 });
    expect(entries.map(({ act }) => act)).toEqual(
      expect.arrayContaining(['passphrase-kept', 'passphrase-forgotten']),
    );
  });

  it('locks again when nothing was signed for long', async () => {
    let nowMs = Date.now();
    const more = { clock: { nowMs: () => nowMs }, lockCheckMs: 20 };
    const keychain = keychainOver(fakeSafeStorage());
    opened = openApplication(folder.root, undefined, { ...more, keychain });
    await found();
    await keep();
    await opened.client.call('authority.lock', {});
    await unlock();
    const locked = new Promise<void>((resolve) =>
      opened.client.on('session.changed', ({ lock }) => {
        if (lock.state === 'locked') resolve();
      }),
    );
    nowMs += 3 * 3_600_000;
    await locked;
  });

  it('is of no use to another account, another station, or damaged', async () => {
    const storage = fakeSafeStorage();
    await open(storage);
    await found();
    await keep();
    await reopen(fakeSafeStorage());
    await expect(unlock()).rejects.toMatchObject(refused('sealed-elsewhere'));
    await reopen(storage);
    const kept = JSON.parse(readFileSync(file(), 'utf8'));
    const other = storage.encryptString('the words of another authority').toString('base64');
    writeFileSync(file(), JSON.stringify({ ...kept, sealed: other }));
    await expect(unlock()).rejects.toMatchObject(refused('other-passphrase'));
    writeFileSync(file(), JSON.stringify({ ...kept, stationId: 'station-0000000000000000' }));
    await expect(unlock()).rejects.toMatchObject(refused('nothing-kept'));
    writeFileSync(file(), '{');
    expect(await opened.client.call('authority.keychain', {})).toEqual({ kept: false });
  });

  it.each([
    ['basic-text', fakeSafeStorage('basic_text')],
    ['keychain-unavailable', fakeSafeStorage('unknown')],
    ['keychain-unavailable', fakeSafeStorage('gnome_libsecret', false)],
    ['no-keychain', undefined],
  ] as const)('is refused for %s', async (reason, storage) => {
    await open(storage);
    await found();
    expect(await opened.client.call('authority.keychain', {})).toEqual({ kept: false, trouble: reason });
    await expect(keep()).rejects.toMatchObject(refused(reason));
    expect(existsSync(file())).toBe(false);
  });

  it('is not asked which backend it has outside Linux, and never used in practice', async () => {
    const { getSelectedStorageBackend: _, ...storage } = fakeSafeStorage();
    await open(storage, 'win32');
    await opened.client.call('practice.enter', {});
    expect(await opened.client.call('authority.keychain', {})).toEqual({
      kept: false,
      trouble: 'practice-keychain',
    });
    await opened.client.call('practice.leave', {});
    await found();
    expect(await opened.client.call('authority.keychain', {})).toEqual({ kept: false });
  });
});
