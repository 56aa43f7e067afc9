import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  base64,
  base64Size,
  concatenate,
  pem,
  pemSize,
  sec1FromPkcs8,
} from '../../../core/link/zephyr/encoding.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const p256 = (): Buffer =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'der', type: 'pkcs8' });

test('base64 is that of RFC 4648', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(text(base64(bytes))).toBe(Buffer.from(bytes).toString('base64'));
      expect(base64(bytes)).toHaveLength(base64Size(bytes.length));
    }),
  );
});

describe('PEM', () => {
  test('is what Node writes, with the size that was foretold', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    const der = privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(text(pem('PRIVATE KEY', der))).toBe(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    expect(pem('PRIVATE KEY', der)).toHaveLength(pemSize('PRIVATE KEY', der.length));
  });

  test.each([0, 1, 47, 48, 49, 96])('of %i bytes has the size that was foretold', (sizeBytes) => {
    expect(pem('CERTIFICATE', randomBytes(sizeBytes))).toHaveLength(pemSize('CERTIFICATE', sizeBytes));
  });
});

describe('SEC1', () => {
  test('holds the same key', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const sec1 = sec1FromPkcs8(privateKey.export({ format: 'der', type: 'pkcs8' }));
    const derived = createPublicKey({ key: text(pem('EC PRIVATE KEY', sec1)), format: 'pem' });
    expect(derived.equals(publicKey)).toBe(true);
    expect(sec1.length).toBeLessThan(p256().length);
  });

  test('is refused for a key that is not on an elliptic curve', () => {
    const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
    expect(() => sec1FromPkcs8(ed25519)).toThrow(expect.objectContaining({ code: 'value_invalid' }));
  });
});

test('parts are joined in order', () => {
  expect([...concatenate([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)])]).toEqual([1, 2, 3]);
});
