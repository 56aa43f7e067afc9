// Backup and restore of a whole station, through the contract over the real core.

import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/domain/clock.ts';
import { writeArchive } from '../../../core/host/backup/archive.ts';
import { sendBackup } from '../../../renderer/data/backupUpload.ts';
import {
  finish,
  found,
  NEW_STATION,
  type Opened,
  openApplication,
  openFolder,
  PASSPHRASE,
  SUPERVISOR,
  until,
} from './house.ts';

let folder: ReturnType<typeof openFolder>;
let elsewhere: ReturnType<typeof openFolder>;
let opened: Opened;
const others: Opened[] = [];

beforeEach(async () => {
  folder = openFolder();
  elsewhere = openFolder();
  opened = openApplication(folder.root);
  await found(opened);
});
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
  await finish(opened, folder);
  elsewhere.remove();
});

const other = (clock = systemClock): Opened => {
  const made = openApplication(elsewhere.root, undefined, { clock });
  others.push(made);
  return made;
};
async function provision(deviceSerial: string): Promise<string> {
  opened.sockets.plug('1-1.1', `USB-${deviceSerial}`);
  const { runId } = await until(async () => {
    try {
      return await opened.client.call('bays.start', { bayName: 'A1', deviceSerial, replace: false });
    } catch {
      return undefined;
    }
  });
  await until(async () => (await opened.client.call('bays.list', {}))[0]?.run?.outcome === 'pass');
  return runId;
}
const fileOf = (path: string): Blob => new Blob([new Uint8Array(readFileSync(path))]);

