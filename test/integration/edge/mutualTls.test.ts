// Real TLS over loopback: who is admitted, who is refused, and what each side has to say about it.

import { beforeAll, describe, expect, it } from 'vitest';
import { type EdgeSite, withEdgeSite } from '../../support/edgeSite.ts';
import { createTestPki, SERVER_NAME, TEST_KEY_ALGORITHMS, type TestPki } from '../../support/testPki.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);

let pki: TestPki;
let foreign: TestPki;
beforeAll(async () => {
  pki = await createTestPki();
  foreign = await createTestPki({ name: 'Foreign site' });
});

describe.each(TEST_KEY_ALGORITHMS)('a site with %s keys', (algorithm) => {
  it.each(VERSIONS)('admits a device of its own over %s', async (version) => {
    await withEdgeSite({ pki: await createTestPki({ algorithm }) }, async (site) => {
      const device = await site.pki.device({ commonName: 'KL-0042' });
      const seenByDevice = await site.connect(site.held(device), { maxVersion: version });
      expect(seenByDevice).toMatchObject({
        outcome: 'admitted',
        refusal: undefined,
        protocol: version,
        serverSubject: `CN=${SERVER_NAME}`,
      });
      const [seenByServer] = await site.entriesReported(1);
      expect(seenByServer).toMatchObject({
        remoteEndpoint: seenByDevice.localEndpoint,
        protocol: version,
        cipher: seenByDevice.cipher,
        peerSubject: 'CN=KL-0042',
        peerCertificateSha256: device.certificateSha256,
        certificateSerial: device.certificateSerial,
        outcome: 'admitted',
        refusal: undefined,
      });
      expect(seenByServer?.bytesFromDevice).toBeGreaterThan(device.certificateDer.length);
      expect(seenByServer?.bytesToDevice).toBeGreaterThan(device.certificateDer.length);
    });
  });
});

describe.each(VERSIONS)('over %s the server refuses', (version) => {
  /** Connects, and expects a refusal that both sides report and that the server explains. */
  const refuses = async (site: EdgeSite, credential: Parameters<EdgeSite['connect']>[0], code: string) => {
    const seenByDevice = await site.connect(credential, { minVersion: version, maxVersion: version });
    expect(seenByDevice.outcome).toBe('refused');
    expect(seenByDevice.refusal?.by).toBe('server');
    const [seenByServer] = await site.entriesReported(1);
    expect(seenByServer).toMatchObject({ outcome: 'refused', refusal: { by: 'server', code } });
    expect(seenByServer?.remoteEndpoint).toBe(seenByDevice.localEndpoint);
    return { seenByDevice, seenByServer };
  };

  it('a device of another site', () =>
    withEdgeSite({ pki }, async (site) => {
      const stranger = await foreign.device();
      await refuses(
        site,
        {
          chainDer: [stranger.certificateDer, foreign.issuingDer],
          privateKeyPkcs8: stranger.privateKeyPkcs8(),
        },
        'unknown-authority',
      );
    }));

  it('a device of a site that bears the same names', () =>
    withEdgeSite({ pki }, async (site) => {
      const impostor = await (await createTestPki()).device();
      await refuses(site, site.held(impostor), 'unknown-authority');
    }));

  it('an expired certificate', () =>
    withEdgeSite({ pki }, async (site) => {
      const device = await pki.device({ notBefore: daysFromNow(-9), notAfter: daysFromNow(-1) });
      await refuses(site, site.held(device), 'expired');
    }));

  it('a certificate that is not yet valid', () =>
    withEdgeSite({ pki }, async (site) => {
      const device = await pki.device({ notBefore: daysFromNow(1) });
      await refuses(site, site.held(device), 'not-yet-valid');
    }));

  it("a server's certificate shown by a client", () =>
    withEdgeSite({ pki }, async (site) => {
      await refuses(site, site.held(await pki.server()), 'wrong-purpose');
    }));

  it('a client without a certificate', () =>
    withEdgeSite({ pki }, async (site) => {
      await refuses(site, undefined, 'no-certificate');
    }));

  it.each(['revoked', 'unknown'] as const)('a device that the inventory calls %s, and tells it so', (why) =>
    withEdgeSite({ pki, admit: () => ({ admitted: false, why }) }, async (site) => {
      const device = await pki.device();
      const { seenByDevice, seenByServer } = await refuses(site, site.held(device), why);
      expect(seenByDevice.refusal?.code).toBe(why);
      expect(seenByServer?.peerCertificateSha256).toBe(device.certificateSha256);
    }),
  );

  it('everybody while the inventory cannot answer', () =>
    withEdgeSite(
      {
        pki,
        admit: () => {
          throw new Error('disk full');
        },
      },
      async (site) => {
        await refuses(site, site.held(await pki.device()), 'undecided');
      },
    ));
});

