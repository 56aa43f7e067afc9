// Who may do what: sign-in and its waits, roles on every method, practice, a station that cannot be opened, restarts.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METHOD_NAMES, METHODS } from '../../../core/contract/methods.ts';
import { NEW_STATION, type Opened, openApplication, openFolder, SUPERVISOR, until } from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;
let nowMs = Date.now();
const clock = { nowMs: () => nowMs };

beforeEach(() => {
  folder = openFolder();
  nowMs = Date.now();
  opened = openApplication(folder.root, undefined, { clock });
});
afterEach(async () => {
  await opened.close();
  folder.remove();
});

const found = () => opened.client.call('session.createStation', NEW_STATION);
const signIn = (pin: string, operatorName = SUPERVISOR.operatorName) =>
  opened.client.call('session.signIn', { kind: 'pin', operatorName, pin });
const addOperator = () =>
  opened.client.call('operators.create', {
    operatorName: 'Bruno Kask',
    role: 'operator',
    pin: '1234',
    badge: 'BADGE-0001',
  });

/** Every file of the data folder with its size and time: whether anything was written. */
function imprint(root: string): string {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => `${path} ${statSync(path).size} ${statSync(path).mtimeMs}`)
    .join('\n');
}

describe('sign-in', () => {
  it('takes the right PIN, upper and lower case of the name alike, and a badge', async () => {
    await found();
    await addOperator();
    await opened.client.call('session.signOut', {});
    expect(await signIn('1234', 'bruno kask')).toMatchObject({
      operator: { operatorName: 'Bruno Kask', role: 'operator' },
    });
    expect(await opened.client.call('session.signIn', { kind: 'badge', badge: 'BADGE-0001' })).toMatchObject({
      stage: 'signed-in',
    });
    await expect(
      opened.client.call('session.signIn', { kind: 'badge', badge: 'BADGE-0002' }),
    ).rejects.toMatchObject({ code: 'sign_in_refused' });
  });

  it('makes each try wait longer after three wrong PINs, also after a restart, and takes the right one after the wait', async () => {
    await found();
    await opened.client.call('session.signOut', {});
    for (let attempt = 1; attempt <= 3; attempt += 1)
      await expect(signIn('9999')).rejects.toMatchObject({ code: 'sign_in_refused' });
    await expect(signIn(SUPERVISOR.pin)).rejects.toMatchObject({ details: { waitSeconds: 2 } });
    await opened.close();
    opened = openApplication(folder.root, undefined, { clock });
    await expect(signIn(SUPERVISOR.pin)).rejects.toMatchObject({ details: { waitSeconds: 2 } });
    nowMs += 2_001;
    await expect(signIn('9999')).rejects.toMatchObject({ details: { waitSeconds: 4 } });
    nowMs += 4_001;
    expect(await signIn(SUPERVISOR.pin)).toMatchObject({ stage: 'signed-in' });
  });

  it('counts tries that come all at once', async () => {
    await found();
    await opened.client.call('session.signOut', {});
    const tries = await Promise.allSettled(
      ['1', '2', '3', '4', '5', '6'].map((digit) => signIn(digit.repeat(4))),
    );
    expect(tries.every(({ status }) => status === 'rejected')).toBe(true);
    const { entries } = await signInLater();
    expect(entries.filter(({ act }) => act === 'sign-in-refused')).toHaveLength(3);
  });

  const signInLater = async () => {
    nowMs += 120_000;
    await signIn(SUPERVISOR.pin);
    return opened.client.call('audit.page', { offset: 0, limit: 50 });
  };

  it('keeps PINs and badges only as salted hashes', async () => {
    await found();
    await addOperator();
    await opened.close();
    const bytes = readFileSync(join(folder.root, 'data', 'inventory.db')).toString('latin1');
    expect(bytes).not.toContain('BADGE-0001');
    expect(bytes).not.toContain(SUPERVISOR.pin);
    opened = openApplication(folder.root, undefined, { clock });
  });

  it('shuts out who was made inactive, and never the last supervisor', async () => {
    await found();
    await addOperator();
    await opened.client.call('operators.change', { operatorName: 'Bruno Kask', active: false });
    await expect(
      opened.client.call('operators.change', { operatorName: SUPERVISOR.operatorName, role: 'operator' }),
    ).rejects.toMatchObject({ code: 'value_invalid', details: { reason: 'last-supervisor' } });
    await opened.client.call('session.signOut', {});
    await expect(signIn('1234', 'Bruno Kask')).rejects.toMatchObject({ code: 'sign_in_refused' });
  });
});

