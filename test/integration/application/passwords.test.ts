// An order whose devices get a username and a password, as the window makes it, runs it and exports it.

import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DEFAULT_PASSWORD_POLICY } from '../../../core/domain/password.ts';
import { openSerialTransport } from '../../../core/link/serial/serialTransport.ts';
import { simulatedFamilies } from '../../../core/simulator/families.ts';
import { type FamilyPort, plugInFamily } from '../../../core/simulator/host/familyPort.ts';
import { finish, found, type Opened, openApplication, openFolder, until } from './house.ts';

let folder: ReturnType<typeof openFolder>;
let board: FamilyPort;
let opened: Opened;

beforeEach(async () => {
  folder = openFolder();
  const family = simulatedFamilies.find(({ targetName }) => targetName === 'mcumgr');
  if (family === undefined) throw new Error('no mcumgr');
  board = await plugInFamily(family.newDevice(1));
  const nothing = { manufacturer: undefined, product: undefined, vendorId: undefined, productId: undefined };
  const port = { path: board.path, location: '1-1.1', usbSerialNumber: 'BOARD', ...nothing };
  opened = openApplication(folder.root, undefined, {
    listPorts: async () => [port],
    openTransport: openSerialTransport,
  });
  await found(opened);
});
afterEach(async () => {
  await finish(opened, folder);
  await board.unplug();
});

const passwordPolicy = DEFAULT_PASSWORD_POLICY;
const ORDER = { name: 'WO-1', targetName: 'mcumgr', profileName: 'tls-client', quantity: 3, passwordPolicy };
const bay = async () => (await opened.client.call('bays.list', {}))[0];

it('gives them in its runs and says what it asks for', async () => {
  const { client } = opened;
  const { targets } = await client.call('catalog.get', {});
  const holding = targets.filter(({ holdsPassword }) => holdsPassword).map(({ name }) => name);
  expect(holding.sort()).toEqual(['esp32-nvs', 'files', 'mcumgr', 'micropython']);
  const order = await client.call('orders.create', ORDER);
  expect(order.passwordPolicy).toEqual(passwordPolicy);

  await until(async () => (await bay())?.port !== undefined);
  await client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
  const run = await until(async () => ((await bay())?.state === 'done' ? (await bay())?.run : undefined));
  expect(run).toMatchObject({ outcome: 'pass' });
  expect(run.checks?.items).toContainEqual({ item: 'password', check: 'device-digest' });
  expect((await client.call('orders.report', { orderId: order.orderId })).order.passwordPolicy).toEqual(
    passwordPolicy,
  );

  const { orderId } = order;
  const written = await client.call('passwords.export', { format: 'mosquitto', orderId });
  expect(readFileSync(written.files[0]?.path ?? '', 'utf8')).toMatch(/^SN-1:\$7\$1000\$[^\n]+\n$/);
  const { credentials, password } = await client.call('inventory.device', { deviceSerial: 'SN-1' });
  expect(password).toBe('device');
  // More than are recorded at once: none may have lost a password when the last is refused.
  const usernames = [...Array.from({ length: 60 }, (_, index) => `LABEL-${index}`), 'sn-1'];
  await expect(client.call('passwords.make', { usernames, ...passwordPolicy })).rejects.toMatchObject({
    code: 'password_taken',
  });
  const all = await client.call('passwords.export', { format: 'mosquitto' });
  expect(readFileSync(all.files[0]?.path ?? '', 'utf8')).toMatch(/^SN-1:[^\n]+\n$/);
  const credentialId = credentials[0]?.credentialId ?? '';
  await client.call('inventory.revoke', { credentialId, reason: 'keyCompromise', note: 'lost' });
  expect((await client.call('inventory.device', { deviceSerial: 'SN-1' })).password).toBeUndefined();
  const after = await client.call('passwords.export', { format: 'mosquitto', orderId });
  expect(readFileSync(after.files[0]?.path ?? '', 'utf8')).toBe('');
});

it('is refused where the target has no place, the password could be guessed, or a batch would leave it out', async () => {
  const { client } = opened;
  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'done',
      (thrown: { code: string }) => thrown.code,
    );
  expect(await codeOf(client.call('orders.create', { ...ORDER, targetName: 'zephyr-shell' }))).toBe(
    'password_not_offered',
  );
  const weak = { alphabet: 'digits', length: 8 } as const;
  expect(await codeOf(client.call('orders.create', { ...ORDER, passwordPolicy: weak }))).toBe(
    'value_invalid',
  );
  expect(await client.call('orders.list', {})).toEqual([]);
  const { orderId } = await client.call('orders.create', ORDER);
  const numbering = { prefix: 'SN-', digits: 4 };
  expect(await codeOf(client.call('batch.start', { orderId, numbering }))).toBe('password_not_offered');
});
