// A technician's day through the contract, over the real core: from first start to a closed order.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { benchOf, serialsFile } from './bench.ts';
import {
  finish,
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
afterEach(() => finish(opened, folder));

const call = (...args: Parameters<Opened['client']['call']>): Promise<unknown> => opened.client.call(...args);

const { found, bayNamed, runEnd, plug } = benchOf(() => opened);

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
      serialsFile: serialsFile(...serials),
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