describe('roles', () => {
  it('lets nobody in who is signed out, and no operator do a supervisor’s work, on every method', async () => {
    await found();
    await addOperator();
    await opened.client.call('session.signOut', {});
    const ask = (method: (typeof METHOD_NAMES)[number]): Promise<unknown> =>
      opened.client.call(method, {} as never).catch((error: { code: string }) => error.code);
    const raw = async (method: string): Promise<string> => {
      const result = await ask(method as never);
      return String(result);
    };
    for (const method of METHOD_NAMES.filter((name) => METHODS[name].access !== 'anyone')) {
      if (METHODS[method].input.safeParse({}).success) expect(await raw(method), method).toBe('signed_out');
    }
    await signIn('1234', 'Bruno Kask');
    for (const method of METHOD_NAMES.filter((name) => METHODS[name].access === 'supervisor')) {
      if (METHODS[method].input.safeParse({}).success) expect(await raw(method), method).toBe('role_missing');
    }
  });
});

describe('practice', () => {
  it('works with simulated devices in a folder that goes, and never touches the real station', async () => {
    await found();
    await opened.client.call('session.signOut', {});
    await opened.close();
    const data = join(folder.root, 'data');
    const before = imprint(data);
    opened = openApplication(folder.root, undefined, { clock: { nowMs: () => Date.now() } });
    const session = await opened.client.call('practice.enter', {});
    expect(session).toMatchObject({ practice: true, stage: 'signed-in', lock: { state: 'unlocked' } });
    await opened.client.call('bays.start', {
      bayName: 'A2',
      deviceSerial: 'PRACTICE-DEVICE',
      replace: false,
    });
    const bay = await until(async () =>
      (await opened.client.call('bays.list', {})).find((one) => one.run?.outcome !== undefined),
    );
    expect(bay.run).toMatchObject({ outcome: 'pass' });
    expect(await opened.client.call('practice.leave', {})).toMatchObject({
      practice: false,
      stage: 'signed-out',
    });
    expect(readdirSync(join(folder.root, 'practice'))).toEqual([]);
    await signIn(SUPERVISOR.pin);
    await expect(
      opened.client.call('inventory.device', { deviceSerial: 'PRACTICE-DEVICE' }),
    ).rejects.toMatchObject({ code: 'device_unknown' });
    await opened.close();
    // Only the lock's and the database's own bookkeeping and the sign-in may differ.
    const names = (text: string): string[] => text.split('\n').map((row) => row.split(' ')[0] ?? '');
    expect(names(imprint(data))).toEqual(names(before));
    opened = openApplication(folder.root, undefined, { clock });
  });

  it('is one call away without any station, and leaves none behind', async () => {
    await opened.client.call('practice.enter', {});
    expect(await opened.client.call('practice.leave', {})).toMatchObject({ stage: 'no-station' });
    expect(existsSync(join(folder.root, 'data', 'station.json'))).toBe(false);
  });
});

describe('a host that comes and goes', () => {
  it('says which other host has the station, and opens it as soon as that one is gone', async () => {
    await found();
    const second = openApplication(folder.root, undefined, { clock });
    await expect(second.client.call('session.get', {})).rejects.toMatchObject({ code: 'station_locked' });
    await opened.close();
    expect(await second.client.call('session.get', {})).toMatchObject({ stage: 'signed-out' });
    await second.close();
    opened = openApplication(folder.root, undefined, { clock });
  });

  it('tells an interface that it replaces a process that died', async () => {
    await found();
    await opened.close();
    opened = openApplication(folder.root, undefined, { clock, restarted: true });
    const told = new Promise((resolve) => opened.client.on('station.restarted', resolve));
    await opened.client.call('session.get', {});
    expect(await told).toEqual({ runsClosed: 0, credentialsDecided: 0 });
  });

  it('adopts a station that the command line founded, for whoever has its passphrase', async () => {
    await opened.close();
    const root = join(import.meta.dirname, '..', '..', '..');
    const made = spawnSync(
      process.execPath,
      [join(root, 'cli', 'main.js'), '--data', join(folder.root, 'data'), 'init', '--site', 'Plant 7'],
      { env: { ...process.env, KEYLINE_PASSPHRASE: 'a passphrase from a terminal' }, encoding: 'utf8' },
    );
    expect(made.status, made.stderr).toBe(0);
    opened = openApplication(folder.root, undefined, { clock });
    expect(await opened.client.call('session.get', {})).toMatchObject({ stage: 'no-station' });
    const adopt = (passphrase: string) =>
      opened.client.call('session.createStation', {
        ...NEW_STATION,
        authority: { kind: 'existing', passphrase },
      });
    await expect(adopt('not that passphrase')).rejects.toMatchObject({ code: 'passphrase_wrong' });
    expect(await adopt('a passphrase from a terminal')).toMatchObject({ site: 'Plant 7' });
  });
});
