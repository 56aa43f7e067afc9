import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { base64, base64Size, pem, pemSize } from '../../../core/der/pemBytes.ts';
import { concatenate } from '../../../core/link/plan/concatenate.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

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

test('parts are joined in order', () => {
  expect([...concatenate([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)])]).toEqual([1, 2, 3]);
});
