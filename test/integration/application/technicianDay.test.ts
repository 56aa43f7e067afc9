// A technician's day through the contract, over the real core: from first start to a closed order.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  NEW_STATION,
  type Opened,
  openApplication,
  openFolder,
  PASSPHRASE,
  SUPERVISOR,
  until,
} from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened;

beforeEach(() => {
  folder = openFolder();
  opened = openApplication(folder.root);
});
afterEach(async () => {
  await opened.close();
  folder.remove();
  expect(opened.refusals.filter((line) => line.includes('invalid'))).toEqual([]);
});

const call = (...args: Parameters<Opened['client']['call']>): Promise<unknown> => opened.client.call(...args);

const LAYOUT = [1, 2, 3, 4].map((number) => ({
  bayName: `A${number}`,
  row: 0,
  column: number - 1,
  binding: { kind: 'location' as const, value: `1-1.${number}` },
}));

async function found(): Promise<void> {
  await call('session.createStation', NEW_STATION);
  await opened.client.call('bays.saveLayout', { bays: LAYOUT });
}

const bayNamed = async (bayName: string) =>
  (await opened.client.call('bays.list', {})).find((bay) => bay.bayName === bayName);

const runEnd = (bayName: string) =>
  until(async () => {
    const bay = await bayNamed(bayName);
    return bay?.state === 'done' && bay.run?.outcome !== undefined ? bay.run : undefined;
  });

async function plug(bayName: string, usbSerialNumber: string, options = {}): Promise<void> {
  opened.sockets.plug(`1-1.${bayName.slice(1)}`, usbSerialNumber, options);
  await until(async () => (await bayNamed(bayName))?.port?.usbSerialNumber === usbSerialNumber);
}

const csv = (...serials: string[]): string =>
  Buffer.from(`serial\n${serials.join('\n')}\n`).toString('base64');

describe('first start', () => {
  it('begins without a station and lets nobody do anything but found one', async () => {
    expect(await opened.client.call('session.get', {})).toMatchObject({
      stage: 'no-station',
      practice: false,
      lock: { state: 'missing' },
    });
    await expect(call('bays.list', {})).rejects.toMatchObject({ code: 'signed_out' });
    await expect(call('backup.create', {})).rejects.toMatchObject({ code: 'signed_out' });
  });

  it('makes station, authority and supervisor, and gives a recovery sheet without the passphrase', async () => {
    const sheet = await opened.client.call('session.createStation', NEW_STATION);
    expect(sheet.rootSubject).toContain('Plant North Root CA');
    expect(JSON.stringify(sheet)).not.toContain(PASSPHRASE);
    for (const file of sheet.filesToKeep)
      expect(readFileSync(join(sheet.dataFolder, file)).length).toBeGreaterThan(0);
    expect(await opened.client.call('session.get', {})).toMatchObject({
      stage: 'signed-in',
      operator: { operatorName: SUPERVISOR.operatorName, role: 'supervisor' },
      lock: { state: 'unlocked' },
    });
    await expect(call('session.createStation', NEW_STATION)).rejects.toMatchObject({
      code: 'authority_exists',
    });
  });

  it('refuses a weak passphrase and leaves nothing behind that hinders the next try', async () => {
    const weak = { ...NEW_STATION, authority: { ...NEW_STATION.authority, passphrase: 'short' } };
    await expect(call('session.createStation', weak)).rejects.toMatchObject({ code: 'passphrase_weak' });
    await opened.client.call('session.createStation', NEW_STATION);
  });

  it('takes over an authority that was made elsewhere', async () => {
    await opened.client.call('session.createStation', NEW_STATION);
    const files = join(folder.root, 'data', 'authority');
    const base64 = (name: string): string => readFileSync(join(files, name)).toString('base64');
    const pem = ['root.pem', 'issuing.pem'].map((name) => readFileSync(join(files, name), 'utf8')).join('');
    const second = openFolder();
    const other = openApplication(second.root);
    try {
      const authority = {
        kind: 'import' as const,
        files: [Buffer.from(pem).toString('base64'), base64('issuing.key.pem')],
        filesPassphrase: PASSPHRASE,
        passphrase: 'another passphrase of this station',
      };
      const wrong = { ...NEW_STATION, authority: { ...authority, filesPassphrase: 'not that passphrase' } };
      await expect(other.client.call('session.createStation', wrong)).rejects.toMatchObject({
        code: 'passphrase_wrong',
      });
      const sheet = await other.client.call('session.createStation', { ...NEW_STATION, authority });
      expect(sheet.issuingSha256).toBe((await opened.client.call('session.recoverySheet', {})).issuingSha256);
    } finally {
      await other.close();
      second.remove();
    }
  });
});

