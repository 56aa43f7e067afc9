// What an order asks for beside the usual run, and what the window shows of it: custody, checks after a restart, sealing,
// transcripts that are searched and saved.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withSealTemplate } from '../../../core/link/seal/sealTemplate.ts';
import { openSerialTransport } from '../../../core/link/serial/serialTransport.ts';
import { simulatedFamilies } from '../../../core/simulator/families.ts';
import { type FamilyPort, plugInFamily } from '../../../core/simulator/host/familyPort.ts';
import {
  finish,
  found,
  NEW_STATION,
  type Opened,
  openApplication,
  openFolder,
  PASSPHRASE,
  until,
} from './house.ts';

const resources = join(import.meta.dirname, '..', '..', '..', 'resources');
let folder: ReturnType<typeof openFolder>;
let opened: Opened;

beforeEach(async () => {
  folder = openFolder();
  opened = openApplication(folder.root);
  await found(opened);
});
afterEach(() => finish(opened, folder));

const ORDER = { name: 'WO-1', targetName: 'zephyr-shell', profileName: 'tls-client', quantity: 3 };
const bay = async () => (await opened.client.call('bays.list', {}))[0];
async function start(deviceSerial: string): Promise<string> {
  await until(async () => (await bay())?.port !== undefined);
  const { runId } = await opened.client.call('bays.start', { bayName: 'A1', deviceSerial, replace: false });
  return runId;
}
const ended = () => until(async () => ((await bay())?.state === 'done' ? (await bay())?.run : undefined));

describe('an order that checks again after a restart', () => {
  it('does so where the device restarts by a command, and says so', async () => {
    opened.sockets.plug('1-1.1', 'USB-1');
    const order = await opened.client.call('orders.create', { ...ORDER, checkReboot: true });
    expect(order).toMatchObject({ checkReboot: true, seal: false });
    await start('SN-1');
    expect(await ended()).toMatchObject({ outcome: 'pass', custody: 'station-memory' });
    const { runs } = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    const verify = runs[0]?.phases.find(({ phase }) => phase === 'verify');
    expect(JSON.stringify(verify?.evidence)).toContain('restartedBy');
    const [listed] = await opened.client.call('orders.list', {});
    expect(listed).toMatchObject({ checkReboot: true, progress: { passed: 1 } });
  });

  it('finds out a store that lives in RAM', async () => {
    opened.sockets.plug('1-1.1', 'USB-1', { backend: 'volatile' });
    await opened.client.call('orders.create', { ...ORDER, checkReboot: true });
    await start('SN-1');
    expect(await ended()).toMatchObject({
      outcome: 'fail',
      failure: { code: 'verification_mismatch' },
    });
    const { credentials } = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    expect(credentials[0]?.state).toBe('revoked');
  });

  /** A modem has no command to restart: a hand has to. */
  async function withModem(use: (modem: FamilyPort) => Promise<void>): Promise<void> {
    const family = simulatedFamilies.find(({ targetName }) => targetName === 'nrf91');
    if (family === undefined) throw new Error('no nrf91');
    const modem = await plugInFamily(family.newDevice(1));
    await opened.close();
    const info = { path: modem.path, location: '1-1.1', usbSerialNumber: 'MODEM' };
    const port = {
      ...info,
      manufacturer: undefined,
      product: undefined,
      vendorId: undefined,
      productId: undefined,
    };
    opened = openApplication(folder.root, undefined, {
      listPorts: async () => [port],
      openTransport: openSerialTransport,
    });
    try {
      await opened.client.call('session.signIn', { kind: 'pin', ...NEW_STATION.supervisor });
      await opened.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
      await opened.client.call('orders.create', { ...ORDER, targetName: 'nrf91', checkReboot: true });
      await start('SN-1');
      await until(async () => (await bay())?.run?.awaitsRestart === true);
      await use(modem);
    } finally {
      await modem.unplug();
    }
  }

  it('asks the operator where the device has no such command, and waits for the answer', () =>
    withModem(async (modem) => {
      expect(await bay()).toMatchObject({ state: 'running' });
      modem.device.reboot();
      await opened.client.call('bays.confirmRestart', { bayName: 'A1' });
      const run = await ended();
      expect(run).toMatchObject({ outcome: 'pass', custody: 'on-device' });
      expect(run.awaitsRestart).toBeUndefined();
      // Later it is nobody's question any more.
      await opened.client.call('bays.confirmRestart', { bayName: 'A1' });
    }));

  it('can be stopped while it waits', () =>
    withModem(async () => {
      await opened.client.call('bays.stop', { bayName: 'A1' });
      const run = await ended();
      expect(run).toMatchObject({ outcome: 'aborted' });
      expect(run.awaitsRestart).toBeUndefined();
    }));
});

