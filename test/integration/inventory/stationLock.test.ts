// The lock of a data folder, between real processes.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireStationLock } from '../../../core/inventory/database/stationLock.ts';
import { refusal, temporaryFolder } from './world.ts';

const NOW = Date.UTC(2027, 0, 1);
let folder: ReturnType<typeof temporaryFolder>;
let children: ChildProcess[];
beforeEach(() => {
  folder = temporaryFolder();
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => end(child, 'SIGKILL')));
  folder.remove();
});

/** Another process that takes the lock and keeps it; resolves to what it said: `held` or an error code. */
async function holder(): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'children/lockHolder.ts'), folder.path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim()));
    child.once('exit', (code) => reject(new Error(`the holder ended with ${code}`)));
  });
  return { child, said };
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

const lockError = (): unknown => {
  try {
    acquireStationLock(folder.path, NOW).release();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('the station’s lock', () => {
  it('is held once, says by whom, and is free after its release', () => {
    const lock = acquireStationLock(folder.path, NOW);
    expect(lockError()).toMatchObject({
      code: 'station_locked',
      details: {
        dataFolder: folder.path,
        pid: process.pid,
        host: hostname(),
        since: '2027-01-01T00:00:00.000Z',
      },
    });
    lock.release();
    lock.release();
    expect(existsSync(join(folder.path, 'station.holder.json'))).toBe(false);
    expect(lockError()).toBeUndefined();
  });

  it('keeps out a second process and names the first', async () => {
    const { child, said } = await holder();
    expect(said).toBe('held');
    expect(lockError()).toMatchObject({ code: 'station_locked', details: { pid: child.pid } });
    expect((await holder()).said).toBe('station_locked');
    expect(lockError()).toMatchObject({ code: 'station_locked', details: { pid: child.pid } });
  });

  it('is free as soon as its holder is killed, with its last words still lying about', async () => {
    const { child } = await holder();
    await end(child, 'SIGKILL');
    expect(JSON.parse(readFileSync(join(folder.path, 'station.holder.json'), 'utf8'))).toMatchObject({
      pid: child.pid,
    });
    const lock = acquireStationLock(folder.path, NOW);
    expect((await holder()).said).toBe('station_locked');
    lock.release();
  });

  it('survives that its files are read and copied meanwhile', () => {
    const lock = acquireStationLock(folder.path, NOW);
    readFileSync(join(folder.path, 'station.holder.json'));
    expect(lockError()).toMatchObject({ code: 'station_locked' });
    lock.release();
  });

  it.each(['', '{', '{"pid":"x"}', 'null'])('does not need to understand who holds it (%j)', (text) => {
    const lock = acquireStationLock(folder.path, NOW);
    writeFileSync(join(folder.path, 'station.holder.json'), text);
    expect(lockError()).toMatchObject({ code: 'station_locked', details: { dataFolder: folder.path } });
    lock.release();
  });

  it('names what keeps it from being taken', () => {
    expect(refusal(() => acquireStationLock(join(folder.path, 'missing'), NOW))).toBe('storage_failed');
    mkdirSync(join(folder.path, 'station.lock'));
    expect(refusal(() => acquireStationLock(folder.path, NOW))).toBe('storage_failed');
  });
});
