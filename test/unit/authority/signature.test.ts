import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  assembleCertificate,
  maxCertificateSizeBytes,
  signatureHolds,
  signatureSchemeOf,
  signBytes,
} from '../../../core/authority/x509/signature.ts';
import { FOREIGN_KEYS } from './fixtures.ts';

const BYTES = new TextEncoder().encode('to be signed');

describe.each(['P-256', 'P-384', 'Ed25519', 'RSA'] as const)('a signature with %s', (algorithm) => {
  const { publicKey, privateKey } = FOREIGN_KEYS[algorithm]();
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const scheme = signatureSchemeOf(spki);

  it('holds for the bytes signed and for no others', () => {
    const signature = signBytes(BYTES, privateKey, scheme);
    expect(signatureHolds(BYTES, signature, spki, scheme)).toBe(true);
    expect(signatureHolds(BYTES.slice(1), signature, spki, scheme)).toBe(false);
    expect(signatureHolds(BYTES, signature.fill(0, 8, 12), spki, scheme)).toBe(false);
  });

  it('does not hold under another key', () => {
    const other = FOREIGN_KEYS[algorithm]().publicKey.export({ format: 'der', type: 'spki' });
    expect(signatureHolds(BYTES, signBytes(BYTES, privateKey, scheme), other, scheme)).toBe(false);
  });

  it('never takes more room than promised', () => {
    for (let i = 0; i < 200; i++) {
      const signature = signBytes(BYTES, privateKey, scheme);
      expect(signature.length).toBeLessThanOrEqual(scheme.maxSignatureSizeBytes);
      const { length } = assembleCertificate(BYTES, signature, scheme);
      expect(length).toBeLessThanOrEqual(maxCertificateSizeBytes(BYTES, scheme));
    }
  });
});

describe('a key that Keyline does not sign with', () => {
  it.each([
    ['a short RSA key', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
    ['another curve', generateKeyPairSync('ec', { namedCurve: 'secp521r1' }).publicKey],
    ['a key for agreement', generateKeyPairSync('x25519').publicKey],
  ])('is %s', (_, key) => {
    expect(() => signatureSchemeOf(key.export({ format: 'der', type: 'spki' }))).toThrow(RangeError);
  });
});