describe('a backup', () => {
  it('restores everything on another computer, from its first screen', async () => {
    const runId = await provision('SN-1');
    await opened.client.call('settings.save', {
      ...(await opened.client.call('settings.get', {})),
      language: 'de',
    });
    const backup = await opened.client.call('backup.create', {});
    expect(backup).toMatchObject({ devices: 1, stationName: 'Bench 3', site: 'Plant North' });
    expect(readFileSync(backup.path, 'latin1')).not.toContain('BEGIN PRIVATE KEY');

    // A slow computer: no two looks at its clock fall into the same millisecond.
    let looks = 0;
    const there = other({ nowMs: () => Date.now() + ++looks });
    const sent: number[] = [];
    const taken = await sendBackup(there.client, fileOf(backup.path), (share) => sent.push(share), 30_000);
    expect(sent.length).toBeGreaterThan(3);
    expect(sent.at(-1)).toBe(1);
    expect(taken).toMatchObject({ stationId: backup.stationId, devices: 1, createdAtMs: backup.createdAtMs });
    await there.client.call('session.restoreStation', { backupId: taken.backupId });

    expect(await there.client.call('session.get', {})).toMatchObject({
      stage: 'signed-out',
      station: { stationId: backup.stationId },
    });
    expect((await there.client.call('settings.get', {})).language).toBe('de');
    await there.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
    await there.client.call('authority.unlock', { passphrase: PASSPHRASE, lockAfterMinutes: 60 });
    expect((await there.client.call('bays.list', {}))[0]).toMatchObject({ bayName: 'A1' });
    const page = await there.client.call('inventory.device', { deviceSerial: 'SN-1' });
    expect(page.credentials[0]?.state).toBe('verified');
    const { lines } = await there.client.call('inventory.transcript', { runId, offset: 0, limit: 10 });
    expect(lines.length).toBeGreaterThan(0);
    expect(await there.client.call('audit.verify', {})).toMatchObject({ intact: true });
    // It signs with the same authority.
    const sheets = [opened, there].map(({ client }) => client.call('session.recoverySheet', {}));
    const [here, now] = await Promise.all(sheets);
    expect(now?.issuingSha256).toBe(here?.issuingSha256);
    // And again: a station that was restored can be backed up and restored.
    const second = await there.client.call('backup.create', {});
    await there.client.call('backup.restore', { backupId: second.backupId });
  });

  it('that is damaged, newer, of another kind or of another station is refused in words, and nothing is changed', async () => {
    const backup = await opened.client.call('backup.create', {});
    const bytes = readFileSync(backup.path);
    const there = other();
    const refused = async (content: Uint8Array): Promise<unknown> => {
      const sending = sendBackup(there.client, new Blob([new Uint8Array(content)]), () => {});
      return sending.then(
        () => 'taken',
        (thrown: { code: string }) => thrown.code,
      );
    };
    const changed = Buffer.from(bytes);
    changed[Math.floor(bytes.length / 2)] = (changed[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    expect(await refused(changed)).toBe('backup_damaged');
    expect(await refused(bytes.subarray(0, bytes.length - 512))).toBe('backup_damaged');
    expect(await refused(Buffer.from('a photograph'))).toBe('backup_damaged');
    expect(await refused(Buffer.alloc(0))).toBe('backup_damaged');
    const newer = join(elsewhere.root, 'newer.tar');
    const manifest = { format: 2, whatever: 'comes later' };
    await writeArchive(newer, [
      { name: 'keyline-backup.json', bytes: Buffer.from(JSON.stringify(manifest)) },
    ]);
    expect(await refused(readFileSync(newer))).toBe('backup_newer');
    expect(await there.client.call('session.get', {})).toMatchObject({ stage: 'no-station' });
    expect(readdirSync(join(elsewhere.root, 'data', 'backups'))).toEqual([]);

    // A station keeps out what is another's.
    await there.client.call('session.createStation', { ...NEW_STATION, stationName: 'Bench 4' });
    const taken = await sendBackup(there.client, fileOf(backup.path), () => {});
    await expect(there.client.call('backup.restore', { backupId: taken.backupId })).rejects.toMatchObject({
      code: 'backup_foreign',
      details: { station: 'Bench 3' },
    });
    await expect(
      there.client.call('session.restoreStation', { backupId: taken.backupId }),
    ).rejects.toMatchObject({ code: 'station_exists' });
    expect(await there.client.call('session.get', {})).toMatchObject({ station: { stationName: 'Bench 4' } });
  });

  it('that was spoiled after it was made is noticed before anything is replaced', async () => {
    const backup = await opened.client.call('backup.create', {});
    appendFileSync(backup.path, 'x');
    await expect(opened.client.call('backup.restore', { backupId: backup.backupId })).rejects.toMatchObject({
      code: 'backup_damaged',
    });
    expect(await opened.client.call('session.get', {})).toMatchObject({ stage: 'signed-in' });
    expect(existsSync(join(folder.root, 'data', 'restore'))).toBe(false);
    writeFileSync(backup.path, 'y');
    expect(await opened.client.call('backup.list', {})).toEqual([]);
    for (const backupId of ['../station.json', 'keyline-backup-2026.tar', 'x'])
      await expect(opened.client.call('backup.restore', { backupId })).rejects.toMatchObject({
        code: 'backup_unknown',
      });
  });

  it('is brought by a supervisor only, and in order', async () => {
    const piece = (offset: number) => ({ offset, base64: btoa('abc'), last: false });
    expect(await opened.client.call('backup.receive', piece(0))).toEqual({ sizeBytes: 3 });
    await expect(opened.client.call('backup.receive', piece(7))).rejects.toMatchObject({
      code: 'file_invalid',
    });
    const eve = { operatorName: 'Eve', pin: '2468' };
    await opened.client.call('operators.create', { ...eve, role: 'operator' });
    await opened.client.call('session.signIn', { kind: 'pin', ...eve });
    await expect(opened.client.call('backup.receive', piece(0))).rejects.toMatchObject({
      code: 'role_missing',
    });
    await opened.client.call('session.signOut', {});
    await expect(opened.client.call('backup.receive', piece(0))).rejects.toMatchObject({
      code: 'signed_out',
    });
  });
});
