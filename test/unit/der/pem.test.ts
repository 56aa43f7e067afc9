// PEM written by hand must be the PEM that everybody else writes, and what people carry in on sticks is read strictly.

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pemBlocks, readPem, readPemOrDer, toPem, toPemChain } from '../../../core/der/pem.ts';
import { privateKeyPem } from '../../../core/der/privateKeyPem.ts';
import { toHex } from '../../../core/domain/hex.ts';
import { testRoot } from '../../support/testAuthority.ts';

describe('PEM', () => {
  it('round-trips any bytes, with text around and any line ends', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.constantFrom('\n', '\r\n'),
        (der, end) => {
          const text = `some words${end}${toPem('CERTIFICATE', der).replaceAll('\n', end)}more`;
          expect(readPem(text)).toEqual([{ label: 'CERTIFICATE', der: Buffer.from(der) }]);
        },
      ),
    );
  });

  it('keeps lines to 64 characters and ends with a newline', () => {
    const lines = toPem('X509 CRL', new Uint8Array(100)).split('\n');
    expect(lines[0]).toBe('-----BEGIN X509 CRL-----');
    expect(lines[1]).toHaveLength(64);
    expect(lines.at(-1)).toBe('');
  });

  it.each([
    ['-----BEGIN A-----\nAAAA\n', 'pem-unfinished'],
    ['-----BEGIN A-----\nAAAA\n-----END B-----\n', 'pem-end'],
    ['-----BEGIN A-----\nA*AA\n-----END A-----\n', 'pem-base64'],
    ['-----BEGIN A-----\n-----END A-----\n', 'pem-base64'],
    ['-----BEGIN A-----\nDEK-Info: DES\n\nAAAA\n-----END A-----\n', 'pem-headers'],
  ])('refuses %j', (text, reason) => {
    expect(() => readPem(text)).toThrow(reason);
  });

  it('reads a file as PEM or DER', () => {
    const { certificateDer } = testRoot();
    const pem = Buffer.from(toPemChain([certificateDer]));
    expect(toHex(readPemOrDer(pem, ['CERTIFICATE']))).toBe(toHex(certificateDer));
    expect(toHex(readPemOrDer(certificateDer, ['CERTIFICATE']))).toBe(toHex(certificateDer));
    expect(() => readPemOrDer(pem, ['CERTIFICATE REQUEST'])).toThrow('pem-label');
  });

  it('finds the blocks of one kind in their order, past others', () => {
    const one = toPem('CERTIFICATE', Uint8Array.of(1));
    const two = toPem('CERTIFICATE', Uint8Array.of(2)).replaceAll('\n', '\r\n');
    const text = `hello\r\n${one}subject=x\n${toPem('PRIVATE KEY', Uint8Array.of(9))}${two}`;
    expect(pemBlocks('CERTIFICATE', text).map(toHex)).toEqual(['01', '02']);
    expect(pemBlocks('X509 CRL', text)).toEqual([]);
  });

  it.each(['AAA', 'AA==AAAA', 'AAAA====', 'A\u00a0AA'])('refuses the body %j', (body) => {
    expect(() => readPem(`-----BEGIN A-----\n${body}\n-----END A-----\n`)).toThrow('pem-base64');
  });
});

describe('a private key as PEM', () => {
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
});
