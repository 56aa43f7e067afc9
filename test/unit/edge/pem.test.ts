// PEM written by hand must be the PEM that everybody else writes.

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { certificatePem, privateKeyPem } from '../../../core/edge/pem.ts';
import { createTestPki } from '../../support/testPki.ts';

it.each([
  ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['Ed25519', generateKeyPairSync('ed25519')],
] as const)('writes a %s key as Node does, byte for byte', (_, { privateKey }) => {
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const pem = privateKeyPem(der);
  expect(pem.toString('latin1')).toBe(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  expect(createPrivateKey(pem).equals(privateKey)).toBe(true);
});

it('encodes any bytes, in lines of at most 64 characters', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const lines = privateKeyPem(bytes).toString('latin1').split('\n');
      expect(lines.at(0)).toBe('-----BEGIN PRIVATE KEY-----');
      expect(lines.slice(-2)).toEqual(['-----END PRIVATE KEY-----', '']);
      const body = lines.slice(1, -2);
      expect(body.join('')).toBe(Buffer.from(bytes).toString('base64'));
      expect(body.slice(0, -1).every((line) => line.length === 64)).toBe(true);
      expect((body.at(-1) ?? '').length).toBeLessThanOrEqual(64);
    }),
  );
});

it('writes a certificate, and only a certificate', async () => {
  const pki = await createTestPki();
  expect(certificatePem(pki.rootDer).trim()).toBe(pki.rootPem.trim());
  expect(() => certificatePem(new Uint8Array(16))).toThrow();
});
