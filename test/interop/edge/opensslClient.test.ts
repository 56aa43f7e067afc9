// A client that is not ours: openssl s_client speaks to the edge server with and without a credential.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EdgeSite, withEdgeSite } from '../../support/edgeSite.ts';
import {
  createTestPki,
  SERVER_NAME,
  TEST_KEY_ALGORITHMS,
  type TestCredential,
} from '../../support/testPki.ts';

const installed = spawnSync('openssl', ['version']).status === 0;
const NONCE = '0123456789abcdef0123456789abcdef';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-openssl-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** Runs s_client, sends one proof line and returns all it printed, and its exit status. */
async function sClient(site: EdgeSite, credential: TestCredential | undefined, version: string) {
  const shown = credential
    ? [
        ...['-cert', file('device.pem', credential.certificatePem)],
        ...['-cert_chain', file('issuing.pem', site.pki.issuingPem)],
        ...['-key', file('device.key', credential.privateKeyPem)],
      ]
    : [];
  const child = spawn('openssl', [
    ...['s_client', '-connect', `${site.server.host}:${site.server.port}`, '-servername', SERVER_NAME],
    ...['-CAfile', file('root.pem', site.pki.rootPem), '-verify_return_error'],
    ...['-verify_hostname', SERVER_NAME, `-${version}`, '-quiet', ...shown],
  ]);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  // A refused client may be gone before it has read its input.
  child.stdin.on('error', () => undefined);
  child.stdin.write(`keyline-proof ${NONCE}\n`);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { output, status };
}

describe.skipIf(!installed)('openssl s_client (skipped where openssl is not installed)', () => {
  describe.each(['tls1_2', 'tls1_3'])('with -%s', (version) => {
    it.each(TEST_KEY_ALGORITHMS)(
      'is admitted with a %s credential and prints the answer',
      async (algorithm) => {
        await withEdgeSite({ pki: await createTestPki({ algorithm }) }, async (site) => {
          const device = await site.pki.device({ commonName: 'KL-OPENSSL' });
          const { output } = await sClient(site, device, version);
          expect(output).toContain(`admitted ${NONCE}\n`);
          expect((await site.entriesReported(1))[0]).toMatchObject({
            outcome: 'admitted',
            protocol: version === 'tls1_2' ? 'TLSv1.2' : 'TLSv1.3',
            peerSubject: 'CN=KL-OPENSSL',
            peerCertificateSha256: device.certificateSha256,
          });
        });
      },
    );

    it('is refused without one', async () => {
      await withEdgeSite({}, async (site) => {
        const { output, status } = await sClient(site, undefined, version);
        expect(output).not.toContain('admitted');
        expect(output).toMatch(/alert (certificate required|handshake failure)/);
        expect(status).not.toBe(0);
        expect((await site.entriesReported(1))[0]?.refusal?.code).toBe('no-certificate');
      });
    });

    it('is refused by name when the inventory has revoked it', async () => {
      await withEdgeSite({ admit: () => ({ admitted: false, why: 'revoked' }) }, async (site) => {
        const { output } = await sClient(site, await site.pki.device(), version);
        expect(output).toContain('refused revoked\n');
      });
    });
  });
});
