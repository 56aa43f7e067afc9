// What the window's station is given that it should not be: each time one clear refusal, nothing lost, nothing half-done, and work
// goes on once the trouble is over. Disk and file system are real ones.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MESSAGE_MAX_LENGTH } from '../../../core/contract/limits.ts';
import { connectStation } from '../../../core/contract/rpc/client.ts';
import { serveStation } from '../../../core/contract/rpc/host.ts';
import { wirePair } from '../../../core/contract/rpc/wire.ts';
import {
  NEW_STATION,
  type Opened,
  openApplication,
  openFolder,
  Sockets,
  SUPERVISOR,
  until,
} from './house.ts';

let folder: ReturnType<typeof openFolder>;
let opened: Opened | undefined;

const open = (root = folder.root, sockets = new Sockets()): Opened => {
  opened = openApplication(root, sockets);
  return opened;
};
const close = async (): Promise<void> => {
  await opened?.close();
  opened = undefined;
};
beforeEach(() => {
  folder = openFolder();
});
afterEach(async () => {
  await close();
  folder.remove();
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (thrown: { code: string }) => thrown.code,
  );
const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes as string).toString('base64');

describe('a list of serials', () => {
  const check = (bytes: string | Uint8Array) =>
    (opened ?? open()).client.call('orders.checkSerials', { file: base64(bytes) });
  beforeEach(async () => {
    await open().client.call('session.createStation', NEW_STATION);
  });

  it('of 50,000 rows with duplicates is judged row by row, and nothing of it is taken', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => `S-${index % 49_000}`);
    const found = await check(`serial\n${rows.join('\n')}\n`);
    expect(found).toMatchObject({ rows: 50_000, accepted: 49_000, problemCount: 1_000 });
    expect(found.problems).toHaveLength(200);
    expect(found.problems[0]).toMatchObject({ row: 49_002, value: 'S-0', problem: 'duplicate', otherRow: 2 });
    const order = { name: 'WO-1', targetName: 'zephyr-shell', profileName: 'tls-client' };
    const serialsFile = base64(rows.join('\n'));
    expect(
      await codeOf(opened?.client.call('orders.create', { ...order, serialsFile }) ?? Promise.resolve()),
    ).toBe('file_invalid');
    expect(await opened?.client.call('orders.list', {})).toEqual([]);
  });

  it('in another encoding is read where it says which, and refused where it does not', async () => {
    const utf16 = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('serial\r\nS-1\r\nS-2\r\n', 'utf16le'),
    ]);
    expect(await check(utf16)).toMatchObject({ accepted: 2, problemCount: 0 });
    expect(await check(`\uFEFFserial\nS-1\n`)).toMatchObject({ accepted: 1, problemCount: 0 });
    for (const bytes of [
      Buffer.from('Gerät-1\n', 'latin1'),
      Buffer.from('S-1\nS-2\n', 'utf16le'),
      Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0xff, 0x00]),
    ]) {
      expect(await codeOf(check(bytes))).toBe('file_invalid');
    }
  });

  it('that is larger than the contract carries is refused before it is sent', async () => {
    expect(await codeOf(check(Buffer.alloc(7_000_000, 'x')))).toBe('value_invalid');
  });
});

