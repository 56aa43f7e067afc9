// CAs that Keyline did not make: what leaves take over from them has to be taken over byte for byte.

import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { describe, expect, it } from 'vitest';
import {
  clientRequest,
  FOREIGN_KEYS,
  foreignAuthority,
  foreignCa,
  ODD_IDENTIFIER,
  unlocked,
} from '../../unit/authority/fixtures.ts';

describe('an imported CA', () => {
  it.each([
    { utf8String: 'Imported' },
    { printableString: 'Imported' },
    { teletexString: 'Imported' },
    { bmpString: 'Imported' },
    { ia5String: 'Imported' },
  ])('named by %j is copied byte for byte', (value) => {
    const issuing = foreignCa({ value });
    const authority = unlocked(foreignAuthority(issuing, issuing));
    const { certificateDer } = authority.issue(authority.prepare(clientRequest(), undefined));
    const leaf = new X509Certificate(certificateDer);
    expect(leaf.checkIssued(new X509Certificate(issuing.certificateDer))).toBe(true);
    const nameDer = Buffer.from(AsnConvert.serialize(issuing.name));
    expect(Buffer.from(certificateDer).includes(nameDer)).toBe(true);
    // The identifier is no digest of the key, so it can only have been copied.
    expect(Buffer.from(certificateDer).includes(Buffer.from([0x80, 5, ...ODD_IDENTIFIER]))).toBe(true);
  });

  it.each(['P-256', 'P-384', 'Ed25519', 'RSA'] as const)(
    'with a %s key signs, within the promised size',
    (algorithm) => {
      const root = foreignCa({ value: { utf8String: 'Root' } });
      const issuing = foreignCa({
        value: { utf8String: 'Issuing' },
        issuer: root,
        key: FOREIGN_KEYS[algorithm](),
      });
      const authority = unlocked(foreignAuthority(root, issuing));
      for (let i = 0; i < 20; i++) {
        const prepared = authority.prepare(clientRequest(), undefined);
        const { certificateDer } = authority.issue(prepared);
        expect(new X509Certificate(certificateDer).verify(issuing.key.publicKey)).toBe(true);
        expect(certificateDer.length).toBeLessThanOrEqual(prepared.maxCertificateSizeBytes);
      }
    },
  );
});
