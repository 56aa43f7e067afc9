// The browser's way in, attacked: another host's name, another site's page, a wrong token, a second window, other paths.

import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadPages } from '../../../cli/serve/pages.ts';
import { startWindowServer, type WindowServer } from '../../../cli/serve/windowServer.ts';
import { connectStation } from '../../../core/contract/rpc/client.ts';
import { type SocketLike, wireOfSocket } from '../../../core/contract/rpc/wire.ts';
import { type Opened, openApplication, openFolder } from './house.ts';

const TOKEN = 'a-token-for-tests-0123456789';
let folder: ReturnType<typeof openFolder>;
let opened: Opened;
let server: WindowServer;

beforeEach(async () => {
  folder = openFolder();
  opened = openApplication(folder.root);
  const built = join(folder.root, 'built');
  mkdirSync(join(built, 'assets'), { recursive: true });
  writeFileSync(join(built, 'index.html'), '<!doctype html><title>Keyline</title>');
  writeFileSync(join(built, 'assets', 'index.js'), 'void 0;');
  writeFileSync(join(built, 'assets', 'notes.map'), '{}');
  const pages = loadPages(built);
  server = await startWindowServer({
    pages,
    service: opened.application,
    token: TOKEN,
    port: 0,
    log: () => {},
  });
});
afterEach(async () => {
  await server.close();
  await opened.close();
  folder.remove();
});

/** As sent, without the cleaning that fetch does. */
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
    (resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers }, (response) => {
        let body = '';
        response.on('data', (piece) => {
          body += String(piece);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      sent.on('error', reject);
      sent.end();
    },
  );

const origin = (): string => `http://127.0.0.1:${server.port}`;

/** How an attempt at a session ends: open, or the code it was closed or refused with. */
const connect = (given: { token?: string; origin?: string; host?: string; path?: string }) => {
  const socket = new WebSocket(
    `ws://127.0.0.1:${server.port}${given.path ?? '/station'}`,
    ['keyline.v1', `token.${given.token ?? TOKEN}`],
    {
      origin: given.origin ?? origin(),
      ...(given.host === undefined ? {} : { headers: { host: given.host } }),
    },
  );
  const ended = new Promise<number | string>((resolve) => {
    socket.on('close', (code) => resolve(code));
    socket.on('unexpected-response', (_, response) => resolve(`http ${response.statusCode}`));
    socket.on('error', () => resolve('error'));
  });
  return { socket, ended };
};

const ask = (socket: WebSocket) => connectStation(wireOfSocket(socket as unknown as SocketLike), () => {});

describe('its pages', () => {
  it('are served with a policy that lets nothing else in', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|\*|data:|http/);
    expect(page.headers['cache-control']).toBe('no-store');
    expect((await get('/assets/index.js')).headers['content-type']).toContain('text/javascript');
  });

  it.each([
    '/assets/notes.map',
    '/../package.json',
    '/%2e%2e/data/station.json',
    '/assets/../../data',
    '//etc/passwd',
    '/station',
    '/index.html?x',
  ])('do not include %s', async (path) => {
    expect((await get(path)).status).toBe(404);
  });

  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '[::1]'])('are not served as %s', async (host) => {
    expect((await get('/', { host })).status).toBe(421);
  });

  it('take no other method', async () => {
    expect((await get('/', {}, 'POST')).status).toBe(405);
  });
});

describe('the session', () => {
  it('is given to these pages with the token, and answers', async () => {
    const { socket } = connect({});
    await new Promise((resolve) => socket.on('open', resolve));
    expect(socket.protocol).toBe('keyline.v1');
    expect(await ask(socket).call('session.get', {})).toMatchObject({ stage: 'no-station' });
    socket.close();
  });

  it('is refused with a wrong token, so that the window does not try again', async () => {
    expect(await connect({ token: `${TOKEN}x` }).ended).toBe(4403);
  });

  it('is refused to another site’s page, another host’s name and another path', async () => {
    expect(await connect({ origin: 'http://evil.example' }).ended).toBe('http 403');
    expect(await connect({ origin: 'null' }).ended).toBe('http 403');
    expect(await connect({ host: 'evil.example' }).ended).toBe('http 403');
    expect(await connect({ path: '/station/x' }).ended).toBe('http 403');
  });

  it('is one at a time, and free again when the window is closed', async () => {
    const first = connect({});
    await new Promise((resolve) => first.socket.on('open', resolve));
    await ask(first.socket).call('session.get', {});
    expect(await connect({}).ended).toBe(4403);
    first.socket.close();
    await first.ended;
    const third = connect({});
    await new Promise((resolve) => third.socket.on('open', resolve));
    expect(await ask(third.socket).call('session.get', {})).toMatchObject({ stage: 'no-station' });
    third.socket.close();
  });

  it('is handed over to a page that is loaded anew before the old socket is gone', async () => {
    const first = connect({});
    await new Promise((resolve) => first.socket.on('open', resolve));
    const second = connect({});
    setTimeout(() => first.socket.terminate(), 200);
    await new Promise((resolve) => second.socket.on('open', resolve));
    expect(await ask(second.socket).call('session.get', {})).toMatchObject({ stage: 'no-station' });
    second.socket.close();
  });

  it('answers a malformed or binary message with a refusal and goes on', async () => {
    const { socket } = connect({});
    await new Promise((resolve) => socket.on('open', resolve));
    const replies: string[] = [];
    socket.on('message', (data) => replies.push(String(data)));
    socket.send('{');
    socket.send(Buffer.from([1, 2, 3]));
    socket.send(JSON.stringify({ version: 1, kind: 'call', id: 1, method: 'no.such', input: {} }));
    socket.send(JSON.stringify({ version: 99, kind: 'call', id: 2, method: 'session.get', input: {} }));
    socket.send(JSON.stringify({ version: 1, kind: 'call', id: 3, method: 'session.get', input: {} }));
    await new Promise<void>((resolve) => {
      socket.on('message', (data) => String(data).includes('"id":3') && resolve());
    });
    expect(replies.map((reply) => (JSON.parse(reply) as { kind: string }).kind)).toEqual([
      'refused',
      'refused',
      'failure',
      'failure',
      'answer',
    ]);
    socket.close();
  });
});
