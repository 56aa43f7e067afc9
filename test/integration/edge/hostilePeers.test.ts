// Clients that babble, stall, half-close, flood or crowd, on real sockets: each ends, each leaves one entry, and the
// server goes on serving.

import { once } from 'node:events';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { type EdgeSite, type EdgeSiteOptions, withEdgeSite } from '../../support/edgeSite.ts';
import { createTestPki, SERVER_NAME, type TestCredential, type TestPki } from '../../support/testPki.ts';

/** Short enough to wait for, long enough for a handshake on a busy machine. */
const SHORT_TIMEOUT_MS = 1_500;

let pki: TestPki;
let device: TestCredential;
beforeAll(async () => {
  pki = await createTestPki();
  device = await pki.device();
});

/** After whatever `body` did, a device must still be admitted, and `entries` hold what `body` caused plus that one. */
const survives = (options: EdgeSiteOptions, body: (site: EdgeSite) => Promise<void>): Promise<void> =>
  withEdgeSite({ pki, ...options }, async (site) => {
    await body(site);
    const before = site.entries.length;
    expect((await site.connect(site.held(device))).outcome).toBe('admitted');
    expect(await site.entriesReported(before + 1)).toHaveLength(before + 1);
  });

/** A raw client, and all that it received until the connection was gone. */
function client<S extends Socket>(socket: S): { socket: S; received: Promise<string> } {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  // Not events.once: it would reject for the reset that is expected of some.
  const received = new Promise<string>((resolve) => socket.once('close', () => resolve(text)));
  return { socket, received };
}

const tcpClient = (site: EdgeSite) => client(connectTcp(site.server.port, site.server.host));

const tlsClient = (site: EdgeSite, options: object = {}): { socket: TLSSocket; received: Promise<string> } =>
  client(
    connectTls({
      host: site.server.host,
      port: site.server.port,
      servername: SERVER_NAME,
      ca: pki.rootPem,
      cert: device.certificatePem,
      key: device.privateKeyPem,
      ...options,
    }),
  );

