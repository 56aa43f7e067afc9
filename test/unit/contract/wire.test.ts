import { EventEmitter } from 'node:events';
import type { AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { fakeStation } from '../../../core/contract/fake/fakeStation.ts';
import { connectStation } from '../../../core/contract/rpc/client.ts';
import { serveStation } from '../../../core/contract/rpc/host.ts';
import {
  type EmitterPortLike,
  type PortLike,
  wireOfEmitterPort,
  wireOfPort,
  wireOfSocket,
  wirePair,
} from '../../../core/contract/rpc/wire.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const station = () => fakeStation({ inventoryRows: 10 }).service;
const silent = (): void => {};

describe('a wire', () => {
  it('runs over a MessagePort', async () => {
    const { port1, port2 } = new MessageChannel();
    closers.push(() => port1.close());
    // Node's type leaves out the handler property that its ports have.
    serveStation(wireOfPort(port1 as unknown as PortLike), station(), silent);
    const wire = wireOfPort(port2 as unknown as PortLike);
    const client = connectStation(wire, silent);
    expect((await client.call('session.get', {})).stage).toBe('signed-in');
    wire.lost();
    await expect(client.call('session.get', {})).rejects.toMatchObject({ code: 'station_gone' });
  });

  it('runs over a port that emits events, as in Electron', async () => {
    const [near, far] = wirePair();
    const emitter = new EventEmitter();
    let started = false;
    const port: EmitterPortLike = {
      postMessage: (message) => far.send(String(message)),
      close: () => emitter.emit('close'),
      start: () => {
        started = true;
      },
      on: (event: string, listener: (value: { readonly data: unknown }) => void) =>
        emitter.on(event, listener),
    };
    far.onMessage((data) => emitter.emit('message', { data }));
    serveStation(wireOfEmitterPort(port), station(), silent);
    const client = connectStation(near, silent);
    expect((await client.call('bays.list', {})).length).toBe(4);
    expect(started).toBe(true);
    port.close();
  });

  it('runs over a WebSocket and notices its end', async () => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    closers.push(() => server.close());
    server.on('connection', (socket) => {
      serveStation(wireOfSocket(socket), station(), silent);
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await new Promise((resolve) => socket.once('open', resolve));
    const client = connectStation(wireOfSocket(socket), silent);
    expect((await client.call('catalog.get', {})).targets.length).toBeGreaterThan(0);
    const closed = new Promise<void>((resolve) => client.onClose(resolve));
    for (const open of server.clients) open.terminate();
    await closed;
    await expect(client.call('catalog.get', {})).rejects.toMatchObject({ code: 'station_gone' });
  });

  it('tells whoever asks after it closed', () => {
    const [wire] = wirePair();
    wire.close();
    let told = 0;
    wire.onClose(() => told++);
    wire.close();
    expect(told).toBe(1);
  });
});
