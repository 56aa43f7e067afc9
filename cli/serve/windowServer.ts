// The window for a browser: its pages over HTTP on loopback, the contract over one WebSocket. A request must name this
// server as its host (so that no other site's name can be pointed here), and the WebSocket must come from these pages with
// the token that was printed.

import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { MESSAGE_MAX_LENGTH } from '../../core/contract/limits.ts';
import { type ContractLog, type StationService, serveStation } from '../../core/contract/rpc/host.ts';
import { type SocketLike, wireOfSocket } from '../../core/contract/rpc/wire.ts';
import { StationError } from '../../core/domain/stationError.ts';
import { startHeartbeat } from '../../core/host/heartbeat.ts';
import type { Page } from '../../core/host/windowPages.ts';

export interface WindowServerOptions {
  readonly pages: ReadonlyMap<string, Page>;
  readonly service: StationService;
  /** What a browser must show to get a session; at least 20 characters of base64url. */
  readonly token: string;
  /** 0: any free port. */
  readonly port: number;
  readonly log: ContractLog;
}

export interface WindowServer {
  /** With the token in its fragment, which no browser sends in a request. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const STATION_PATH = '/station';
const SUBPROTOCOL = 'keyline.v1';
/** An application's own code (RFC 6455 7.4.2): the window does not try again. */
const CLOSE_REFUSED = 4403;
/** A page that is loaded anew may be here before its old socket is gone. */
const HANDOVER_MS = 1_000;
const BYTES_PER_CHARACTER_MAX = 3;
/** A browser answers pings (RFC 6455 5.5.3) by itself, also in a tab that is not seen. */
const SOCKET_BEAT = { intervalMs: 5_000, beatsUntilDead: 4, beatsUntilFirst: 4 };

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), serial=(), usb=(), hid=()',
  'cache-control': 'no-store',
} as const;

/** Starts it; `usage` when the port is taken. */
export async function startWindowServer(options: WindowServerOptions): Promise<WindowServer> {
  const server = createServer((request, response) => {
    if (!isOurHost(request)) return answer(response, 421, 'This address is not served here.');
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'Not allowed.');
    const page = options.pages.get(request.url ?? '');
    if (page === undefined) return answer(response, 404, 'There is no such page.');
    response.writeHead(200, { ...HEADERS, 'content-type': page.mediaType });
    response.end(request.method === 'HEAD' ? undefined : page.bytes);
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  const session = oneSession(options);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_MAX_LENGTH * BYTES_PER_CHARACTER_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  function isOurHost({ headers }: IncomingMessage): boolean {
    const { port } = server.address() as AddressInfo;
    return headers.host === `${LOOPBACK}:${port}` || headers.host === `localhost:${port}`;
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const { origin, host } = request.headers;
    if (!isOurHost(request) || origin !== `http://${host}` || request.url !== STATION_PATH) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const hasToken = offersToken(request.headers['sec-websocket-protocol'], options.token);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      if (hasToken) void session.take(webSocket);
      else webSocket.close(CLOSE_REFUSED, 'token');
    });
  });

  try {
    server.listen({ host: LOOPBACK, port: options.port });
    await once(server, 'listening');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    throw new StationError('usage', { reason: `port ${options.port} cannot be used: ${reason}` }, { cause });
  }
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://${LOOPBACK}:${port}/#token=${options.token}`,
    async close() {
      session.end();
      for (const client of sockets.clients) client.terminate();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

/** Compared by their digests: in constant time, and of equal length whatever was sent. */
function offersToken(protocols: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = digest(`token.${token}`);
  return (protocols ?? '')
    .split(',')
    .slice(0, 4)
    .some((offered) => timingSafeEqual(digest(offered.trim()), wanted));
}

/** A browser that hangs, or a tunnel that broke, gives the session back. */
function endWhenSilent(socket: WebSocket): void {
  const heartbeat = startHeartbeat({
    ask: () => socket.readyState === socket.OPEN && socket.ping(),
    onDead: () => socket.terminate(),
    ...SOCKET_BEAT,
  });
  socket.on('pong', heartbeat.answered);
  socket.once('close', heartbeat.stop);
}

/** One window at a time: two could not both show the truth about one bench and one signed-in operator. */
function oneSession({ service, log }: WindowServerOptions): {
  take(socket: WebSocket): Promise<void>;
  end(): void;
} {
  let current: { readonly socket: WebSocket; readonly end: () => void } | undefined;
  return {
    async take(socket) {
      const before = current?.socket;
      if (before !== undefined && before.readyState !== before.CLOSED) {
        // What the new page says meanwhile is not lost.
        socket.pause();
        await Promise.race([
          once(before, 'close').catch(() => undefined),
          new Promise((resolve) => setTimeout(resolve, HANDOVER_MS)),
        ]);
      }
      if (current !== undefined && current.socket.readyState === current.socket.OPEN) {
        socket.resume();
        socket.close(CLOSE_REFUSED, 'another window has the session');
        return;
      }
      if (socket.readyState !== socket.OPEN) return;
      if (socket.isPaused) setImmediate(() => socket.resume());
      // The two shapes differ only in how ws types its events.
      const end = serveStation(wireOfSocket(socket as unknown as SocketLike), service, log);
      current = { socket, end };
      endWhenSilent(socket);
    },
    end: () => current?.end(),
  };
}