describe('the bench', () => {
  it('provisions a device whose serial was scanned and shows how strongly it was checked', async () => {
    await found();
    await plug('A1', 'USB-1');
    const verdicts: unknown[] = [];
    opened.client.on('bay.verdict', (verdict) => verdicts.push(verdict));
    const { runId } = await opened.client.call('bays.start', {
      bayName: 'A1',
      deviceSerial: 'SN-1',
      replace: false,
    });
    const run = await runEnd('A1');
    expect(run).toMatchObject({ runId, deviceSerial: 'SN-1', outcome: 'pass' });
    expect(run.checks?.items.map(({ item }) => item).sort()).toEqual(['ca', 'certificate', 'privateKey']);
    expect(run.checks?.handshake?.protocol).toMatch(/^TLSv1\.[23]$/);
    await until(async () => verdicts.length === 1);
    expect(verdicts).toEqual([{ bayName: 'A1', runId, outcome: 'pass' }]);

    const page = await opened.client.call('inventory.device', { deviceSerial: 'SN-1' });
    expect(page.credentials[0]?.chain.map(({ subject }) => subject)).toEqual([
      expect.stringContaining('SN-1'),
      expect.stringContaining('Issuing CA'),
      expect.stringContaining('Root CA'),
    ]);
    expect(page.runs[0]?.checks?.items).toHaveLength(3);
    const { lines } = await opened.client.call('inventory.transcript', { runId, offset: 0, limit: 500 });
    expect(lines.some(({ direction }) => direction === 'from-device')).toBe(true);
    expect(JSON.stringify(lines)).not.toMatch(/PRIVATE KEY/);
  });

  it('shows a board in an unknown port and never starts it', async () => {
    await found();
    opened.sockets.plug('9-9', 'STRANGER');
    const stranger = await until(async () =>
      (await opened.client.call('bays.ports', {})).find(
        ({ usbSerialNumber }) => usbSerialNumber === 'STRANGER',
      ),
    );
    expect(stranger.bayName).toBeUndefined();
    await expect(
      call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false }),
    ).rejects.toMatchObject({
      code: 'bay_empty',
    });
  });

  it('runs four bays side by side, with one unplugged in the middle, and mixes nothing', async () => {
    await found();
    for (const number of [1, 2, 3, 4]) await plug(`A${number}`, `USB-${number}`, { lineRate: 115_200 });
    for (const number of [1, 2, 3, 4]) {
      await opened.client.call('bays.start', {
        bayName: `A${number}`,
        deviceSerial: `SN-${number}`,
        replace: false,
      });
    }
    await until(async () => (await bayNamed('A3'))?.run?.phases.at(-1)?.phase === 'install');
    opened.sockets.unplug('1-1.3');
    const runs = await Promise.all(['A1', 'A2', 'A3', 'A4'].map(runEnd));
    expect(runs.map(({ outcome, failure }) => failure?.code ?? outcome)).toEqual([
      'pass',
      'pass',
      'device_gone',
      'pass',
    ]);
    expect(runs.map(({ deviceSerial }) => deviceSerial)).toEqual(['SN-1', 'SN-2', 'SN-3', 'SN-4']);
    expect(new Set(runs.map(({ hardwareId }) => hardwareId)).size).toBe(4);
    const { credentials } = await opened.client.call('inventory.device', { deviceSerial: 'SN-3' });
    expect(credentials[0]?.state).toBe('revoked');
  });

  it('goes through ten in a row hands-free, with the order’s serials', async () => {
    await found();
    const serials = Array.from({ length: 10 }, (_, index) => `HF-${index}`);
    const order = await opened.client.call('orders.create', {
      name: 'WO-1',
      targetName: 'zephyr-shell',
      profileName: 'tls-client',
      serialsFile: csv(...serials),
    });
    await opened.client.call('bays.setHandsFree', { bayName: 'A1', enabled: true });
    for (const serial of serials) {
      opened.sockets.plug('1-1.1', `USB-${serial}`);
      await until(async () => {
        const bay = await bayNamed('A1');
        return bay?.run?.deviceSerial === serial && bay.state === 'done';
      });
      opened.sockets.unplug('1-1.1');
      await until(async () => (await bayNamed('A1'))?.port === undefined);
      // A port that is back at once is the same device after a restart.
      await new Promise((resolve) => setTimeout(resolve, 1_600));
    }
    const report = await opened.client.call('orders.report', { orderId: order.orderId });
    expect(report.order.progress).toMatchObject({ passed: 10, remaining: 0, yield: 1, firstPassYield: 1 });
    expect(report.order.closedAtMs).toBeDefined();
  });

  it('keeps the verdict when the same device comes back at once', async () => {
    await found();
    await opened.client.call('bays.setHandsFree', { bayName: 'A1', enabled: true });
    await plug('A1', 'USB-1');
    const { runId } = await runEnd('A1');
    opened.sockets.unplug('1-1.1');
    await until(async () => (await bayNamed('A1'))?.port === undefined);
    await plug('A1', 'USB-1');
    expect(await bayNamed('A1')).toMatchObject({ state: 'done', run: { runId } });
  });

  it('stops one bay and records it as aborted', async () => {
    await found();
    await plug('A1', 'USB-1', { lineRate: 9_600 });
    await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
    await expect(
      call('bays.start', { bayName: 'A1', deviceSerial: 'SN-2', replace: false }),
    ).rejects.toMatchObject({
      code: 'bay_busy',
    });
    await opened.client.call('bays.stop', { bayName: 'A1' });
    expect(await runEnd('A1')).toMatchObject({ outcome: 'aborted', failure: { code: 'interrupted' } });
  });

  it('does not begin a run while the authority is locked, and locks only after the last run', async () => {
    await found();
    await plug('A1', 'USB-1', { lineRate: 57_600 });
    await opened.client.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
    expect(await opened.client.call('authority.lock', {})).toMatchObject({ lock: { state: 'locked' } });
    expect(await runEnd('A1')).toMatchObject({ outcome: 'pass' });
    await expect(call('bays.retry', { bayName: 'A1', replace: true })).rejects.toMatchObject({
      code: 'authority_locked',
    });
    await expect(
      call('authority.unlock', { passphrase: 'not that passphrase', lockAfterMinutes: 60 }),
    ).rejects.toMatchObject({ code: 'passphrase_wrong' });
    await opened.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
    await opened.client.call('bays.retry', { bayName: 'A1', replace: true });
    expect(await runEnd('A1')).toMatchObject({ outcome: 'pass' });
  });
});

describe('orders and figures', () => {
  it('judges a list row by row and creates nothing from a bad one', async () => {
    await found();
    const file = csv('SN-1', 'SN-1', 'sn-1', 'SN 2', 'SN-3');
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
      serialsFile: csv(...serials),
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