describe('a message', () => {
  /** As a page that is not ours would write it: straight onto the wire. */
  async function answersTo(...messages: readonly unknown[]): Promise<readonly string[]> {
    const { application } = open();
    const [near, far] = wirePair();
    const logged: string[] = [];
    const end = serveStation(far, application, ({ kind, reason }) => logged.push(`${kind} ${reason}`));
    const answers: string[] = [];
    near.onMessage((data) => answers.push(String(data)));
    for (const message of messages) (near.send as (text: unknown) => void)(message);
    // What comes after is answered as ever.
    const client = connectStation(near, () => {});
    expect(await client.call('session.ping', {})).toEqual({});
    end();
    expect(logged.length).toBe(messages.length);
    return logged;
  }

  it('that is malformed is refused, logged without its content, and hinders nobody', async () => {
    const version = 1;
    const secret = 'hunter2';
    const logged = await answersTo(
      undefined,
      { version, kind: 'call', id: 1001, method: 'session.get', input: {} },
      'not JSON',
      '[]',
      'null',
      JSON.stringify({ version: 99, kind: 'call', id: 1001, method: 'session.get', input: {} }),
      JSON.stringify({ version, kind: 'call', id: -1, method: 'session.get', input: {} }),
      JSON.stringify({ version, kind: 'call', id: 1002, method: 'session.get', input: {}, extra: secret }),
      JSON.stringify({ version, kind: 'call', id: 1003, method: '__proto__', input: {} }),
      JSON.stringify({
        version,
        kind: 'call',
        id: 1004,
        method: 'session.get',
        input: { passphrase: secret },
      }),
      JSON.stringify({ version, kind: 'subscribe', events: ['bay.changed', secret] }),
    );
    expect(logged.join('\n')).not.toContain(secret);
  });

  it('that is too large is refused unread', async () => {
    expect(await answersTo(`"${'x'.repeat(MESSAGE_MAX_LENGTH)}"`)).toEqual(['refused too-large']);
  });
});

describe('a database', () => {
  beforeEach(async () => {
    await open().client.call('session.createStation', NEW_STATION);
    await close();
  });
  const path = (): string => join(folder.root, 'data', 'inventory.db');
  const change = (sql: string): void => {
    const database = new DatabaseSync(path());
    database.exec(sql);
    database.close();
  };

  it('from a newer version is refused in words and left as it is; the older app does not lose it', async () => {
    change('PRAGMA user_version = 9990');
    const before = readFileSync(path());
    const { client } = open();
    await expect(client.call('session.get', {})).rejects.toMatchObject({
      code: 'inventory_newer',
      details: { found: 9990 },
    });
    // Nobody can found another station over it, and signing in is not possible either.
    expect(await codeOf(client.call('session.createStation', NEW_STATION))).toBe('inventory_newer');
    expect(await codeOf(client.call('session.signIn', { kind: 'pin', ...SUPERVISOR }))).toBe(
      'inventory_newer',
    );
    expect(await codeOf(client.call('session.restoreStation', { backupId: 'x' }))).toBe('station_exists');
    await close();
    expect(readFileSync(path()).equals(before)).toBe(true);
  });

  it('that is damaged is refused, and the app works again when it was put back', async () => {
    const whole = readFileSync(path());
    writeFileSync(path(), 'a photograph');
    const { client } = open();
    expect(await codeOf(client.call('session.get', {}))).toBe('inventory_invalid');
    writeFileSync(path(), whole);
    expect(await client.call('session.get', {})).toMatchObject({ stage: 'signed-out' });
  });
});

describe('a second instance', () => {
  it('is told who has the station, and gets it when the first one is closed', async () => {
    const first = open();
    await first.client.call('session.createStation', NEW_STATION);
    const second = openApplication(folder.root);
    try {
      await expect(second.client.call('session.get', {})).rejects.toMatchObject({
        code: 'station_locked',
        details: { pid: process.pid },
      });
      expect(await codeOf(second.client.call('session.createStation', NEW_STATION))).toBe('station_locked');
      expect(await first.client.call('session.get', {})).toMatchObject({ stage: 'signed-in' });
      await close();
      expect(await second.client.call('session.get', {})).toMatchObject({ stage: 'signed-out' });
    } finally {
      await second.close();
    }
  });
});

/** A file system of its own in the folder; undefined where this account may not mount one. */
function ownDisk(
  name: string,
  sizeMegabytes: number,
): { readonly root: string; readonly mount: (...options: string[]) => void; end(): void } | undefined {
  const root = join(folder.root, name);
  mkdirSync(root);
  const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
  if (!run('mount', '-t', 'tmpfs', '-o', `size=${sizeMegabytes}m`, 'tmpfs', root)) return undefined;
  return {
    root,
    mount: (...options) => {
      if (!run('mount', '-o', `remount,${options.join(',')}`, root)) throw new Error('remount');
    },
    end: () => void run('umount', '-l', root),
  };
}

