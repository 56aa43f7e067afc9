// A device connects to an edge with what its store holds: real TLS, real certificates, and every reason to be refused.

import 'reflect-metadata';
import type { webcrypto } from 'node:crypto';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { createServer, type Server, type TlsOptions } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ConnectResult, connectWithStore } from '../../../core/simulator/connect.ts';
import { CredentialStore, type CredentialType } from '../../../core/simulator/credentialStore.ts';
import { openInProcess } from '../../../core/simulator/host/inProcess.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const TAG = 1001;

interface Issued {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

let siteCa: Issued;
let strangeCa: Issued;
let server: Issued;
let device: Issued;
let stranger: Issued;

let nextSerial = 1;
async function issue(name: string, issuer?: Issued, extensions: x509.Extension[] = []): Promise<Issued> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  nextSerial += 1;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: nextSerial.toString(16).padStart(16, '0'),
    subject: `CN=${name}`,
    issuer: issuer ? issuer.certificate.subject : `CN=${name}`,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuer ? issuer.keys.privateKey : keys.privateKey,
    extensions,
  });
  return { keys, certificate };
}

const pkcs8 = async ({ keys }: Issued): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
const der = ({ certificate }: Issued): Uint8Array => new Uint8Array(certificate.rawData);
const pem = ({ certificate }: Issued): string => `${certificate.toString('pem')}\n`;
const pemKey = async (issued: Issued): Promise<string> =>
  x509.PemConverter.encode(await pkcs8(issued), 'PRIVATE KEY');
const text = (content: string, terminated: boolean): Uint8Array =>
  new Uint8Array(Buffer.from(terminated ? `${content}\0` : content));

beforeAll(async () => {
  const ca = [new x509.BasicConstraintsExtension(true, undefined, true)];
  siteCa = await issue('Site CA', undefined, ca);
  strangeCa = await issue('Strange CA', undefined, ca);
  server = await issue('edge.test', siteCa, [
    new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'edge.test' }]),
  ]);
  device = await issue('device-0001', siteCa);
  stranger = await issue('device-0002', strangeCa);
});

const servers: (Server | TcpServer)[] = [];
afterEach(() => {
  for (const one of servers.splice(0)) one.close();
});

async function listen(one: Server | TcpServer): Promise<number> {
  servers.push(one);
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  const address = one.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** An edge that asks for a client certificate and answers the proof line. */
async function startEdge(
  options: TlsOptions = {},
  answer = (nonce: string): string => `admitted ${nonce}\n`,
): Promise<number> {
  const edge = createServer(
    {
      cert: pem(server),
      key: await pemKey(server),
      ca: pem(siteCa),
      requestCert: true,
      rejectUnauthorized: true,
      ...options,
    },
    (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (line: Buffer) => {
        const nonce = /^keyline-proof ([0-9a-f]{32})\n$/.exec(line.toString())?.[1];
        socket.end(nonce === undefined ? 'no\n' : answer(nonce));
      });
    },
  );
  return listen(edge);
}

type Contents = Partial<Record<CredentialType, Uint8Array>>;

async function deviceContents(): Promise<Contents> {
  return { CA_CERT: der(siteCa), SERVER_CERT: der(device), PRIVATE_KEY: await pkcs8(device) };
}

async function connect(contents: Contents, port: number, timeoutMs = 5_000): Promise<ConnectResult> {
  const store = new CredentialStore([], 8, () => undefined);
  for (const [type, bytes] of Object.entries(contents))
    store.add({ tag: TAG, type: type as CredentialType, bytes });
  return connectWithStore(store, {
    host: '127.0.0.1',
    port,
    serverName: 'edge.test',
    securityTag: TAG,
    timeoutMs,
  });
}

describe('a device with its own credentials', () => {
  test.each(['TLSv1.3', 'TLSv1.2'] as const)('is admitted with %s, and says what it saw', async (version) => {
    const port = await startEdge({ minVersion: version, maxVersion: version });
    const result = await connect(await deviceContents(), port);
    expect(result).toMatchObject({ admitted: true, protocol: version, serverSubject: 'CN=edge.test' });
    if (!result.admitted) return;
    expect(result.cipher).toMatch(/^(TLS_|ECDHE-)/);
    // Its own certificate went out and the server's came in.
    expect(result.bytesWritten).toBeGreaterThan(der(device).length);
    expect(result.bytesRead).toBeGreaterThan(der(server).length);
  });

  test('is admitted with PEM that ends in NUL', async () => {
    const port = await startEdge();
    const result = await connect(
      {
        CA_CERT: text(pem(siteCa), true),
        SERVER_CERT: text(pem(device), true),
        PRIVATE_KEY: text(await pemKey(device), true),
      },
      port,
    );
    expect(result).toMatchObject({ admitted: true });
  });

  test('reads them through its shell, and connects when the host asks', async () => {
    const port = await startEdge();
    const pipe = openInProcess({ build: 'big', lineRate: 'instant', bootDelayMs: 0 });
    try {
      let seen = '';
      pipe.onData((bytes) => {
        seen += Buffer.from(bytes).toString('latin1');
      });
      for (const [type, bytes] of Object.entries(await deviceContents())) {
        const encoded = Buffer.from(bytes).toString('base64');
        pipe.write(new Uint8Array(Buffer.from(`cred add ${TAG} ${type} DEFAULT bin ${encoded}\r`)));
      }
      expect(seen.match(/Added TLS credential/g)).toHaveLength(3);
      const result = await connectWithStore(pipe.board.store, {
        host: '127.0.0.1',
        port,
        serverName: 'edge.test',
        securityTag: TAG,
        timeoutMs: 5_000,
      });
      expect(result).toMatchObject({ admitted: true });
    } finally {
      pipe.close();
    }
  });
});

