// The edge server of this site: it shows its server certificate, demands a client certificate that leads to the site's
// root, asks the host whether that one is still admitted, and answers the proof. It knows nothing of the inventory.

import { constants, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type DropArgument, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSecureContext, type SecureVersion, type TlsOptions } from 'node:tls';
import type { Clock } from '../domain/clock.ts';
import { StationError } from '../domain/stationError.ts';
import { type Admission, type Peer, serveConnection } from './edgeConnection.ts';
import { endpoint, type ServerSideEvidence } from './evidence.ts';
import { certificatePem } from './pem.ts';
import { errorCode } from './refusal.ts';
import { GROUPS, SIGNATURE_ALGORITHMS } from './tlsPolicy.ts';

export interface EdgeServerOptions {
  /** The server certificate, then the issuing CA's. DER. */
  readonly chainDer: readonly Uint8Array[];
  /** The server's private key, PEM when a string. */
  readonly key: KeyObject | string;
  /** Root and issuing CA, so that a device may send its leaf alone. DER. */
  readonly trustBundleDer: readonly Uint8Array[];
  /** Asked after each handshake, before a byte is answered. If it throws, the device is refused (`undecided`). */
  readonly admit: (peer: Peer) => Admission;
  /** Monotonic. */
  readonly clock: Clock;
  /** Loopback unless told otherwise. */
  readonly host?: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  readonly connectionTimeoutMs?: number;
  readonly maxConnections?: number;
}

export interface EdgeServer {
  readonly host: string;
  readonly port: number;
  /** Calls `listener` with every connection that has ended, refused ones included, until the returned function is called. */
  observe(listener: (evidence: ServerSideEvidence) => void): () => void;
  /** Cuts what is open, reports it and stops listening. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const CONNECTION_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 128;

/** Starts the server; throws `edge_unavailable` when its certificate, key or port cannot be used. */
export async function startEdgeServer(options: EdgeServerOptions): Promise<EdgeServer> {
  const tls = tlsOptions(options);
  const listeners = new Set<(evidence: ServerSideEvidence) => void>();
  const report = (evidence: ServerSideEvidence): void => {
    for (const listener of listeners) listener(evidence);
  };
  const settings = {
    tls,
    admit: options.admit,
    clock: options.clock,
    connectionTimeoutMs: options.connectionTimeoutMs ?? CONNECTION_TIMEOUT_MS,
  };
  const open = new Set<Socket>();
  const server = createServer((raw) => {
    open.add(raw);
    serveConnection(raw, settings, (evidence) => {
      open.delete(raw);
      report(evidence);
    });
  });
  server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  server.on('drop', (dropped) => report(busyEvidence(dropped)));

  await listen(server, options);
  const address = server.address() as AddressInfo;
  return {
    host: address.address,
    port: address.port,
    observe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const raw of open) raw.destroy();
      await closed;
      while (open.size > 0) await nextTurn();
    },
  };
}

function tlsOptions(options: EdgeServerOptions): TlsOptions {
  try {
    const { key } = options;
    const tls: TlsOptions = {
      key: typeof key === 'string' ? key : key.export({ type: 'pkcs8', format: 'pem' }),
      cert: options.chainDer.map(certificatePem).join(''),
      ca: options.trustBundleDer.map(certificatePem),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: options.minVersion ?? 'TLSv1.2',
      maxVersion: options.maxVersion ?? 'TLSv1.3',
      sigalgs: SIGNATURE_ALGORITHMS,
      ecdhCurve: GROUPS,
      // A resumed session would not prove that the device still holds its key (RFC 8446 2.2).
      secureOptions: constants.SSL_OP_NO_TICKET,
    };
    createSecureContext(tls);
    return tls;
  } catch (error) {
    throw unavailable('server-credential', options, error);
  }
}

async function listen(server: Server, options: EdgeServerOptions): Promise<void> {
  try {
    server.listen({ host: options.host ?? LOOPBACK, port: options.port ?? 0 });
    await once(server, 'listening');
  } catch (error) {
    throw unavailable('listen', options, error);
  }
  // An accept that fails (no file descriptors left) costs that connection, not the station.
  server.on('error', () => undefined);
}

const unavailable = (what: string, options: EdgeServerOptions, cause: unknown): StationError =>
  new StationError(
    'edge_unavailable',
    {
      what,
      reason: errorCode(cause),
      host: options.host ?? LOOPBACK,
      port: options.port ?? 0,
    },
    { cause },
  );

/** A connection over the limit never got as far as TLS. */
const busyEvidence = (dropped: DropArgument | undefined): ServerSideEvidence => ({
  remoteEndpoint: endpoint(dropped?.remoteAddress, dropped?.remotePort),
  protocol: undefined,
  cipher: undefined,
  peerSubject: undefined,
  peerCertificateSha256: undefined,
  certificateSerial: undefined,
  bytesFromDevice: 0,
  bytesToDevice: 0,
  durationMs: 0,
  outcome: 'refused',
  refusal: { by: 'server', code: 'busy', reason: 'max-connections' },
});
