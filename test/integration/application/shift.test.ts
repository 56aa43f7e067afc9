// What a shift leaves behind, through the contract, over the real core: orders, figures, records, backups.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { benchOf, serialsFile } from './bench.ts';
import { finish, type Opened, openApplication, openFolder, SUPERVISOR, until } from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;

beforeEach(() => {
  folder = openFolder();
  opened = openApplication(folder.root);
});
afterEach(() => finish(opened, folder));

const call = (...args: Parameters<Opened['client']['call']>): Promise<unknown> => opened.client.call(...args);

const { found, bayNamed, runEnd, plug } = benchOf(() => opened);

describe('orders and figures', () => {
  it('judges a list row by row and creates nothing from a bad one', async () => {
    await found();
    const file = serialsFile('SN-1', 'SN-1', 'sn-1', 'SN 2', 'SN-3');
    const check = await opened.client.call('orders.checkSerials', { file });
    expect(check.problems.map(({ row, problem }) => [row, problem])).toEqual([
      [3, 'duplicate'],
      [4, 'case-conflict'],
      [5, 'alphabet'],
    ]);
    const order = { name: 'WO-1', targetName: 'zephyr-shell', profileName: 'tls-client' };
    await expect(call('orders.create', { ...order, serialsFile: file })).rejects.toMatchObject({
      code: 'file_invalid',
    });
    expect(await opened.client.call('orders.list', {})).toEqual([]);
    await opened.client.call('orders.create', { ...order, quantity: 2 });
    await expect(call('orders.create', { ...order, quantity: 2 })).rejects.toMatchObject({
      code: 'order_exists',
    });
  });

  it('takes a list of 50,000 serials', async () => {
    await found();
    const serials = Array.from({ length: 50_000 }, (_, index) => `BIG-${index}`);
    const order = await opened.client.call('orders.create', {
      name: 'WO-BIG',
      targetName: 'zephyr-shell',
      profileName: 'tls-client',
      serialsFile: serialsFile(...serials),
    });
    expect(order).toMatchObject({ quantity: 50_000, listedSerials: 50_000, current: true });
  });

  it('counts a shift', async () => {
    await found();
    const fromMs = Date.now() - 60_000;
    await plug('A1', 'USB-1');
    await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
    await runEnd('A1');
    const shift = await opened.client.call('shift.get', { fromMs, toMs: fromMs + 28_800_000 });
    expect(shift).toMatchObject({ runs: 1, passed: 1, yield: 1, firstPassYield: 1 });
    expect(shift.bays).toEqual([{ bayName: 'A1', runs: 1, failed: 0 }]);
    expect(shift.phases.map(({ phase }) => phase)).toContain('install');
    expect(shift.buckets.reduce((sum, { passed }) => sum + passed, 0)).toBe(1);
  });
});

describe('records', () => {
  it('lists, searches, revokes, exports and audits', async () => {
    await found();
    await plug('A1', 'USB-1');
    await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
    await runEnd('A1');
    const query = { sort: 'changed', descending: true, offset: 0, limit: 50 } as const;
    const page = await opened.client.call('inventory.query', { filter: { search: 'n-1' }, ...query });
    expect(page).toMatchObject({ total: 1, rows: [{ deviceSerial: 'SN-1', state: 'verified', runs: 1 }] });
    const certificateSerial = page.rows[0]?.certificateSerial ?? '';
    const bySerial = { filter: { search: certificateSerial.slice(0, 8) }, ...query };
    expect((await opened.client.call('inventory.query', bySerial)).total).toBe(1);
    const voided = { filter: { states: ['voided' as const] }, ...query };
    expect((await opened.client.call('inventory.query', voided)).total).toBe(0);

    const { credentials } = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    const credentialId = credentials[0]?.credentialId ?? '';
    await opened.client.call('inventory.revoke', { credentialId, reason: 'keyCompromise', note: 'lost' });
    await expect(
      call('inventory.revoke', { credentialId, reason: 'keyCompromise', note: 'again' }),
    ).rejects.toMatchObject({ code: 'credential_not_live' });

    const written = await opened.client.call('inventory.export', { filter: {}, format: 'csv' });
    expect(readFileSync(written.path, 'utf8')).toContain('SN-1');
    expect(written.rows).toBe(1);

    const audit = await opened.client.call('audit.page', { offset: 0, limit: 100 });
    expect(audit.acts).toEqual(
      expect.arrayContaining([
        'operator-created',
        'credential-revoked',
        'inventory-exported',
        'bays-changed',
      ]),
    );
    expect(audit.entries.find(({ act }) => act === 'credential-revoked')?.actor).toBe(
      SUPERVISOR.operatorName,
    );
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
  });

  it('shows the authority, signs a server certificate, and writes no open key', async () => {
    await found();
    const { server, files } = await opened.client.call('authority.issueServer', {
      names: ['mqtt.plant.example', '10.20.0.5'],
      validityDays: 90,
    });
    expect(server.names).toEqual(['mqtt.plant.example', '10.20.0.5']);
    const key = files.find(({ path }) => path.endsWith('server.key.pem'));
    expect(readFileSync(key?.path ?? '', 'utf8')).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    await expect(
      call('authority.issueServer', { names: ['localhost'], validityDays: 90 }),
    ).rejects.toMatchObject({
      code: 'value_invalid',
    });
    const view = await opened.client.call('authority.get', {});
    expect(view.root.keyUsage).toEqual(['keyCertSign', 'cRLSign']);
    expect(view.serverCertificates.map(({ serverName }) => serverName)).toEqual([
      'mqtt.plant.example',
      'localhost',
    ]);
  });

  it('backs up and restores; what was replaced is kept', async () => {
    await found();
    await plug('A1', 'USB-1');
    await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
    await runEnd('A1');
    const backup = await opened.client.call('backup.create', {});
    expect(backup.devices).toBe(1);
    await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: true });
    await until(async () => (await bayNamed('A1'))?.state === 'done');
    await opened.client.call('backup.restore', { backupId: backup.backupId });
    expect(await opened.client.call('session.get', {})).toMatchObject({
      stage: 'signed-out',
      lock: { state: 'locked' },
    });
    await opened.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
    const { runs } = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    expect(runs).toHaveLength(1);
    expect(readdirSync(join(folder.root, 'data')).some((name) => name.startsWith('replaced-'))).toBe(true);
    expect(await opened.client.call('audit.verify', {})).toMatchObject({ intact: true });
  });
});