describe('before the handshake', () => {
  it('plain HTTP is refused as no protocol of ours', () =>
    survives({}, async (site) => {
      const { socket, received } = tcpClient(site);
      socket.write('GET / HTTP/1.1\r\nHost: edge\r\n\r\n');
      expect(await received).not.toContain('HTTP');
      const [entry] = await site.entriesReported(1);
      expect(entry).toMatchObject({
        protocol: undefined,
        peerSubject: undefined,
        outcome: 'refused',
        refusal: { by: 'server', code: 'protocol' },
      });
      expect(entry?.bytesFromDevice).toBeGreaterThan(0);
    }));

  it('random bytes that begin like a TLS record are refused', () =>
    survives({}, async (site) => {
      const { socket, received } = tcpClient(site);
      socket.write(Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0]), Buffer.alloc(512, 0xa5)]));
      await received;
      expect((await site.entriesReported(1))[0]?.refusal).toMatchObject({ by: 'server', code: 'protocol' });
    }));

  it('a client that leaves at once is recorded as closed', () =>
    survives({}, async (site) => {
      const { socket } = tcpClient(site);
      await once(socket, 'connect');
      socket.end();
      const [entry] = await site.entriesReported(1);
      expect(entry).toMatchObject({ bytesFromDevice: 0, refusal: { by: 'device', code: 'closed' } });
    }));

  it.concurrent('a silent client is cut when its time is up', () =>
    survives({ connectionTimeoutMs: SHORT_TIMEOUT_MS }, async (site) => {
      await tcpClient(site).received;
      expect((await site.entriesReported(1))[0]?.refusal).toMatchObject({ by: 'server', code: 'timeout' });
    }));

  it.concurrent('a client that drips a ClientHello byte by byte is cut all the same', () =>
    survives({ connectionTimeoutMs: SHORT_TIMEOUT_MS }, async (site) => {
      const { socket, received } = tcpClient(site);
      const hello = Buffer.concat([Buffer.from([0x16, 3, 1, 0x40, 0]), Buffer.alloc(16_384)]);
      let at = 0;
      const drip = setInterval(() => socket.write(hello.subarray(at, ++at)), 10);
      await received;
      clearInterval(drip);
      expect((await site.entriesReported(1))[0]?.refusal).toMatchObject({ by: 'server', code: 'timeout' });
    }));

  it.concurrent('more connections than allowed are dropped and recorded', () =>
    survives({ maxConnections: 2, connectionTimeoutMs: SHORT_TIMEOUT_MS }, async (site) => {
      const clients = Array.from({ length: 5 }, () => tcpClient(site));
      await Promise.all(clients.map(({ received }) => received));
      const codes = (await site.entriesReported(5)).map((entry) => entry.refusal?.code).sort();
      expect(codes).toEqual(['busy', 'busy', 'busy', 'timeout', 'timeout']);
    }));
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('after a %s handshake', (maxVersion) => {
  const admittedByTls = { protocol: maxVersion, peerSubject: 'CN=KL-0001', outcome: 'refused' };

  it.each([
    ['another protocol', 'GET / HTTP/1.1\r\n\r\n'],
    ['a nonce that is too short', 'keyline-proof 00ff\n'],
    ['a nonce in capitals', `keyline-proof ${'AB'.repeat(16)}\n`],
    ['two lines at once', `keyline-proof ${'ab'.repeat(16)}\nkeyline-proof ${'ab'.repeat(16)}\n`],
    ['no end of line', 'x'.repeat(20_000)],
    ['bytes that are no text', '\0\xff\n'],
  ])('%s is refused', (_, text) =>
    survives({}, async (site) => {
      const { socket, received } = tlsClient(site, { maxVersion });
      socket.write(text, 'latin1');
      // A flood is cut before the client may have read its answer.
      expect(['refused protocol\n', '']).toContain(await received);
      expect((await site.entriesReported(1))[0]).toMatchObject({
        ...admittedByTls,
        refusal: { by: 'server', code: 'protocol' },
      });
    }),
  );

  it('a line that comes byte by byte is still a line', () =>
    survives({}, async (site) => {
      const { socket, received } = tlsClient(site, { maxVersion });
      for (const character of `keyline-proof ${'ab'.repeat(16)}\n`) socket.write(character);
      expect(await received).toBe(`admitted ${'ab'.repeat(16)}\n`);
    }));

  it.concurrent('silence is cut when the time is up', () =>
    survives({ connectionTimeoutMs: SHORT_TIMEOUT_MS }, async (site) => {
      expect(await tlsClient(site, { maxVersion }).received).toBe('');
      expect((await site.entriesReported(1))[0]).toMatchObject({
        ...admittedByTls,
        refusal: { by: 'server', code: 'timeout' },
      });
    }));

  it('a half-closed connection ends without an admission', () =>
    survives({}, async (site) => {
      const { socket, received } = tlsClient(site, { maxVersion });
      await once(socket, 'secureConnect');
      socket.end('keyline-proof ');
      expect(await received).toBe('');
      expect((await site.entriesReported(1))[0]).toMatchObject({
        ...admittedByTls,
        refusal: { by: 'device', code: 'closed' },
      });
    }));

  it.concurrent('one that was answered and will not leave is cut when its time is up', () =>
    survives({ connectionTimeoutMs: SHORT_TIMEOUT_MS }, async (site) => {
      const { socket, received } = tlsClient(site, { maxVersion, allowHalfOpen: true });
      socket.write(`keyline-proof ${'ab'.repeat(16)}\n`);
      expect((await site.entriesReported(1))[0]?.outcome).toBe('admitted');
      socket.destroy();
      expect(await received).toContain('admitted');
    }));

  it('a second connection shakes hands in full: no session is resumed', () =>
    survives({}, async (site) => {
      const sessions: Buffer[] = [];
      const first = tlsClient(site, { maxVersion });
      first.socket.on('session', (session: Buffer) => sessions.push(session));
      first.socket.write(`keyline-proof ${'ab'.repeat(16)}\n`);
      await first.received;
      const session = sessions.at(-1);
      const second = tlsClient(site, { maxVersion, session });
      await once(second.socket, 'secureConnect');
      expect(second.socket.isSessionReused()).toBe(false);
      second.socket.write(`keyline-proof ${'cd'.repeat(16)}\n`);
      expect(await second.received).toBe(`admitted ${'cd'.repeat(16)}\n`);
      const [one, two] = await site.entriesReported(2);
      expect(two?.peerCertificateSha256).toBe(one?.peerCertificateSha256);
      // The device's certificate chain travels again: a resumed handshake would be far shorter.
      expect(two?.bytesFromDevice).toBeGreaterThan(device.certificateDer.length + 300);
    }));
});

