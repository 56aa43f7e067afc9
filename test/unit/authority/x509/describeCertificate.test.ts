import { X509Certificate } from 'node:crypto';
import { GeneralName } from '@peculiar/asn1-x509';
import { describe, expect, it } from 'vitest';
import {
  basicConstraintsOf,
  keyUsageOf,
  readCertificate,
} from '../../../../core/authority/x509/certificate.ts';
import { describeCertificate } from '../../../../core/authority/x509/describeCertificate.ts';
import { fromHex } from '../../../../core/domain/hex.ts';
import { DAY_MS, FOREIGN_KEYS, foreignCa, NOW_MS, refusal } from '../fixtures.ts';

const seconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

describe('a certificate from elsewhere', () => {
  it.each(['P-256', 'P-384', 'Ed25519', 'RSA'] as const)(
    'with a %s key is described as node sees it',
    (algorithm) => {
      const { certificateDer } = foreignCa({
        value: { utf8String: 'Some CA' },
        key: FOREIGN_KEYS[algorithm](),
      });
      const node = new X509Certificate(certificateDer);
      const found = describeCertificate(certificateDer);
      expect(found).toMatchObject({
        subject: 'CN=Some CA',
        issuer: 'CN=Some CA',
        notBeforeMs: seconds(NOW_MS - 365 * DAY_MS),
        notAfterMs: seconds(NOW_MS + 3650 * DAY_MS),
        altNames: [],
        sizeBytes: certificateDer.length,
      });
      expect(found.certificateSerial).toBe(node.serialNumber.toLowerCase());
      expect(found.sha256).toBe(node.fingerprint256.replaceAll(':', '').toLowerCase());
      expect(new Date(node.validTo).getTime()).toBe(found.notAfterMs);
    },
  );

  it.each([
    [{ utf8String: 'Zürich, "A" + <b>; \\ =' }, 'CN=Zürich\\, \\"A\\" \\+ \\<b\\>\\; \\\\ ='],
    [{ utf8String: '#lead' }, 'CN=\\#lead'],
    [{ utf8String: ' edge ' }, 'CN=\\ edge\\ '],
    [{ utf8String: 'a\n\u202eb\x1b' }, 'CN=a\\u{a}\\u{202e}b\\u{1b}'],
    [{ utf8String: '東'.repeat(300) }, `CN=${'東'.repeat(256)}…`],
    [{ printableString: 'Plain' }, 'CN=Plain'],
    [{ bmpString: 'AB' }, 'CN=#00410042'],
  ])('named %j reads %s', (value, expected) => {
    expect(describeCertificate(foreignCa({ value }).certificateDer).subject).toBe(expected);
  });

  it('shows every alternative name, of whatever kind', () => {
    const altNames = [
      { uniformResourceIdentifier: 'urn:a\u001b[2J' },
      { dNSName: 'a.example' },
      { iPAddress: '10.0.0.1' },
      { iPAddress: '2001:db8::1' },
      { rfc822Name: 'a@b' },
    ].map((name) => new GeneralName(name));
    const { certificateDer } = foreignCa({ value: { utf8String: 'a' }, altNames });
    expect(describeCertificate(certificateDer).altNames).toEqual([
      'URI:urn:a\\u{1b}[2J',
      'DNS:a.example',
      'IP:10.0.0.1',
      'IP:2001:db8:0:0:0:0:0:1',
      '#8103614062',
    ]);
  });

  it('tells what makes it a CA', () => {
    const { certificateDer } = foreignCa({ value: { utf8String: 'a' }, pathLength: 3, keyUsage: 32 | 64 });
    const parsed = readCertificate(certificateDer);
    expect(basicConstraintsOf(parsed)).toEqual({ certificateAuthority: true, pathLength: 3 });
    expect(keyUsageOf(parsed)).toEqual(['keyCertSign', 'cRLSign']);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('-----BEGIN')],
    ['an empty sequence', fromHex('3000')],
  ])('that is %s is refused', (_, bytes) => {
    expect(refusal(() => describeCertificate(bytes))).toMatchObject({
      code: 'value_invalid',
      details: { field: 'certificate' },
    });
  });

  it('that is damaged anywhere is described or refused, and nothing else', () => {
    const { certificateDer } = foreignCa({ value: { utf8String: 'a' } });
    for (let i = 0; i < certificateDer.length; i++) {
      const damaged = certificateDer.slice();
      damaged[i] = (damaged[i] ?? 0) ^ 0x55;
      try {
        expect(describeCertificate(damaged).sizeBytes).toBe(damaged.length);
      } catch (error) {
        expect(error).toMatchObject({ code: 'value_invalid' });
      }
    }
  });
});
