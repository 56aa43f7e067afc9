// What a provisioned device does in the field: connects to the edge with nothing but what its credential store holds, and
// proves that it was let in by having a random line sent back.

import { randomBytes } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls';
import { toHex } from '../domain/hex.ts';
import type { CredentialStore } from './credentialStore.ts';
import type { KeyVault } from './keyVault.ts';
import { readStoredIdentity, type StoredIdentity } from './storedIdentity.ts';

export interface ConnectRequest {
  readonly host: string;
  readonly port: number;
  /** The name that the server's certificate must carry; the host where it is not given. */
  readonly serverName?: string | undefined;
  readonly securityTag: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes are counted on the TCP socket, the records' headers included. */
export interface Admission {
  readonly admitted: true;
  readonly protocol: string;
  readonly cipher: string;
  readonly serverSubject: string;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly durationMs: number;
}

export type RefusalReason =
  | 'not-running'
  | 'credential-missing'
  | 'credential-unreadable'
  | 'credential-mismatch'
  | 'unreachable'
  | 'server-untrusted'
  | 'handshake-refused'
  | 'not-admitted'
  | 'timeout'
  | 'aborted';

export interface Refusal {
  readonly admitted: false;
  readonly refused: RefusalReason;
  /** A credential type, or the code of the error underneath. */
  readonly why: string;
  readonly durationMs: number;
}

export type ConnectResult = Admission | Refusal;

const NONCE_BYTES = 16;
const ANSWER_MAX_CHARACTERS = 256;

class ConnectFailure extends Error {
  readonly refused: RefusalReason;
  readonly why: string;

  constructor(refused: RefusalReason, why: string) {
    super(`${refused}: ${why}`);
    this.refused = refused;
    this.why = why;
  }
}

/**
 * Connects and reports either the admission with its evidence or the refusal with its reason; a refusal is a result, not
 * an error. With TLS 1.3 the server judges the client certificate after the client's handshake is over (RFC 8446 4.4.2.4
 * and 4.6): only the line that comes back shows that it was accepted.
 */
export async function connectWithStore(
  store: CredentialStore | undefined,
  request: ConnectRequest,
  vault?: KeyVault,
): Promise<ConnectResult> {
  const startedAtMs = performance.now();
  const elapsedMs = (): number => Math.round(performance.now() - startedAtMs);
  const refuse = (refused: RefusalReason, why: string): Refusal => ({
    admitted: false,
    refused,
    why,
    durationMs: elapsedMs(),
  });
  if (store === undefined) return refuse('not-running', 'powered off');
  const identity = readStoredIdentity(store, request.securityTag, vault);
  if ('problem' in identity) return refuse(`credential-${identity.problem}`, identity.type);
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal ? AbortSignal.any([request.signal, deadline]) : deadline;
  try {
    return { ...(await converse(identity, request, signal)), durationMs: elapsedMs() };
  } catch (error) {
    if (request.signal?.aborted) return refuse('aborted', 'aborted');
    if (deadline.aborted) return refuse('timeout', `${request.timeoutMs} ms`);
    if (error instanceof ConnectFailure) return refuse(error.refused, error.why);
    throw error;
  }
}

async function converse(
  identity: StoredIdentity,
  request: ConnectRequest,
  signal: AbortSignal,
): Promise<Omit<Admission, 'durationMs'>> {
  let tcp: Socket | undefined;
  let tls: TLSSocket | undefined;
  const abort = (): void => {
    tls?.destroy(new Error('aborted'));
    tcp?.destroy(new Error('aborted'));
  };
  signal.addEventListener('abort', abort);
  try {
    tcp = await openTcp(request, () => signal.aborted);
    tls = await shakeHands(tcp, identity, request);
    const nonce = toHex(randomBytes(NONCE_BYTES));
    const answer = await exchangeLine(tls, `keyline-proof ${nonce}\n`);
    if (answer !== `admitted ${nonce}`) throw new ConnectFailure('not-admitted', 'answer');
    return {
      admitted: true,
      protocol: tls.getProtocol() ?? '',
      cipher: tls.getCipher().name,
      serverSubject: tls.getPeerX509Certificate()?.subject ?? '',
      bytesRead: tcp.bytesRead,
      bytesWritten: tcp.bytesWritten,
    };
  } finally {
    signal.removeEventListener('abort', abort);
    tls?.destroy();
    tcp?.destroy();
  }
}

function openTcp({ host, port }: ConnectRequest, aborted: () => boolean): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port });
    socket.once('connect', () => {
      if (aborted()) socket.destroy();
      resolve(socket);
    });
    socket.once('error', (error) => reject(new ConnectFailure('unreachable', codeOf(error))));
  });
}

function shakeHands(tcp: Socket, identity: StoredIdentity, request: ConnectRequest): Promise<TLSSocket> {
  const serverName = request.serverName ?? request.host;
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: tcp,
      host: serverName,
      ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
      minVersion: 'TLSv1.2',
      // As with mbedTLS, any certificate in the store is a trust anchor, whether or not it is self-signed.
      secureContext: createSecureContext({
        ca: identity.caPem,
        cert: identity.certificatePem,
        key: identity.privateKeyPem,
        allowPartialTrustChain: true,
        // What a small device offers. Node's own first choice would add a kilobyte of ML-KEM that no such device sends.
        ecdhCurve: 'P-256:X25519',
      }),
    });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', (error) => {
      // An error of the check of the server's certificate is set before the socket is destroyed with it.
      const untrusted = socket.authorizationError !== null && socket.authorizationError !== undefined;
      reject(new ConnectFailure(untrusted ? 'server-untrusted' : 'handshake-refused', codeOf(error)));
    });
    socket.once('close', () => reject(new ConnectFailure('handshake-refused', 'closed')));
  });
}

function exchangeLine(tls: TLSSocket, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    tls.setEncoding('latin1');
    tls.on('data', (text: string) => {
      received += text;
      const end = received.indexOf('\n');
      if (end >= 0) resolve(received.slice(0, end));
      else if (received.length > ANSWER_MAX_CHARACTERS)
        reject(new ConnectFailure('not-admitted', 'answer too long'));
    });
    tls.once('error', (error) => reject(new ConnectFailure('handshake-refused', codeOf(error))));
    tls.once('end', () => reject(new ConnectFailure('handshake-refused', 'closed')));
    tls.once('close', () => reject(new ConnectFailure('handshake-refused', 'closed')));
    tls.write(line);
  });
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