it('asks the inventory about each connection, by the certificate that was shown', async () => {
  const asked: string[] = [];
  const revoked = await pki.device({ commonName: 'KL-0002' });
  const admit = (peer: { certificateSha256: string; subject: string; certificateSerial: string }) => {
    asked.push(`${peer.subject} ${peer.certificateSerial}`);
    return peer.certificateSha256 === revoked.certificateSha256
      ? ({ admitted: false, why: 'revoked' } as const)
      : ({ admitted: true } as const);
  };
  await withEdgeSite({ pki, admit }, async (site) => {
    const good = await pki.device();
    expect((await site.connect(site.held(good))).outcome).toBe('admitted');
    expect((await site.connect(site.held(revoked))).refusal?.code).toBe('revoked');
    expect((await site.connect(site.held(good))).outcome).toBe('admitted');
    const first = `CN=KL-0001 ${good.certificateSerial}`;
    expect(asked).toEqual([first, `CN=KL-0002 ${revoked.certificateSerial}`, first]);
  });
});

it('admits a leaf alone, a certificate for any purpose, and an Ed25519 leaf under a P-256 authority', () =>
  withEdgeSite({ pki }, async (site) => {
    const device = await pki.device();
    const leafAlone = { chainDer: [device.certificateDer], privateKeyPkcs8: device.privateKeyPkcs8() };
    expect((await site.connect(leafAlone)).outcome).toBe('admitted');
    expect((await site.connect(site.held(await pki.device({ purposes: [] })))).outcome).toBe('admitted');
    const mixed = await pki.device({ algorithm: 'Ed25519' });
    expect((await site.connect(site.held(mixed))).outcome).toBe('admitted');
  }));

describe.each(VERSIONS)('over %s the device refuses', (version) => {
  const cases: readonly [string, string, (site: TestPki) => ReturnType<TestPki['server']>][] = [
    [
      'another name',
      'wrong-name',
      (site) => site.server({ subjectAltName: [{ type: 'dns', value: 'other.test' }] }),
    ],
    ['its name as common name only', 'wrong-name', (site) => site.server({ subjectAltName: [] })],
    ['an expired certificate', 'expired', (site) => site.server({ notAfter: daysFromNow(-0.5) })],
    ["a device's certificate", 'wrong-purpose', (site) => site.server({ purposes: ['clientAuth'] })],
  ];
  it.each(cases)('a server with %s (%s)', async (_, code, make) => {
    await withEdgeSite({ pki, serverCredential: await make(pki) }, async (site) => {
      const seen = await site.connect(site.held(await pki.device()), { maxVersion: version });
      expect(seen).toMatchObject({ outcome: 'refused', refusal: { by: 'device', code } });
      expect((await site.entriesReported(1))[0]?.outcome).toBe('refused');
    });
  });

  it('a server of another site', () =>
    withEdgeSite({ pki: foreign, trustBundleDer: [pki.rootDer, pki.issuingDer] }, async (site) => {
      const device = await pki.device();
      const seen = await site.connect(
        { chainDer: [device.certificateDer, pki.issuingDer], privateKeyPkcs8: device.privateKeyPkcs8() },
        { maxVersion: version, trustAnchorsDer: [pki.rootDer] },
      );
      expect(seen).toMatchObject({
        outcome: 'refused',
        refusal: { by: 'device', code: 'unknown-authority' },
        localEndpoint: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      });
      expect((await site.entriesReported(1))[0]?.outcome).toBe('refused');
    }));
});

it('finds a server by IP address where the certificate bears one', async () => {
  const serverCredential = await pki.server({ subjectAltName: [{ type: 'ip', value: '127.0.0.1' }] });
  await withEdgeSite({ pki, serverCredential }, async (site) => {
    const credential = site.held(await pki.device());
    expect((await site.connect(credential, { serverName: '127.0.0.1' })).outcome).toBe('admitted');
    expect((await site.connect(credential, { serverName: '127.0.0.2' })).refusal?.code).toBe('wrong-name');
  });
});

it('has no common version with a client that is too old', () =>
  withEdgeSite({ pki, minVersion: 'TLSv1.3' }, async (site) => {
    const seen = await site.connect(site.held(await pki.device()), { maxVersion: 'TLSv1.2' });
    expect(seen.refusal).toMatchObject({ by: 'server', code: 'protocol' });
    expect((await site.entriesReported(1))[0]?.refusal).toMatchObject({ by: 'server', code: 'protocol' });
  }));
