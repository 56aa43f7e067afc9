// The kinds of devices through the contract: what each promises, a file for another one, and who answers on a port.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finish, NEW_STATION, type Opened, openApplication, openFolder, SUPERVISOR, until } from './house.ts';

const shipped = join(import.meta.dirname, '..', '..', '..', 'resources', 'targets');
let folder: ReturnType<typeof openFolder>;
let opened: Opened;

beforeEach(async () => {
  folder = openFolder();
  opened = openApplication(folder.root);
  await opened.client.call('session.createStation', NEW_STATION);
});
afterEach(() => finish(opened, folder));

const file = (text: string): string => Buffer.from(text).toString('base64');
const template = (): string =>
  readFileSync(join(shipped, 'zephyr-shell.json'), 'utf8').replace('"zephyr-shell"', '"our-board"');
const named = async (name: string) =>
  (await opened.client.call('catalog.get', {})).targets.find((target) => target.name === name);

describe('the catalogue', () => {
  it('says of every target where its key is made and how strongly it is checked', async () => {
    const { targets } = await opened.client.call('catalog.get', {});
    expect(targets.length).toBeGreaterThanOrEqual(15);
    expect(await named('nrf91')).toMatchObject({
      custody: ['on-device', 'station-memory'],
      certificates: 'device-digest',
      key: 'proof-of-possession',
      own: false,
    });
    expect(await named('files')).toMatchObject({ custody: ['file'] });
    expect(await named('simcom-a76')).toMatchObject({ certificates: 'impossible' });
  });
});

describe('a target file', () => {
  it('is checked, kept as the station’s own, used, and still there after a restart', async () => {
    const text = template();
    const check = await opened.client.call('targets.check', { file: file(`\uFEFF${text}`) });
    expect(check).toMatchObject({ target: { name: 'our-board', own: true }, mistakes: [] });
    expect(await named('our-board')).toBeUndefined();
    await opened.client.call('targets.import', { file: file(text) });
    expect(await named('our-board')).toMatchObject({ own: true });
    const order = { name: 'WO-1', targetName: 'our-board', profileName: 'tls-client', quantity: 1 };
    expect(await opened.client.call('orders.create', order)).toMatchObject({ targetName: 'our-board' });
    await opened.close();
    opened = openApplication(folder.root);
    await opened.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
    expect(await named('our-board')).toMatchObject({ own: true });
    const acts = (await opened.client.call('audit.page', { offset: 0, limit: 100 })).entries;
    expect(acts.find(({ act }) => act === 'target-imported')).toMatchObject({
      actor: SUPERVISOR.operatorName,
      details: { name: 'our-board' },
    });
  });

  it('tells every mistake with its line and is not kept', async () => {
    const wrong = template()
      .replace(/"version": \d+/, '"version": "two"')
      .replace(/"options": \{/, '"options": { "noSuchOption": 1,');
    const { mistakes, target } = await opened.client.call('targets.check', { file: file(wrong) });
    expect(target).toBeUndefined();
    const line = wrong.split('\n').findIndex((row) => row.includes('"two"')) + 1;
    expect(mistakes[0]).toMatchObject({ line, field: 'version' });
    for (const text of ['', '{', '[]', 'null', '"x"', '{"name":"../../etc/passwd"}', '\xff\xfe{}']) {
      const answer = await opened.client.call('targets.check', { file: file(text) });
      expect(answer.mistakes.length, text).toBeGreaterThan(0);
      await expect(opened.client.call('targets.import', { file: file(text) })).rejects.toMatchObject({
        code: 'target_invalid',
      });
    }
  });

  it('that was spoiled on the disk keeps nobody from working', async () => {
    await opened.client.call('targets.import', { file: file(template()) });
    writeFileSync(join(folder.root, 'data', 'targets', 'our-board.json'), '{ half');
    await opened.close();
    opened = openApplication(folder.root);
    expect(await opened.client.call('session.get', {})).toMatchObject({ stage: 'signed-out' });
    expect(await named('our-board')).toBeUndefined();
    expect(await named('zephyr-shell')).toMatchObject({ own: false });
  });

  it('is a supervisor’s to bring', async () => {
    const eve = { operatorName: 'Eve', pin: '2468' };
    await opened.client.call('operators.create', { ...eve, role: 'operator' });
    await opened.client.call('session.signIn', { kind: 'pin', ...eve });
    for (const method of ['targets.check', 'targets.import'] as const)
      await expect(opened.client.call(method, { file: file(template()) })).rejects.toMatchObject({
        code: 'role_missing',
      });
  });
});

describe('a port that is tried', () => {
  const attempt = (portPath: string, targetName = 'zephyr-shell') =>
    opened.client.call('targets.try', { targetName, portPath });

  it('says who is there and what it can do, and nothing is written to it', async () => {
    opened.sockets.plug('9-9', 'STRANGER');
    const answer = await attempt('/dev/9-9');
    expect(answer).toMatchObject({ custody: ['station-memory'], occupied: [] });
    expect(answer.hardwareId).toEqual(expect.any(String));
    expect(Object.keys(answer.capabilities).length).toBeGreaterThan(0);
    expect(await attempt('/dev/9-9')).toMatchObject({ hardwareId: answer.hardwareId, occupied: [] });
    const { total } = await opened.client.call('inventory.query', {
      ...{ filter: {}, sort: 'changed', descending: true, offset: 0, limit: 10 },
    });
    expect(total).toBe(0);
  });

  it('that is not listed, has no device behind it or is at work says so', async () => {
    await expect(attempt('/etc/passwd')).rejects.toMatchObject({ code: 'port_missing' });
    await expect(attempt('/dev/9-9')).rejects.toMatchObject({ code: 'port_missing' });
    opened.sockets.plug('1-1.1', 'USB-1', { lineRate: 9_600 });
    await expect(attempt('/dev/1-1.1', 'no-such-target')).rejects.toMatchObject({ code: 'target_unknown' });
    await expect(attempt('/dev/1-1.1', 'files')).rejects.toMatchObject({ code: 'target_invalid' });
    const binding = { kind: 'location' as const, value: '1-1.1' };
    await opened.client.call('bays.saveLayout', { bays: [{ bayName: 'A1', row: 0, column: 0, binding }] });
    await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
    await expect(attempt('/dev/1-1.1')).rejects.toMatchObject({ code: 'port_busy' });
    await opened.client.call('bays.stopAll', {});
    await until(async () => (await opened.client.call('bays.list', {}))[0]?.state === 'done');
  });
});
