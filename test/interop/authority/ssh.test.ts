import { createPublicKey } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type HostCertificateRequest,
  sshCertAuthorityLine,
  sshHostCertificate,
} from '../../../core/authority/ssh/hostCertificate.ts';
import { systemRandom } from '../../support/batchFixture.ts';
import { hasTool, runTool, temporaryFolder, toolOutput } from '../../support/openssl.ts';
import { testKey } from '../../support/testAuthority.ts';

const files = temporaryFolder();
afterAll(files.remove);
const signingKey = testKey('P-256').privateKey;
const request = (changes: Partial<HostCertificateRequest> = {}): HostCertificateRequest => ({
  hostKeySpki: testKey('P-256').spki,
  signingKey,
  serial: 2n ** 63n + 5n,
  keyId: 'SN-0001',
  principals: ['gateway-1.example', '192.0.2.7'],
  validAfterMs: Date.parse('2026-01-01T00:00:00Z'),
  validBeforeMs: Date.parse('2031-01-01T00:00:00Z'),
  random: systemRandom,
  ...changes,
});

describe.skipIf(!hasTool('ssh-keygen', '-?'))('ssh-keygen -L', () => {
  it.each([
    ['P-256', 'P-256', 'ECDSA-CERT'],
    ['P-384', 'P-384', 'ECDSA-CERT'],
    ['Ed25519', 'Ed25519', 'ED25519-CERT'],
    ['Ed25519', 'P-256', 'ED25519-CERT'],
  ] as const)('reads a %s host key certified by %s', (host, signer, name) => {
    const line = sshHostCertificate(
      request({ hostKeySpki: testKey(host).spki, signingKey: testKey(signer).privateKey }),
    );
    const text = toolOutput('ssh-keygen', ['-L', '-f', files.write('host-cert.pub', line)]);
    expect(text).toMatch(/Type: .* host certificate/);
    expect(text).toContain(name);
    expect(text).toContain('Key ID: "SN-0001"');
    expect(text).toContain('Serial: 9223372036854775813');
    expect(text).toContain('Valid: from 2026-01-01T00:00:00 to 2031-01-01T00:00:00');
    expect(text).toMatch(/Principals: \n\s+gateway-1\.example\n\s+192\.0\.2\.7/);
  });

  it('rejects it once a byte is changed, so its signature was looked at', () => {
    const [type = '', base64 = ''] = sshHostCertificate(request()).split(' ');
    const bytes = Buffer.from(base64, 'base64');
    bytes[120] = (bytes[120] ?? 0) ^ 1;
    const damaged = files.write('bad-cert.pub', `${type} ${bytes.toString('base64')} x\n`);
    expect(runTool('ssh-keygen', ['-L', '-f', damaged]).status).not.toBe(0);
  });

  it('takes the known_hosts line that goes with it', () => {
    const line = sshCertAuthorityLine(createPublicKey(signingKey), '*.example');
    expect(
      toolOutput('ssh-keygen', ['-F', 'gateway-1.example', '-f', files.write('known_hosts', line)]),
    ).toContain('CA');
  });
});

describe('an SSH host certificate', () => {
  it.each([
    ['without principals', { principals: [] }],
    ['for a principal with a space', { principals: ['a b'] }],
    ['with a line break in its key id', { keyId: 'a\nb' }],
    ['that ends before it begins', { validBeforeMs: 0 }],
  ])('%s is refused', (_, changes) => {
    expect(() => sshHostCertificate(request(changes))).toThrow(
      expect.objectContaining({ code: 'value_invalid' }),
    );
  });

  it('for an RSA host key is refused', () => {
    expect(() => sshHostCertificate(request({ hostKeySpki: testKey('RSA-2048').spki }))).toThrow('key_weak');
  });
});
