// The edge server against a TLS stack that is not ours: the openssl command plays the device, with every credential that must
// not be let in and those that must. And the chains that only just miss: self-signed, too long, of a CA that was replaced.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EdgeSite, type EdgeSiteOptions, withEdgeSite } from '../../support/edgeSite.ts';
import { hasTool, temporaryFolder } from '../../support/openssl.ts';
import { createTestPki, SERVER_NAME, type TestCredential, type TestPki } from '../../support/testPki.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const NONCE = 'ab'.repeat(16);

let pki: TestPki;
const files = temporaryFolder();
beforeAll(async () => {
  pki = await createTestPki();
});
afterAll(() => files.remove());

let count = 0;
const file = (content: string): string => {
  count += 1;
  return files.write(`${count}.pem`, content);
};

/** Runs `openssl s_client` with a proof line as its input; what it printed, and how it ended. */
function sClient(
  site: EdgeSite,
  credential: TestCredential | undefined,
  more: readonly string[] = [],
  chainPem = pki.issuingPem,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const held =
    credential === undefined
      ? []
      : [
          ...['-cert', file(credential.certificatePem), '-key', file(credential.privateKeyPem)],
          ...['-cert_chain', file(chainPem)],
        ];
  const child = spawn('openssl', [
    's_client',
    ...['-connect', `${site.server.host}:${site.server.port}`, '-servername', SERVER_NAME],
    ...['-CAfile', file(pki.rootPem), '-verify_return_error', '-verify_hostname', SERVER_NAME],
    ...['-ign_eof', '-quiet', ...held, ...more],
  ]);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  child.stdin.on('error', () => undefined).write(`keyline-proof ${NONCE}\n`);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

const VERSIONS = [
  ['TLSv1.2', '-tls1_2'],
  ['TLSv1.3', '-tls1_3'],
] as const;

describe.skipIf(!hasTool('openssl', 'version')).each(VERSIONS)('openssl over %s', (protocol, flag) => {
  it('is admitted, and the record says with what', () =>
    withEdgeSite({ pki }, async (site) => {
      const device = await pki.device({ commonName: 'KL-0815' });
      const startedAtMs = performance.now();
      const { text } = await sClient(site, device, [flag]);
      expect(text).toContain(`admitted ${NONCE}`);
      const [entry] = await site.entriesReported(1);
      expect(entry).toMatchObject({
        protocol,
        cipher: expect.stringMatching(/^TLS_/),
        peerSubject: 'CN=KL-0815',
        peerCertificateSha256: createHash('sha256').update(device.certificateDer).digest('hex'),
        outcome: 'admitted',
        refusal: undefined,
      });
      // Both certificates of the device's chain went in, both of the server's went out.
      expect(entry?.bytesFromDevice).toBeGreaterThan(device.certificateDer.length + pki.issuingDer.length);
      expect(entry?.bytesToDevice).toBeGreaterThan(pki.issuingDer.length);
      expect(entry?.durationMs).toBeGreaterThanOrEqual(0);
      expect(entry?.durationMs).toBeLessThanOrEqual(performance.now() - startedAtMs + 1);
    }));

  const refusals: readonly [string, string, () => Promise<TestCredential | undefined>, EdgeSiteOptions?][] = [
    ['without a certificate', 'no-certificate', async () => undefined],
    ['of another CA', 'unknown-authority', async () => (await createTestPki({ name: 'Foreign' })).device()],
    ['of a CA with the same names', 'unknown-authority', async () => (await createTestPki()).device()],
    ['self-signed', 'unknown-authority', () => pki.selfSigned()],
    ['expired', 'expired', () => pki.device({ notAfter: new Date(Date.now() - DAY_MS / 2) })],
    ['not yet valid', 'not-yet-valid', () => pki.device({ notBefore: new Date(Date.now() + DAY_MS) })],
    ['with a server’s purpose', 'wrong-purpose', () => pki.server()],
    [
      'revoked in the inventory',
      'revoked',
      () => pki.device(),
      { admit: () => ({ admitted: false, why: 'revoked' }) },
    ],
    [
      'unknown to the inventory',
      'unknown',
      () => pki.device(),
      { admit: () => ({ admitted: false, why: 'unknown' }) },
    ],
  ];
  it.each(refusals)('is refused %s: %s', (_, code, make, options = {}) =>
    withEdgeSite({ pki, ...options }, async (site) => {
      const credential = await make();
      const { text } = await sClient(site, credential, [flag]);
      expect(text).not.toContain('admitted');
      const [entry] = await site.entriesReported(1);
      expect(entry).toMatchObject({ outcome: 'refused', refusal: { by: 'server', code } });
      expect(site.entries).toHaveLength(1);
    }),
  );

  it('refuses a server of another site', async () => {
    const foreign = await createTestPki({ name: 'Foreign' });
    await withEdgeSite({ pki: foreign }, async (site) => {
      const { code, text } = await sClient(site, await pki.device(), [flag]);
      expect(code).not.toBe(0);
      expect(text).toMatch(/verify error/);
      expect(text).not.toContain('admitted');
      expect((await site.entriesReported(1))[0]).toMatchObject({
        outcome: 'refused',
        refusal: { by: 'device', code: 'unknown-authority' },
      });
    });
  });
});

describe.skipIf(!hasTool('openssl', 'version'))('openssl with what is too old', () => {
  // Security level 0: the tool itself must not be what refuses.
  it.each(['-tls1', '-tls1_1'])('%s finds no common version', (flag) =>
    withEdgeSite({ pki }, async (site) => {
      const { code, text } = await sClient(site, await pki.device(), [flag, '-cipher', 'ALL:@SECLEVEL=0']);
      expect(code).not.toBe(0);
      expect(text).not.toContain('admitted');
      expect((await site.entriesReported(1))[0]).toMatchObject({
        protocol: undefined,
        peerSubject: undefined,
        outcome: 'refused',
        refusal: { by: 'server', code: 'protocol' },
      });
    }),
  );

  it('a curve that the server does not offer', () =>
    withEdgeSite({ pki }, async (site) => {
      const { text } = await sClient(site, await pki.device(), ['-tls1_3', '-groups', 'P-521']);
      expect(text).not.toContain('admitted');
      expect((await site.entriesReported(1))[0]?.outcome).toBe('refused');
    }));
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('chains over %s', (maxVersion) => {
  it('of an issuing CA that was replaced but is still trusted are admitted beside the new one’s', async () => {
    const next = await pki.rolledOver();
    const trustBundleDer = [pki.rootDer, pki.issuingDer, next.issuingDer];
    const serverCredential = await next.server();
    await withEdgeSite({ pki: next, serverCredential, trustBundleDer }, async (site) => {
      const old = await pki.device({ commonName: 'KL-OLD' });
      const fresh = await next.device({ commonName: 'KL-NEW' });
      for (const [credential, issuingDer] of [
        [old, pki.issuingDer],
        [fresh, next.issuingDer],
      ] as const) {
        const held = {
          chainDer: [credential.certificateDer, issuingDer],
          privateKeyPkcs8: credential.privateKeyPkcs8(),
        };
        expect((await site.connect(held, { maxVersion })).outcome).toBe('admitted');
        // A device may hold its leaf alone, whichever CA it is of.
        expect(
          (
            await site.connect(
              {
                ...held,
                chainDer: [credential.certificateDer],
                privateKeyPkcs8: credential.privateKeyPkcs8(),
              },
              { maxVersion },
            )
          ).outcome,
        ).toBe('admitted');
      }
      expect((await site.entriesReported(4)).map((entry) => entry.peerSubject)).toEqual([
        'CN=KL-OLD',
        'CN=KL-OLD',
        'CN=KL-NEW',
        'CN=KL-NEW',
      ]);
    });
  });

  it('that are longer than the issuing CA may make are refused', () =>
    withEdgeSite({ pki }, async (site) => {
      const { device, betweenDer } = await pki.tooDeep();
      const seen = await site.connect(
        {
          chainDer: [device.certificateDer, betweenDer, pki.issuingDer],
          privateKeyPkcs8: device.privateKeyPkcs8(),
        },
        { maxVersion },
      );
      expect(seen).toMatchObject({ outcome: 'refused', refusal: { by: 'server' } });
      expect((await site.entriesReported(1))[0]).toMatchObject({
        outcome: 'refused',
        refusal: { by: 'server', code: 'unknown-authority' },
      });
    }));

  it('with a hundred certificates that have no place in them are refused or ignored, never a crash', () =>
    withEdgeSite({ pki }, async (site) => {
      const device = await pki.device();
      const filler = Array.from({ length: 100 }, () => pki.rootDer);
      const seen = await site.connect(
        {
          chainDer: [device.certificateDer, pki.issuingDer, ...filler],
          privateKeyPkcs8: device.privateKeyPkcs8(),
        },
        { maxVersion },
      );
      const [entry] = await site.entriesReported(1);
      expect(entry?.outcome).toBe(seen.outcome);
      expect((await site.connect(site.held(device), { maxVersion })).outcome).toBe('admitted');
    }));
});
