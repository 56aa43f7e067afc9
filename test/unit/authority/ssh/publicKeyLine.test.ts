import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { sshCertAuthorityLine } from '../../../../core/authority/ssh/hostCertificate.ts';
import { readSshPublicKey } from '../../../../core/authority/ssh/publicKeyLine.ts';
import { StationError } from '../../../../core/domain/stationError.ts';
import { hasTool, runTool, temporaryFolder } from '../../../support/openssl.ts';
import { testKey } from '../../../support/testAuthority.ts';

const files = temporaryFolder();
afterAll(files.remove);

/** The line of a key, by the code that writes clients’ lines. */
const lineOf = (key: ReturnType<typeof testKey>): string =>
  sshCertAuthorityLine(key.publicKey, '*').replace('@cert-authority * ', '');

describe('an OpenSSH public key', () => {
  it.each(['P-256', 'P-384', 'Ed25519'] as const)('of %s is read back as it was written', (algorithm) => {
    const key = testKey(algorithm);
    expect(Buffer.from(readSshPublicKey(lineOf(key)))).toEqual(Buffer.from(key.spki));
    expect(Buffer.from(readSshPublicKey(`${lineOf(key).trimEnd()} root@board\r\n`))).toEqual(
      Buffer.from(key.spki),
    );
  });

  it.skipIf(!hasTool('ssh-keygen', '-?')).each(['ecdsa', 'ed25519'])(
    'of %s is read as ssh-keygen writes it',
    (type) => {
      const path = files.write(`${type}`, '');
      runTool('rm', [path]);
      expect(runTool('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path]).status).toBe(0);
      const { stdout } = runTool('cat', [`${path}.pub`]);
      expect(readSshPublicKey(String(stdout)).length).toBeGreaterThan(40);
    },
  );

  it.each([
    ['nothing', ''],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['two lines', lineOf(testKey()).repeat(2)],
    ['a type that the key contradicts', lineOf(testKey()).replace('nistp256', 'nistp384')],
    ['a point that is on no curve', lineOf(testKey()).replace(/.{12}(=*)\n$/, 'AAAAAAAAAAAA$1\n')],
    ['nothing but a type', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5'],
  ])('is not %s', (_, text) => {
    expect(() => readSshPublicKey(text)).toThrow(expect.objectContaining({ code: 'value_invalid' }));
  });

  it('of RSA is refused by name', () => {
    const { n = '' } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
      format: 'jwk',
    });
    const field = (bytes: Uint8Array) =>
      Buffer.concat([Buffer.of(0, 0, bytes.length >> 8, bytes.length & 0xff), bytes]);
    const body = [
      Buffer.from('ssh-rsa'),
      Buffer.of(1, 0, 1),
      Buffer.concat([Buffer.of(0), Buffer.from(n, 'base64url')]),
    ];
    const line = `ssh-rsa ${Buffer.concat(body.map(field)).toString('base64')}\n`;
    expect(() => readSshPublicKey(line)).toThrow(
      expect.objectContaining({ code: 'key_weak', details: { type: 'ssh-rsa' } }),
    );
  });

  it('that is any text is read or refused, and nothing else', () => {
    const type = fc.constantFrom('ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-dss', '');
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 120 }), (name, bytes) => {
        try {
          readSshPublicKey(`${name} ${Buffer.from(bytes).toString('base64')}\n`);
        } catch (error) {
          expect(error).toBeInstanceOf(StationError);
        }
      }),
    );
  });
});