describe('an order that seals', () => {
  const refused = (more: object) =>
    opened.client.call('orders.create', { ...ORDER, ...more }).then(
      () => 'created',
      (thrown: { code: string }) => thrown.code,
    );

  it('is taken only for a target with a lock, from a supervisor, who repeats its name', async () => {
    expect(await refused({ sealConfirmedFor: 'WO-1' })).toBe('value_invalid');
    const text = withSealTemplate(
      readFileSync(join(resources, 'targets', 'zephyr-shell.json'), 'utf8').replace(
        '"zephyr-shell"',
        '"lockable"',
      ),
      'zephyr',
    );
    const file = Buffer.from(text).toString('base64');
    const { target: checked } = await opened.client.call('targets.check', { file });
    expect(checked?.sealWarning).toContain('locked for good');
    await opened.client.call('targets.import', { file });
    const lockable = { targetName: 'lockable', sealConfirmedFor: 'WO-1' };
    expect(await refused({ ...lockable, sealConfirmedFor: 'WO-2' })).toBe('value_invalid');
    const eve = { operatorName: 'Eve', pin: '2468' };
    await opened.client.call('operators.create', { ...eve, role: 'operator' });
    await opened.client.call('session.signIn', { kind: 'pin', ...eve });
    expect(await refused(lockable)).toBe('role_missing');
    await opened.client.call('session.signIn', { kind: 'pin', ...NEW_STATION.supervisor });
    expect(await refused(lockable)).toBe('created');
    const [order] = await opened.client.call('orders.list', {});
    expect(order).toMatchObject({ seal: true, checkReboot: false });
    const log = await opened.client.call('audit.page', { offset: 0, limit: 50 });
    expect(log.entries.find(({ act }) => act === 'order-created')?.details).toMatchObject({ seal: true });

    opened.sockets.plug('1-1.1', 'USB-1', { build: 'factory-lock' });
    await start('SN-1');
    expect(await ended()).toMatchObject({ outcome: 'pass' });
    const { credentials } = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    expect(credentials[0]?.state).toBe('sealed');
  });
});

describe('a profile that demands a key made on the device', () => {
  it('takes no target that cannot make one', async () => {
    const profiles = join(folder.root, 'profiles');
    mkdirSync(profiles);
    const tlsClient = JSON.parse(
      readFileSync(join(resources, 'profiles', 'tls-client.json'), 'utf8'),
    ) as object;
    const demanding = { ...tlsClient, name: 'demanding', keyCustody: 'on-device' };
    writeFileSync(join(profiles, 'demanding.json'), JSON.stringify(demanding));
    await opened.close();
    opened = openApplication(folder.root, undefined, { profilesFolder: profiles });
    await opened.client.call('session.signIn', { kind: 'pin', ...NEW_STATION.supervisor });
    const order = { ...ORDER, profileName: 'demanding' };
    await expect(opened.client.call('orders.create', order)).rejects.toMatchObject({
      code: 'custody_not_offered',
    });
    expect(await opened.client.call('orders.create', { ...order, targetName: 'nrf91' })).toMatchObject({
      targetName: 'nrf91',
    });
  });
});

describe('a transcript', () => {
  it('is searched line by line and saved whole', async () => {
    opened.sockets.plug('1-1.1', 'USB-1');
    const runId = await start('SN-1');
    await ended();
    const page = { runId, offset: 0, limit: 500 };
    const all = await opened.client.call('inventory.transcript', page);
    const found = await opened.client.call('inventory.transcript', { ...page, search: 'CRED LIST' });
    expect(found.total).toBeGreaterThan(0);
    expect(found.total).toBeLessThan(all.total);
    for (const { text } of found.lines) expect(text.toLowerCase()).toContain('cred list');
    expect(await opened.client.call('inventory.transcript', { ...page, search: 'no such words' })).toEqual({
      total: 0,
      lines: [],
    });
    const file = await opened.client.call('inventory.transcriptFile', { runId });
    expect(file.fileName).toBe(`SN-1-${runId}.log`);
    const text = Buffer.from(file.base64, 'base64').toString('utf8');
    expect(text.trim().split('\n')).toHaveLength(all.total);
    expect(text).not.toMatch(/PRIVATE KEY/);
    for (const unknown of ['run-none', '../../station', '/etc/passwd']) {
      await expect(opened.client.call('inventory.transcriptFile', { runId: unknown })).rejects.toMatchObject({
        code: 'file_invalid',
      });
      expect(await opened.client.call('inventory.transcript', { ...page, runId: unknown })).toMatchObject({
        total: 0,
      });
    }
  });
});
