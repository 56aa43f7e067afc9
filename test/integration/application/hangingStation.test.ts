// A station process that hangs (SIGSTOP: it is there and answers nothing), in the middle of a run, kept as Electron's main keeps it.

import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectStation, type StationClient } from '../../../core/contract/rpc/client.ts';
import { type SocketLike, type Wire, wireOfSocket } from '../../../core/contract/rpc/wire.ts';
import { simulatorEntryPath } from '../../../core/simulator/host/entryPath.ts';
import { type SimulatorHandle, spawnSimulator } from '../../../core/simulator/host/spawnSimulator.ts';
import { type KeptStation, keepStation, type StationProcess } from '../../../electron/main/keepStation.ts';
import { watchSigns } from '../../../renderer/data/heartbeat.ts';
import { NEW_STATION, openFolder, SUPERVISOR, until } from './house.ts';

const root = join(import.meta.dirname, '..', '..', '..');
let folder: ReturnType<typeof openFolder>;
let links: string;

interface Child extends StationProcess {
  readonly process: ChildProcess;
}

const isKind = (message: unknown, kind: string): boolean =>
  typeof message === 'object' && message !== null && Reflect.get(message, 'kind') === kind;

function forkStation(restarted: boolean): Child {
  const entry = join(root, 'test', 'support', 'stationProcess.ts');
  const child = fork(entry, [folder.root, String(restarted), links]);
  const onMessage = (kind: string, listener: (message: unknown) => void): void => {
    child.on('message', (message) => isKind(message, kind) && listener(message));
  };
  return {
    process: child,
    get pid() {
      return child.pid;
    },
    send: (message) => void (child.connected && child.send(message)),
    onSpawn: (listener) => onMessage('running', listener),
    onExit: (listener) => void child.once('exit', listener),
    onAlive: (listener) => onMessage('pong', listener),
  };
}

/** The contract over the channel of a process. */
const wireOf = ({ process: child }: Child): Wire => ({
  send: (text) => void (child.connected && child.send({ kind: 'contract', text })),
  onMessage: (listener) =>
    void child.on(
      'message',
      (message) => isKind(message, 'contract') && listener(Reflect.get(Object(message), 'text')),
    ),
  onClose: (listener) => void child.once('exit', listener),
  close: () => {},
});

beforeEach(() => {
  folder = openFolder();
  links = join(folder.root, 'ports');
  mkdirSync(links);
});
afterEach(() => folder.remove());

describe.skipIf(process.platform === 'win32')('a station process that hangs', () => {
  let kept: KeptStation<Child> | undefined;
  let device: SimulatorHandle | undefined;
  afterEach(async () => {
    await kept?.close();
    await device?.stop();
  });

  it('is noticed by the window, ended and started again; its run is put in order', async () => {
    const clients: StationClient[] = [];
    let lost = 0;
    kept = keepStation({
      fork: forkStation,
      onRunning: (station) => clients.push(connectStation(wireOf(station), () => {})),
      onLost: () => {
        lost += 1;
      },
      // Long enough for the window to notice first.
      beat: { intervalMs: 1_000, untilDead: 8 },
    });
    const first = await until(async () => clients[0]);
    await first.call('session.createStation', NEW_STATION);
    const binding = { kind: 'usb-serial-number' as const, value: 'A1' };
    await first.call('bays.saveLayout', { bays: [{ bayName: 'A1', row: 0, column: 0, binding }] });
    device = await spawnSimulator({
      entryPath: simulatorEntryPath,
      device: { backend: 'protected', lineRate: 4_800 },
    });
    symlinkSync(device.path, join(links, 'A1'));
    await first.call('bays.start', { bayName: 'A1', deviceSerial: 'SN-1', replace: false });
    await until(async () => (await first.call('bays.list', {}))[0]?.run?.phases.at(-1)?.phase === 'install');

    const signs: boolean[] = [];
    watchSigns(first, (alive) => signs.push(alive));
    await until(async () => signs.includes(true));
    const hanging = kept.current?.pid ?? 0;
    process.kill(hanging, 'SIGSTOP');
    await until(async () => signs.at(-1) === false);
    // The window said so while it still hung; nobody had ended it yet.
    expect(lost).toBe(0);

    const second = await until(async () => clients[1]);
    expect(lost).toBe(1);
    expect(kept.current?.pid).not.toBe(hanging);
    expect(() => process.kill(hanging, 0)).toThrow();
    const restarted = new Promise((resolve) => {
      second.on('station.restarted', resolve);
    });
    expect(await second.call('session.get', {})).toMatchObject({ stage: 'signed-out' });
    expect(await restarted).toMatchObject({ runsClosed: 1, credentialsDecided: 1 });
    await second.call('session.signIn', { kind: 'pin', ...SUPERVISOR });
    const page = await second.call('inventory.device', { deviceSerial: 'SN-1' });
    expect(page.runs[0]).toMatchObject({ outcome: 'aborted', closedAtMs: expect.any(Number) });
    expect(page.credentials.map(({ state }) => state)).toEqual(['revoked']);
    expect(await second.call('audit.verify', {})).toMatchObject({ intact: true });
  });

  it('that hangs while it is to close is ended all the same', async () => {
    kept = keepStation({ fork: forkStation, onRunning: () => {}, onLost: () => {} });
    const { current } = kept;
    await until(async () => current?.process.connected === true && current.pid !== undefined);
    process.kill(current?.pid ?? 0, 'SIGSTOP');
    await kept.close();
    expect(current?.process.signalCode).toBe('SIGKILL');
  });
});

describe.skipIf(process.platform === 'win32')('keyline serve that hangs', () => {
  it('is noticed over its socket, and when it is back', async () => {
    const entry = join(root, 'test', 'support', 'serveProcess.ts');
    const server = spawn(process.execPath, [entry, folder.root], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = new Promise((resolve) => server.once('exit', resolve));
    try {
      const url = await new Promise<URL>((resolve, reject) => {
        server.once('exit', () => reject(new Error('keyline serve ended')));
        server.stdout.on('data', (piece) => {
          const found = /http:\/\/[^"\s]+/.exec(String(piece))?.[0];
          if (found !== undefined) resolve(new URL(found));
        });
      });
      const token = url.hash.replace('#token=', '');
      const socket = new WebSocket(`ws://${url.host}/station`, ['keyline.v1', `token.${token}`], {
        origin: url.origin,
      });
      await new Promise((resolve) => socket.once('open', resolve));
      const client = connectStation(wireOfSocket(socket as unknown as SocketLike), () => {});
      const signs: boolean[] = [];
      watchSigns(client, (alive) => signs.push(alive), 50);
      await until(async () => signs.includes(true));
      server.kill('SIGSTOP');
      await until(async () => signs.at(-1) === false);
      server.kill('SIGCONT');
      await until(async () => signs.at(-1) === true);
      expect(signs.indexOf(false)).toBeGreaterThan(signs.indexOf(true));
      socket.close();
    } finally {
      server.kill('SIGCONT');
      server.kill('SIGKILL');
      await exited;
    }
  });
});
