import { describe, expect, it } from 'vitest';
import type { EventPayload } from '../../../core/contract/events.ts';
import { type FakeStation, fakeStation } from '../../../core/contract/fake/fakeStation.ts';
import type { FakeOptions } from '../../../core/contract/fake/world.ts';
import { type Input, METHOD_NAMES, type MethodName } from '../../../core/contract/methods.ts';
import { connectStation, type StationClient } from '../../../core/contract/rpc/client.ts';
import { serveStation } from '../../../core/contract/rpc/host.ts';
import { wirePair } from '../../../core/contract/rpc/wire.ts';

function start(options: Partial<FakeOptions> = {}): {
  client: StationClient;
  station: FakeStation;
  log: string[];
} {
  const station = fakeStation({ speed: 400, inventoryRows: 2_000, ...options });
  const [stationEnd, windowEnd] = wirePair();
  const log: string[] = [];
  serveStation(stationEnd, station.service, (entry) => log.push(`${entry.method}: ${entry.reason}`));
  return { client: connectStation(windowEnd, (reason) => log.push(reason)), station, log };
}

const verdict = (client: StationClient): Promise<EventPayload<'bay.verdict'>> =>
  new Promise((resolve) => {
    const stop = client.on('bay.verdict', (payload) => {
      stop();
      resolve(payload);
    });
  });

const INPUTS: { readonly [M in MethodName]: Input<M> | undefined } = {
  'session.get': {},
  'session.ping': {},
  'inventory.transcriptFile': { runId: 'run-1' },
  'bays.confirmRestart': { bayName: 'A1' },
  'targets.check': { file: btoa('{"name":"x"}') },
  'targets.import': { file: btoa('{"name":"x"}') },
  'targets.try': { targetName: 'nrf91', portPath: '/dev/ttyACM0' },
  'session.restoreStation': { backupId: 'keyline-backup-none.tar' },
  'backup.receive': { offset: 0, base64: btoa('keyline-backup'), last: true },
  'session.createStation': undefined,
  'session.checkAuthority': { files: [btoa('ca')] },
  'session.recoverySheet': {},
  'session.operatorNames': {},
  'session.signIn': { kind: 'pin', operatorName: 'Ada Lind', pin: '1234' },
  'session.signOut': undefined,
  'session.conditions': {},
  'session.dismissCondition': { kind: 'recovered' },
  'practice.enter': {},
  'practice.leave': undefined,
  'operators.list': {},
  'operators.create': { operatorName: 'New One', role: 'operator', pin: '4711' },
  'operators.change': { operatorName: 'New One', badge: 'BADGE-77' },
  'bays.list': {},
  'bays.ports': {},
  'bays.saveLayout': { bays: [{ bayName: 'A1', row: 0, column: 0 }] },
  'bays.start': undefined,
  'bays.retry': undefined,
  'bays.stop': { bayName: 'A1' },
  'bays.stopAll': {},
  'bays.setHandsFree': { bayName: 'A1', enabled: true },
  'catalog.get': {},
  'orders.list': {},
  'orders.checkSerials': { file: btoa('A1\nA1\n') },
  'orders.create': { name: 'New', targetName: 'nrf7002dk', profileName: 'iot-client', quantity: 3 },
  'orders.select': { orderId: 'order-1' },
  'orders.report': undefined,
  'orders.close': undefined,
  'shift.get': { fromMs: 0, toMs: 1 },
  'inventory.query': { filter: { search: '2600' }, sort: 'changed', descending: true, offset: 0, limit: 100 },
  'inventory.device': { deviceSerial: 'KL7-2600003' },
  'inventory.transcript': { runId: 'run-1', offset: 0, limit: 500 },
  'inventory.export': { filter: {}, format: 'csv' },
  'inventory.revoke': { credentialId: 'credential-1', reason: 'superseded', note: 'board replaced' },
  'audit.page': { offset: 0, limit: 50 },
  'audit.verify': {},
  'authority.get': {},
  'authority.keychain': {},
  'authority.keepPassphrase': { passphrase: 'right' },
  'authority.forgetPassphrase': {},
  'authority.unlockByKeychain': { lockAfterMinutes: 480 },
  'authority.unlock': { passphrase: 'right', lockAfterMinutes: 480 },
  'authority.lock': {},
  'authority.export': { what: 'root', format: 'pem' },
  'authority.issueServer': { names: ['mqtt.example'], validityDays: 365 },
  'authority.rollOver': { passphrase: 'right', commonName: 'Plant North Issuing CA 3' },
  'authority.request': { passphrase: 'right' },
  'authority.install': { label: '3', file: btoa('-----BEGIN CERTIFICATE-----'), passphrase: 'right' },
  'authority.import': { files: [btoa('ca')], passphrase: 'right' },
  'authority.assign': { label: '1', profileName: 'idevid' },
  'authority.limit': { label: '1', quota: 70_000 },
  'authority.revokeIssuing': { label: '1', reason: 'keyCompromise', passphrase: 'right' },
  'authority.renewServer': { credentialId: 'credential-5e1' },
  'authority.profiles': {},
  'crl.get': {},
  'crl.renew': { days: 30, rootDays: 400 },
  'crl.install': { file: btoa('-----BEGIN X509 CRL-----') },
  'crl.write': {},
  'issue.manifest': { orderId: 'order-1' },
  'issue.renew': { deviceSerial: 'KL7-2600003', reason: 'keyCompromise' },
  'issue.request': {
    deviceSerial: 'CSR-1',
    request: btoa('-----BEGIN CERTIFICATE REQUEST-----'),
    profileName: 'tls-client',
    targetName: 'nrf7002dk',
  },
  'issue.sshHost': {
    deviceSerial: 'GW-1',
    publicKey: btoa('ssh-ed25519 AAAA'),
    fileName: 'ssh_host_ed25519_key.pub',
    names: ['gw1.example'],
    validityDays: 365,
    hosts: '*',
  },
  'batch.get': { orderId: 'order-1' },
  'batch.start': { orderId: 'order-1', count: 500, numbering: { prefix: 'SN-', digits: 7 } },
  'batch.stop': {},
  'folder.get': { orderId: 'order-1' },
  'folder.start': { orderId: 'order-1', folder: '/media/stick' },
  'folder.stop': {},
  'passwords.make': { usernames: ['KL7-1'], alphabet: 'unambiguous', length: 20 },
  'passwords.revoke': { username: 'KL7-1' },
  'passwords.export': { format: 'mosquitto' },
  'trust.export': { consumer: 'akamai', set: 'devices' },
  'settings.get': {},
  'settings.save': { theme: 'dark', language: 'de', soundEnabled: false, soundVolume: 0 },
  'backup.list': {},
  'backup.create': {},
  'backup.restore': { backupId: 'none' },
};

