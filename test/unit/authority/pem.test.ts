import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePem, encodePem } from '../../../core/authority/x509/pem.ts';

describe('PEM', () => {
  it('carries any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
        const text = encodePem('CERTIFICATE', bytes);
        expect(decodePem('CERTIFICATE', text)).toEqual([bytes]);
        expect(text).toMatch(
          /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n$/,
        );
        for (const line of text.split('\n').slice(1, -3)) expect(line).toHaveLength(64);
      }),
    );
  });

  it('reads several blocks in order, past other kinds, other line ends, and text between', () => {
    const text = `hello\r\n${encodePem('CERTIFICATE', Uint8Array.of(1))}subject=x\n${encodePem('PRIVATE KEY', Uint8Array.of(9))}${encodePem('CERTIFICATE', Uint8Array.of(2)).replaceAll('\n', '\r\n')}`;
    expect(decodePem('CERTIFICATE', text)).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  });

  it.each([
    ['no end', '-----BEGIN CERTIFICATE-----\nAAAA\n'],
    ['an end of another kind', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n'],
    ['nothing in it', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
    ['no base64', '-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n'],
    ['padding in the middle', '-----BEGIN CERTIFICATE-----\nAA==AAAA\n-----END CERTIFICATE-----\n'],
    [
      'headers of the old encryption',
      '-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END CERTIFICATE-----\n',
    ],
  ])('finds nothing in a block with %s', (_, text) => expect(decodePem('CERTIFICATE', text)).toEqual([]));
});
