import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  authorityKeyIdentifierOf,
  basicConstraintsOf,
  extendedKeyUsageOf,
  isSelfIssued,
  keyUsageOf,
  readCertificate,
  subjectKeyIdentifierOf,
} from '../../../../core/authority/x509/certificate.ts';
import {
  attributeOf,
  checkNameValue,
  distinguishedName,
  nameForDisplay,
  readName,
} from '../../../../core/authority/x509/name.ts';
import { OID } from '../../../../core/der/oids.ts';
import { toHex } from '../../../../core/domain/hex.ts';
import { name, testIssuing, testLeaf, testRoot } from '../../../support/testAuthority.ts';

const isAllowed = (value: string): boolean => {
  try {
    checkNameValue('CN', value);
    return true;
  } catch {
    return false;
  }
};

describe('names', () => {
  it('keep every value as it came in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), (value) => {
        fc.pre(isAllowed(value));
        expect(attributeOf(name(value), 'CN')).toBe(value);
      }),
    );
    expect(attributeOf(name('#0c0141, "x" \\ O=evil'), 'CN')).toBe('#0c0141, "x" \\ O=evil');
  });

  it.each([
    ['C', 'de', 'country-code'],
    ['C', 'DEU', 'too-long'],
    ['CN', '', 'empty'],
    ['CN', 'x'.repeat(65), 'too-long'],
    ['CN', 'a\u0000b', 'control-character'],
    ['serialNumber', 'a@b', 'alphabet'],
    ['DC', 'é', 'alphabet'],
    ['matterVendorId', 'fff1', 'alphabet'],
  ])('refuse %s=%s', (attribute, value, reason) => {
    expect(() => distinguishedName([{ attribute: attribute as 'CN', value }])).toThrow(reason);
  });

  it('write the string types that RFC 5280 wants', () => {
    const tags = readName(
      distinguishedName([
        { attribute: 'C', value: 'DE' },
        { attribute: 'O', value: 'Acme' },
        { attribute: 'serialNumber', value: '1' },
        { attribute: 'DC', value: 'example' },
      ]),
    ).map((one) => one.tag);
    expect(tags).toEqual([0x13, 0x0c, 0x13, 0x16]);
  });
});

describe('reading a certificate', () => {
  const root = testRoot();
  const issuing = testIssuing(root);
  const leaf = testLeaf(issuing, 'dev-1');

  it('finds what node:crypto finds', () => {
    const read = readCertificate(leaf.certificateDer);
    const reference = new X509Certificate(leaf.certificateDer);
    expect(toHex(read.serialBytes).toUpperCase()).toBe(reference.serialNumber);
    expect(read.notAfterMs).toBe(Date.parse(reference.validTo));
    expect(nameForDisplay(read.subjectDer)).toBe('O=Keyline test, CN=dev-1');
    expect(Buffer.from(read.spkiDer)).toEqual(reference.publicKey.export({ type: 'spki', format: 'der' }));
    expect(keyUsageOf(read)).toEqual(['digitalSignature']);
    expect(extendedKeyUsageOf(read)).toEqual([OID.clientAuth]);
    expect(basicConstraintsOf(read)).toEqual({ certificateAuthority: false, pathLength: undefined });
    expect(isSelfIssued(read)).toBe(false);
  });

  it('links issuer and subject by the key identifier', () => {
    const read = readCertificate(leaf.certificateDer);
    const parent = readCertificate(issuing.certificateDer);
    expect(basicConstraintsOf(parent)).toEqual({ certificateAuthority: true, pathLength: 0 });
    expect(toHex(authorityKeyIdentifierOf(read) ?? new Uint8Array())).toBe(
      toHex(subjectKeyIdentifierOf(parent) ?? new Uint8Array(1)),
    );
    expect(isSelfIssued(readCertificate(root.certificateDer))).toBe(true);
  });

  it('refuses every truncation and survives every flipped byte', () => {
    const der = leaf.certificateDer;
    for (let size = 0; size < der.length; size += 1) {
      expect(() => readCertificate(der.subarray(0, size))).toThrow();
    }
    for (let at = 0; at < der.length; at += 1) {
      const damaged = Uint8Array.from(der);
      damaged[at] = (damaged[at] ?? 0) ^ 0x81;
      try {
        readCertificate(damaged);
      } catch (error) {
        expect(error).toMatchObject({ code: 'encoding_invalid' });
      }
    }
  });
});