describe('a refusal is a result', () => {
  type Case = [
    name: string,
    contents: () => Promise<Contents>,
    expected: { readonly refused: string; readonly why?: string },
    options?: TlsOptions,
  ];
  const cases: readonly Case[] = [
    [
      'a missing key',
      async () => ({ CA_CERT: der(siteCa), SERVER_CERT: der(device) }),
      { refused: 'credential-missing', why: 'PRIVATE_KEY' },
    ],
    [
      'a PEM certificate without NUL',
      async () => ({ ...(await deviceContents()), SERVER_CERT: text(pem(device), false) }),
      { refused: 'credential-unreadable', why: 'SERVER_CERT' },
    ],
    [
      'a PEM key without NUL',
      async () => ({ ...(await deviceContents()), PRIVATE_KEY: text(await pemKey(device), false) }),
      { refused: 'credential-unreadable', why: 'PRIVATE_KEY' },
    ],
    [
      'a certificate that lost a byte',
      async () => ({ ...(await deviceContents()), SERVER_CERT: der(device).slice(0, -1) }),
      { refused: 'credential-unreadable', why: 'SERVER_CERT' },
    ],
    [
      'a server of another CA',
      async () => ({ ...(await deviceContents()), CA_CERT: der(strangeCa) }),
      { refused: 'server-untrusted' },
    ],
    [
      'a client certificate of another CA, with TLS 1.3',
      async () => ({
        CA_CERT: der(siteCa),
        SERVER_CERT: der(stranger),
        PRIVATE_KEY: await pkcs8(stranger),
      }),
      { refused: 'handshake-refused' },
      { minVersion: 'TLSv1.3' },
    ],
    [
      'a client certificate of another CA, with TLS 1.2',
      async () => ({
        CA_CERT: der(siteCa),
        SERVER_CERT: der(stranger),
        PRIVATE_KEY: await pkcs8(stranger),
      }),
      { refused: 'handshake-refused' },
      { maxVersion: 'TLSv1.2' },
    ],
    [
      'a key of another device',
      async () => ({ ...(await deviceContents()), PRIVATE_KEY: await pkcs8(stranger) }),
      { refused: 'credential-mismatch', why: 'PRIVATE_KEY' },
    ],
  ];

  test.each<Case>(cases)('%s', async (_, contents, expected, options = {}) => {
    const port = await startEdge(options);
    expect(await connect(await contents(), port)).toMatchObject({ admitted: false, ...expected });
  });

  test('a server with another name', async () => {
    const port = await startEdge();
    const store = new CredentialStore([], 8, () => undefined);
    for (const [type, bytes] of Object.entries(await deviceContents()))
      store.add({ tag: TAG, type: type as CredentialType, bytes });
    const result = await connectWithStore(store, {
      host: '127.0.0.1',
      port,
      serverName: 'other.test',
      securityTag: TAG,
      timeoutMs: 5_000,
    });
    expect(result).toMatchObject({
      admitted: false,
      refused: 'server-untrusted',
      why: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('an answer that is not the line sent', async () => {
    const port = await startEdge({}, () => `admitted ${'0'.repeat(32)}\n`);
    expect(await connect(await deviceContents(), port)).toMatchObject({ refused: 'not-admitted' });
  });

  test('nobody listening', async () => {
    const port = await startEdge();
    for (const one of servers.splice(0)) await new Promise((resolve) => one.close(resolve));
    expect(await connect(await deviceContents(), port)).toMatchObject({
      refused: 'unreachable',
      why: 'ECONNREFUSED',
    });
  });

  test('a server that says nothing', async () => {
    const sockets: { destroy(): void }[] = [];
    const port = await listen(createTcpServer((socket) => sockets.push(socket)));
    expect(await connect(await deviceContents(), port, 200)).toMatchObject({ refused: 'timeout' });
    for (const socket of sockets) socket.destroy();
  });

  test('a host that gives up', async () => {
    const store = new CredentialStore([], 8, () => undefined);
    for (const [type, bytes] of Object.entries(await deviceContents()))
      store.add({ tag: TAG, type: type as CredentialType, bytes });
    const port = await startEdge();
    const request = { host: '127.0.0.1', port, securityTag: TAG, timeoutMs: 5_000 };
    expect(await connectWithStore(store, { ...request, signal: AbortSignal.abort() })).toMatchObject({
      refused: 'aborted',
    });
  });

  test('a device without power', async () => {
    expect(
      await connectWithStore(undefined, { host: '127.0.0.1', port: 1, securityTag: TAG, timeoutMs: 100 }),
    ).toMatchObject({ refused: 'not-running' });
  });
});
