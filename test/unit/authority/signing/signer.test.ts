import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  assembleSigned,
  bareSigner,
  keySigner,
  signatureSchemeOf,
  signStructure,
  verifierOf,
} from '../../../../core/authority/signing/signer.ts';
import { readSigned } from '../../../../core/authority/x509/certificate.ts';
import { sequence } from '../../../../core/der/writer.ts';
import { FOREIGN_KEYS, foreignCa } from '../fixtures.ts';

const BYTES = sequence(new TextEncoder().encode('\u0004\u0002ab'));

describe.each(['P-256', 'P-384', 'Ed25519', 'RSA'] as const)('a signature with %s', (algorithm) => {
  const { publicKey, privateKey } = FOREIGN_KEYS[algorithm]();
  const scheme = signatureSchemeOf(publicKey);
  const signer = bareSigner(privateKey);

  it('holds for the bytes signed and for no others', () => {
    const signature = signer.sign(BYTES);
    expect(signer.verify(BYTES, signature)).toBe(true);
    expect(signer.verify(BYTES.slice(1), signature)).toBe(false);
    expect(signer.verify(BYTES, Uint8Array.from(signature).fill(0, 8, 12))).toBe(false);
  });

  it('does not hold under another key', () => {
    expect(verifierOf(FOREIGN_KEYS[algorithm]().publicKey).verify(BYTES, signer.sign(BYTES))).toBe(false);
  });

  it('never takes more room than promised', () => {
    for (let i = 0; i < 100; i++) {
      const signature = signer.sign(BYTES);
      expect(signature.length).toBeLessThanOrEqual(scheme.maxSignatureSizeBytes);
      const most = assembleSigned(BYTES, scheme.algorithmDer, new Uint8Array(scheme.maxSignatureSizeBytes));
      expect(assembleSigned(BYTES, scheme.algorithmDer, signature).length).toBeLessThanOrEqual(most.length);
    }
  });

  it('stands around the exact bytes', () => {
    const { toBeSigned, algorithmDer, signature } = readSigned(signStructure(signer, BYTES, 'test'), 'test');
    expect(Buffer.compare(toBeSigned, BYTES)).toBe(0);
    expect(Buffer.compare(algorithmDer, scheme.algorithmDer)).toBe(0);
    expect(signer.verify(BYTES, signature)).toBe(true);
  });
});

describe('a signer', () => {
  const { privateKey } = FOREIGN_KEYS['P-256']();

  it('whose memory flips a bit hands nothing out', () => {
    const good = bareSigner(privateKey);
    const faulty = { ...good, sign: (bytes: Uint8Array) => good.sign(Uint8Array.from(bytes).fill(1, 2, 3)) };
    expect(() => signStructure(faulty, BYTES, 'CRL')).toThrow('signature_check_failed');
  });

  it('does not take another CA’s certificate', () => {
    const { certificateDer } = foreignCa({ value: { utf8String: 'Another' } });
    expect(() => keySigner(certificateDer, privateKey)).toThrow('key-of-another-ca');
  });
});

describe('a key that Keyline does not sign with', () => {
  it.each<[string, KeyObject]>([
    ['a short RSA key', generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey],
    ['another curve', generateKeyPairSync('ec', { namedCurve: 'secp521r1' }).publicKey],
    ['a key for agreement', generateKeyPairSync('x25519').publicKey],
  ])('is %s', (_, key) => {
    expect(() => signatureSchemeOf(key)).toThrow('key_weak');
  });
});