describe.skipIf(process.platform !== 'linux')('the disk', () => {
  const conditions = async (): Promise<readonly string[]> =>
    ((await opened?.client.call('session.conditions', {})) ?? []).map(({ kind }) => kind);

  it('that is read-only is named at the first start, and nothing is half-made', async ({ skip }) => {
    const disk = ownDisk('readonly', 8);
    if (disk === undefined) return skip('may not mount');
    try {
      disk.mount('ro');
      const { client } = open(disk.root);
      expect(await client.call('session.get', {})).toMatchObject({ stage: 'no-station' });
      expect(await codeOf(client.call('session.createStation', NEW_STATION))).toBe('storage_read_only');
      expect(
        await codeOf(client.call('backup.receive', { offset: 0, base64: btoa('abc'), last: true })),
      ).toBe('storage_read_only');
      disk.mount('rw');
      expect(readdirSync(disk.root)).toEqual([]);
      await client.call('session.createStation', NEW_STATION);
      await close();
      // And of a station that stands already.
      disk.mount('ro');
      const again = open(disk.root);
      expect(await codeOf(again.client.call('session.get', {}))).toBe('storage_read_only');
      disk.mount('rw');
      expect(await again.client.call('session.get', {})).toMatchObject({ stage: 'signed-out' });
    } finally {
      await close();
      disk.end();
    }
  });

  it('that is full is said so on every screen, lets no run begin, and loses nothing', async ({ skip }) => {
    const disk = ownDisk('small', 12);
    if (disk === undefined) return skip('may not mount');
    const sockets = new Sockets();
    try {
      const { client } = open(disk.root, sockets);
      await client.call('session.createStation', NEW_STATION);
      const binding = { kind: 'location' as const, value: '1-1.1' };
      await client.call('bays.saveLayout', { bays: [{ bayName: 'A1', row: 0, column: 0, binding }] });
      expect(await conditions()).toContain('disk-full');
      sockets.plug('1-1.1', 'USB-1');
      await until(async () => (await client.call('bays.list', {}))[0]?.port !== undefined);
      const run = { bayName: 'A1', deviceSerial: 'SN-1', replace: false };
      expect(await codeOf(client.call('bays.start', run))).toBe('disk_full');
      // To the last byte: what is written then is refused whole.
      const ballast = join(disk.root, 'data', 'exports');
      mkdirSync(ballast, { recursive: true });
      spawnSync('sh', ['-c', `cat /dev/zero > '${join(ballast, 'ballast')}'`]);
      expect(await codeOf(client.call('backup.create', {}))).toBe('disk_full');
      expect(await client.call('backup.list', {})).toEqual([]);
      expect(
        readdirSync(join(disk.root, 'data', 'backups')).filter((name) => !name.endsWith('.part')),
      ).toEqual([]);
      const layout = { bays: [{ bayName: 'B2', row: 0, column: 0 }] };
      expect(await codeOf(client.call('bays.saveLayout', layout))).toBe('disk_full');
      expect((await client.call('bays.list', {})).map(({ bayName }) => bayName)).toEqual(['A1']);
      spawnSync('rm', [join(ballast, 'ballast')]);
      expect(await client.call('audit.verify', {})).toMatchObject({ intact: true });
      await close();
      // On a disk with room it goes on.
      cpSync(join(disk.root, 'data'), join(folder.root, 'roomy', 'data'), { recursive: true });
      const later = open(join(folder.root, 'roomy'), sockets);
      await later.client.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
      expect((await later.client.call('bays.list', {})).map(({ bayName }) => bayName)).toEqual(['A1']);
      expect(existsSync(join(folder.root, 'roomy', 'data', 'desk.json'))).toBe(true);
    } finally {
      await close();
      disk.end();
    }
  });
});