describe('the fake station', () => {
  it.each(METHOD_NAMES.filter((name) => INPUTS[name] !== undefined))(
    '%s stays inside the contract',
    async (name) => {
      const { client, log } = start();
      const input = INPUTS[name] as never;
      const failure = await client.call(name, input).then(
        () => undefined,
        (error: { code?: string }) => error.code,
      );
      expect([
        'order_unknown',
        'backup_unknown',
        'authority_locked',
        'request_missing',
        'operator_unknown',
        'keychain_refused',
        undefined,
      ]).toContain(failure);
      expect(log).toEqual([]);
    },
  );

  it('creates a station, signs out and in again', async () => {
    const { client, log } = start({ stage: 'no-station' });
    const sheet = await client.call('session.createStation', {
      stationName: 'Bench 1',
      site: 'Lab',
      authority: { kind: 'create', organisation: 'Lab', passphrase: 'four unrelated words' },
      supervisor: { operatorName: 'Eve', pin: '2468' },
      targetName: 'nrf7002dk',
      profileName: 'iot-client',
    });
    expect(JSON.stringify(sheet)).not.toContain('unrelated');
    await client.call('session.signOut', {});
    await expect(
      client.call('session.signIn', { kind: 'pin', operatorName: 'Eve', pin: '0000' }),
    ).rejects.toMatchObject({
      code: 'sign_in_refused',
    });
    const session = await client.call('session.signIn', { kind: 'pin', operatorName: 'Eve', pin: '2468' });
    expect(session).toMatchObject({ stage: 'signed-in', operator: { operatorName: 'Eve' } });
    expect(log).toEqual([]);
  });

  it('runs a device to its verdict and counts it', async () => {
    const { client, log } = start();
    const ended = verdict(client);
    await client.call('bays.start', { bayName: 'A1', deviceSerial: 'KL7-1', replace: true });
    expect(await ended).toMatchObject({ bayName: 'A1', outcome: 'pass' });
    const bays = await client.call('bays.list', {});
    expect(bays[0]).toMatchObject({ state: 'done', run: { outcome: 'pass', deviceSerial: 'KL7-1' } });
    expect((await client.call('inventory.device', { deviceSerial: 'KL7-1' })).runs).toHaveLength(1);
    const orders = await client.call('orders.list', {});
    expect(orders[0]?.progress.passed).toBe(313);
    expect(log).toEqual([]);
  });

  it('fails a run that loses its device, and leaves the other bays alone', async () => {
    const { client, station } = start({ speed: 40 });
    const ended = verdict(client);
    await client.call('bays.start', { bayName: 'A2', deviceSerial: 'KL7-2', replace: true });
    await client.call('bays.start', { bayName: 'A1', deviceSerial: 'KL7-1', replace: true });
    station.bays.unplug('A1');
    expect(await ended).toMatchObject({ bayName: 'A1', outcome: 'fail', failure: { code: 'device_gone' } });
    expect(station.bays.bay('A2').state).toBe('running');
  });

  it('refuses the same device in two bays, a busy bay and a locked authority', async () => {
    const { client, station } = start({ speed: 1 });
    await client.call('bays.start', { bayName: 'A1', deviceSerial: 'KL7-1', replace: false });
    await expect(
      client.call('bays.start', { bayName: 'A2', deviceSerial: 'KL7-1', replace: false }),
    ).rejects.toMatchObject({ code: 'device_busy' });
    await expect(client.call('bays.retry', { bayName: 'A1', replace: false })).rejects.toMatchObject({
      code: 'bay_busy',
    });
    station.lock();
    await expect(
      client.call('bays.start', { bayName: 'A2', deviceSerial: 'KL7-3', replace: false }),
    ).rejects.toMatchObject({ code: 'authority_locked' });
    await client.call('bays.stopAll', {});
    expect(station.bays.bay('A1').run?.outcome).toBe('aborted');
  });

  it('counts a batch, stops it after a block, and goes on with it to its end', async () => {
    const { client, log } = start({ speed: 40 });
    const asked = { name: 'WO-B', targetName: 'nrf7002dk', profileName: 'iot-client', quantity: 900 };
    const { orderId } = await client.call('orders.create', asked);
    const numbering = { prefix: 'SN-', digits: 7 };
    const reached = (state: string): Promise<EventPayload<'batch.changed'>> =>
      new Promise((resolve) => {
        const stop = client.on('batch.changed', (batch) => {
          if (batch.state !== state) return;
          stop();
          resolve(batch);
        });
      });
    const stopped = reached('stopped');
    await client.call('batch.start', { orderId, count: 900, numbering });
    await expect(client.call('batch.start', { orderId })).rejects.toMatchObject({ code: 'batch_busy' });
    await client.call('batch.stop', {});
    const { issuedCount } = await stopped;
    expect(issuedCount).toBeLessThan(900);
    const full = reached('full');
    expect(await client.call('batch.start', { orderId, count: 900 })).toMatchObject({ issuedCount });
    expect(await full).toMatchObject({ issuedCount: 900 });
    expect(await client.call('batch.get', { orderId })).toMatchObject({ batch: { state: 'full' } });
    expect(log).toEqual([]);
  });

  it('pages through 100,000 devices, every row in its place', async () => {
    const { client } = start({ inventoryRows: 100_000 });
    const query = { filter: {}, sort: 'changed', descending: true, limit: 2 } as const;
    const first = await client.call('inventory.query', { ...query, offset: 0 });
    const last = await client.call('inventory.query', { ...query, offset: 99_999 });
    expect(first.total).toBe(100_000);
    expect(first.rows[0]?.deviceSerial).toBe('KL7-2699999');
    expect(last.rows.map((row) => row.deviceSerial)).toEqual(['KL7-2600000']);
    const found = await client.call('inventory.query', {
      ...query,
      filter: { search: '2654321' },
      offset: 0,
    });
    expect(found).toMatchObject({ total: 1, rows: [{ deviceSerial: 'KL7-2654321' }] });
  });
});