/** Stands between device and server, counts what passes, and cuts both lines once `cutAfter` bytes came from the device. */
async function startRelay(site: EdgeSite, cutAfter = Number.POSITIVE_INFINITY) {
  const counted = { fromDevice: 0, toDevice: 0 };
  const relay = createServer({ allowHalfOpen: true }, (near) => {
    const far = connectTcp({ port: site.server.port, host: site.server.host, allowHalfOpen: true });
    near.on('data', (chunk: Buffer) => {
      const passed = chunk.subarray(0, cutAfter - counted.fromDevice);
      counted.fromDevice += passed.length;
      far.write(passed, () => {
        if (counted.fromDevice < cutAfter) return;
        far.resetAndDestroy();
        near.resetAndDestroy();
      });
    });
    far.on('data', (chunk: Buffer) => {
      counted.toDevice += chunk.length;
      near.write(chunk);
    });
    near.on('end', () => far.end());
    far.on('end', () => near.end());
    for (const line of [near, far]) line.on('error', () => undefined);
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const address = relay.address();
  return {
    counted,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close: () => new Promise((resolve) => relay.close(resolve)),
  };
}

it('counts every byte of the TCP connection, as a relay in between does', () =>
  survives({}, async (site) => {
    const relay = await startRelay(site);
    expect((await site.connect(site.held(device), { port: relay.port })).outcome).toBe('admitted');
    const [entry] = await site.entriesReported(1);
    expect({ fromDevice: entry?.bytesFromDevice, toDevice: entry?.bytesToDevice }).toEqual(relay.counted);
    await relay.close();
  }));

it.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a %s line cut anywhere leaves one entry and no admission',
  (maxVersion) =>
    survives({}, async (site) => {
      await site.connect(site.held(device), { maxVersion });
      const whole = (await site.entriesReported(1))[0]?.bytesFromDevice ?? 0;
      // The last bytes are the proof line (47, and its record) and the closing alert: up to there nothing is admitted.
      const cuts = Array.from({ length: 24 }, (_, i) => 1 + Math.floor((i * (whole - 120)) / 23));
      for (const [done, cutAfter] of cuts.entries()) {
        const relay = await startRelay(site, cutAfter);
        const seen = await site.connect(site.held(device), { maxVersion, port: relay.port });
        expect(seen).toMatchObject({ outcome: 'refused', refusal: { by: 'server', code: 'closed' } });
        const entries = await site.entriesReported(done + 2);
        expect(entries).toHaveLength(done + 2);
        expect(entries.at(-1)).toMatchObject({
          outcome: 'refused',
          refusal: { by: 'device', code: 'closed' },
        });
        expect(entries.at(-1)?.bytesFromDevice).toBeLessThanOrEqual(cutAfter);
        await relay.close();
      }
    }),
);

it('closing cuts the connections that are open, reports them and frees the port', () =>
  withEdgeSite({ pki }, async (site) => {
    const { socket, received } = tlsClient(site);
    await once(socket, 'secureConnect');
    await site.server.close();
    await received;
    expect(site.entries).toHaveLength(1);
    expect(site.entries[0]?.outcome).toBe('refused');
    expect((await site.connect(site.held(device))).refusal).toMatchObject({ code: 'unreachable' });
  }));
