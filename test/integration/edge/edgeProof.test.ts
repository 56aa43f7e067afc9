// The station's proof: what is returned, what is thrown and whose fault it is, over real TLS.

import { createServer } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/domain/clock.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { createEdgeProof, type EdgeProof } from '../../../core/edge/edgeProof.ts';
import { startEdgeServer } from '../../../core/edge/edgeServer.ts';
import type { EdgePort } from '../../../core/station/ports/edge.ts';
import { type EdgeSite, systemRandom, withEdgeSite } from '../../support/edgeSite.ts';
import { createTestPki, SERVER_NAME, type TestCredential, type TestPki } from '../../support/testPki.ts';

let pki: TestPki;
beforeAll(async () => {
  pki = await createTestPki();
});

const proofWith = (site: EdgeSite, overrides: object = {}): EdgeProof =>
  createEdgeProof({
    server: site.server,
    serverName: SERVER_NAME,
    rootDer: site.pki.rootDer,
    issuingDer: site.pki.issuingDer,
    clock: systemClock,
    random: systemRandom,
    ...overrides,
  });

const requestFor = (credential: TestCredential, signal = new AbortController().signal) => ({
  certificateDer: credential.certificateDer,
  privateKeyPkcs8: credential.privateKeyPkcs8(),
  signal,
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('over %s', (maxVersion) => {
  it('fits the port and returns what both sides saw', () =>
    withEdgeSite({ pki }, async (site) => {
      const port: EdgePort = proofWith(site, { maxVersion });
      const device = await pki.device({ commonName: 'KL-0007' });
      const evidence = await port.prove(requestFor(device));
      const [entry] = await site.entriesReported(1);
      expect(evidence).toEqual({
        protocol: maxVersion,
        cipher: entry?.cipher,
        peerSubject: 'CN=KL-0007',
        peerCertificateSha256: device.certificateSha256,
        bytesFromDevice: entry?.bytesFromDevice,
        bytesToDevice: entry?.bytesToDevice,
        durationMs: expect.any(Number),
      });
    }));

  it('a certificate of another site fails as the device’s', () =>
    withEdgeSite({ pki }, async (site) => {
      const stranger = await (await createTestPki({ name: 'Foreign' })).device();
      await expect(proofWith(site, { maxVersion }).prove(requestFor(stranger))).rejects.toMatchObject({
        code: 'handshake_failed',
        details: { code: 'unknown-authority', side: 'server' },
      });
    }));

  it('a revoked one fails with the protocol that carried it', () =>
    withEdgeSite({ pki, admit: () => ({ admitted: false, why: 'revoked' }) }, async (site) => {
      await expect(
        proofWith(site, { maxVersion }).prove(requestFor(await pki.device())),
      ).rejects.toMatchObject({
        code: 'handshake_failed',
        details: { code: 'revoked', side: 'server', protocol: maxVersion },
      });
    }));
});

describe('a credential that cannot be used', () => {
  const fails = (privateKeyPkcs8: Secret, certificateDer?: Uint8Array) =>
    withEdgeSite({ pki }, async (site) => {
      const device = await pki.device();
      const request = { ...requestFor(device), privateKeyPkcs8 };
      await expect(
        proofWith(site).prove({ ...request, certificateDer: certificateDer ?? request.certificateDer }),
      ).rejects.toMatchObject({
        code: 'handshake_failed',
        details: { code: 'credential-unusable', side: 'device' },
      });
      expect(site.entries).toHaveLength(0);
    });

  it('by a key of another certificate', async () => fails((await pki.device()).privateKeyPkcs8()));
  it('by a key that is none', () => fails(new Secret(new Uint8Array(64))));
  it('by a certificate that is none', async () =>
    fails((await pki.device()).privateKeyPkcs8(), new Uint8Array(64)));
});

describe('the server’s own faults are not blamed on the device', () => {
  it('its certificate has expired', async () => {
    const serverCredential = await pki.server({ notAfter: new Date(Date.now() - 60_000) });
    await withEdgeSite({ pki, serverCredential }, async (site) => {
      await expect(proofWith(site).prove(requestFor(await pki.device()))).rejects.toMatchObject({
        code: 'edge_unavailable',
        details: { code: 'expired', side: 'device' },
      });
    });
  });

  it('it is not running', () =>
    withEdgeSite({ pki }, async (site) => {
      await site.server.close();
      await expect(proofWith(site).prove(requestFor(await pki.device()))).rejects.toMatchObject({
        code: 'edge_unavailable',
        details: { code: 'unreachable' },
      });
    }));

  it('its inventory cannot answer', () =>
    withEdgeSite(
      {
        pki,
        admit: () => {
          throw new Error('database is locked');
        },
      },
      async (site) => {
        await expect(proofWith(site).prove(requestFor(await pki.device()))).rejects.toMatchObject({
          code: 'edge_unavailable',
          details: { code: 'undecided' },
        });
      },
    ));

  it('it has no connection left', () =>
    withEdgeSite({ pki, maxConnections: 0 }, async (site) => {
      await expect(proofWith(site).prove(requestFor(await pki.device()))).rejects.toMatchObject({
        code: 'edge_unavailable',
        details: { code: 'busy' },
      });
    }));

  it('its port is taken, its certificate no certificate or its key another’s', async () => {
    await withEdgeSite({ pki }, async (site) => {
      const identity = await pki.server();
      const options = {
        chainDer: [identity.certificateDer, pki.issuingDer],
        key: identity.privateKeyPem,
        trustBundleDer: [pki.rootDer, pki.issuingDer],
        admit: () => ({ admitted: true }) as const,
        clock: systemClock,
      };
      const bad = { code: 'edge_unavailable', details: { what: 'server-credential' } };
      await expect(startEdgeServer({ ...options, chainDer: [new Uint8Array(9)] })).rejects.toMatchObject(bad);
      const otherKey = (await pki.server()).privateKeyPem;
      await expect(startEdgeServer({ ...options, key: otherKey })).rejects.toMatchObject(bad);
      await expect(startEdgeServer({ ...options, port: site.server.port })).rejects.toMatchObject({
        code: 'edge_unavailable',
        details: { what: 'listen', reason: 'EADDRINUSE', port: site.server.port },
      });
    });
  });
});

it('reaches a server that listens on all addresses', () =>
  withEdgeSite({ pki, host: '0.0.0.0' }, async (site) => {
    const device = await pki.device();
    expect((await proofWith(site).prove(requestFor(device))).peerCertificateSha256).toBe(
      device.certificateSha256,
    );
  }));

it('keeps 64 parallel proofs apart', () =>
  withEdgeSite({ pki }, async (site) => {
    const proof = proofWith(site);
    const devices = await Promise.all(
      Array.from({ length: 64 }, (_, i) => pki.device({ commonName: `KL-${i}` })),
    );
    const evidence = await Promise.all(devices.map((device) => proof.prove(requestFor(device))));
    expect(evidence.map((each) => [each.peerSubject, each.peerCertificateSha256])).toEqual(
      devices.map((device, i) => [`CN=KL-${i}`, device.certificateSha256]),
    );
    expect(new Set(site.entries.map((entry) => entry.remoteEndpoint)).size).toBe(64);
  }));

it('stops at once when told to, and leaves the key as it was lent', async () => {
  // A listener that accepts and never speaks.
  const mute = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const address = mute.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const server = { host: '127.0.0.1', port, observe: () => () => undefined, close: async () => undefined };
  await withEdgeSite({ pki }, async (site) => {
    const request = requestFor(await pki.device(), AbortSignal.timeout(100));
    await expect(proofWith(site, { server }).prove(request)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(request.privateKeyPkcs8.wiped).toBe(false);
    await expect(proofWith(site).prove({ ...request, signal: AbortSignal.abort('stopped') })).rejects.toBe(
      'stopped',
    );
    expect(
      (await site.connect(site.held(await pki.device()), { port, timeoutMs: 100 })).refusal,
    ).toMatchObject({
      by: 'device',
      code: 'timeout',
    });
  });
  await new Promise((resolve) => mute.close(resolve));
});
