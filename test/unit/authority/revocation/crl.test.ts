import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCrl } from '../../../../core/authority/revocation/crlReader.ts';
import { crlFreshness, crlPem, crlSetPem, verifyCrl } from '../../../../core/authority/revocation/crlSet.ts';
import {
  REASON_CODES,
  type RevokedCertificate,
  writeCrl,
} from '../../../../core/authority/revocation/crlWriter.ts';
import type { CaSigner } from '../../../../core/authority/signing/signer.ts';
import { readPem } from '../../../../core/der/pem.ts';
import { newCertificateSerial } from '../../../../core/domain/certificateSerial.ts';
import { REVOCATION_REASONS } from '../../../../core/domain/credential.ts';
import { toHex } from '../../../../core/domain/hex.ts';
import { DAY_MS, testIssuing, testKey, testRoot } from '../../../support/testAuthority.ts';

const root = testRoot();
const issuing = testIssuing(root);
const NOW_MS = Date.parse('2031-05-06T07:08:09Z');
const base = { crlNumber: 7, thisUpdateMs: NOW_MS, nextUpdateMs: NOW_MS + 7 * DAY_MS };
const random = { bytes: (size: number) => randomBytes(size) };

const entriesOf = (count: number): RevokedCertificate[] =>
  Array.from({ length: count }, (_, index) => ({
    certificateSerial: newCertificateSerial(random),
    revokedAtMs: NOW_MS - index * 1000,
    reason: REVOCATION_REASONS[index % REVOCATION_REASONS.length] ?? 'unspecified',
  }));

describe('a revocation list', () => {
  it('comes back as it was written, for any entries', () => {
    const entry = fc.record({
      certificateSerial: fc
        .uint8Array({ minLength: 1, maxLength: 20 })
        .filter((bytes) => bytes[0] !== 0)
        .map((bytes) => toHex(bytes)),
      revokedAtMs: fc.integer({ min: Date.parse('1990-01-01'), max: Date.parse('2090-01-01') }),
      reason: fc.constantFrom(...REVOCATION_REASONS),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(entry, { maxLength: 40, selector: (one) => one.certificateSerial }),
        fc.bigInt({ min: 0n, max: 2n ** 159n - 1n }),
        (entries, crlNumber) => {
          const crl = verifyCrl(
            writeCrl(issuing.signer, { ...base, crlNumber, entries }),
            issuing.certificateDer,
          );
          expect(crl.crlNumber).toBe(crlNumber);
          expect(crl.thisUpdateMs).toBe(base.thisUpdateMs);
          expect(crl.nextUpdateMs).toBe(base.nextUpdateMs);
          expect([...crl.entries()]).toEqual(
            entries.map((one) => ({
              certificateSerial: one.certificateSerial,
              revokedAtMs: Math.floor(one.revokedAtMs / 1000) * 1000,
              reasonCode: one.reason === 'unspecified' ? 0 : REASON_CODES[one.reason],
            })),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('leaves the reason out when it is unspecified, and the list when it is empty', () => {
    const sizeOf = (reason: 'unspecified' | 'superseded'): number =>
      readCrl(
        writeCrl(issuing.signer, {
          ...base,
          entries: [{ certificateSerial: '40'.repeat(20), revokedAtMs: NOW_MS, reason }],
        }),
      ).toBeSigned.length;
    expect(sizeOf('superseded') - sizeOf('unspecified')).toBe(14);
    expect(readCrl(writeCrl(issuing.signer, { ...base, entries: [] })).entryCount).toBe(0);
  });

  it('holds 100,000 entries, 53 bytes each, and reads them all back', { timeout: 240_000 }, () => {
    const entries = entriesOf(100_000);
    const der = writeCrl(issuing.signer, { ...base, entries });
    expect(der.length).toBeLessThan(5_400_000);
    const crl = readCrl(der);
    expect(crl.entryCount).toBe(100_000);
    const found = new Set([...crl.entries()].map((one) => one.certificateSerial));
    expect(entries.every((one) => found.has(one.certificateSerial))).toBe(true);
  });

  it('copies the key identifier from the issuer', () => {
    const crl = readCrl(writeCrl(issuing.signer, { ...base, entries: [] }));
    const other = testIssuing(root);
    expect(() => verifyCrl(writeCrl(other.signer, { ...base, entries: [] }), issuing.certificateDer)).toThrow(
      'crl-of-another-key',
    );
    expect(crl.authorityKeyIdentifier).toHaveLength(20);
  });

  it.each(['P-384', 'Ed25519', 'RSA-2048'] as const)('is signed by a CA with a %s key', (algorithm) => {
    const ca = testRoot('Other key', { key: testKey(algorithm) });
    const der = writeCrl(ca.signer, { ...base, entries: entriesOf(3) });
    expect(verifyCrl(der, ca.certificateDer).entryCount).toBe(3);
  });

  it.each([
    ['a negative number', { crlNumber: -1 }],
    ['a number of 21 octets', { crlNumber: 2n ** 159n }],
    ['a nextUpdate that is not later', { nextUpdateMs: NOW_MS }],
    ['a serial that is not hex', { entries: [{ ...entriesOf(1)[0], certificateSerial: 'XY' }] }],
    ['serial zero', { entries: [{ ...entriesOf(1)[0], certificateSerial: '00' }] }],
    ['a serial of 21 octets', { entries: [{ ...entriesOf(1)[0], certificateSerial: '40'.repeat(21) }] }],
    [
      'a serial that comes twice',
      { entries: [...entriesOf(1), ...entriesOf(1)].map((one) => ({ ...one, certificateSerial: '41' })) },
    ],
    ['a distribution point that is no URI', { distributionPointUri: 'file:///x y' }],
  ])('refuses %s', (_, change) => {
    expect(() => writeCrl(issuing.signer, { ...base, entries: [], ...(change as object) })).toThrow(
      expect.objectContaining({ code: 'value_invalid' }),
    );
  });

  it('is not given out when the signature does not hold', () => {
    const faulty: CaSigner = { ...issuing.signer, sign: (bytes) => issuing.signer.sign(bytes.subarray(1)) };
    expect(() => writeCrl(faulty, { ...base, entries: [] })).toThrow(
      expect.objectContaining({ code: 'signature_check_failed' }),
    );
  });
});

describe('a set of lists', () => {
  const chain = [issuing.certificateDer, root.certificateDer];
  const issuingCrl = writeCrl(issuing.signer, { ...base, entries: entriesOf(2) });
  const rootCrl = writeCrl(root.signer, { ...base, nextUpdateMs: NOW_MS + 400 * DAY_MS, entries: [] });

  it('has one list for every CA, labelled as servers read it', () => {
    const blocks = readPem(crlSetPem(chain, [rootCrl, issuingCrl], NOW_MS));
    expect(blocks.map((one) => one.label)).toEqual(['X509 CRL', 'X509 CRL']);
    expect(blocks.map((one) => toHex(one.der))).toEqual([toHex(issuingCrl), toHex(rootCrl)]);
    expect(crlPem(rootCrl)).toContain('-----BEGIN X509 CRL-----\n');
  });

  it('is refused when it would lock every device out', () => {
    expect(() => crlSetPem(chain, [issuingCrl], NOW_MS)).toThrow('crl-missing');
    expect(() => crlSetPem(chain, [issuingCrl, rootCrl], base.nextUpdateMs)).toThrow('crl-expired');
    const foreign = testIssuing(testRoot());
    const forged = writeCrl(foreign.signer, { ...base, entries: [] });
    expect(() => crlSetPem(chain, [forged, rootCrl], NOW_MS)).toThrow('crl-of-another-key');
    const damaged = Uint8Array.from(issuingCrl);
    damaged[damaged.length - 70] = (damaged[damaged.length - 70] ?? 0) ^ 1;
    expect(() => crlSetPem(chain, [damaged, rootCrl], NOW_MS)).toThrow(/chain_invalid|encoding_invalid/);
  });

  it('says when a list is due', () => {
    const crl = readCrl(issuingCrl);
    expect(crlFreshness(crl, NOW_MS, 2 * DAY_MS)).toBe('fresh');
    expect(crlFreshness(crl, NOW_MS + 5 * DAY_MS, 2 * DAY_MS)).toBe('due');
    expect(crlFreshness(crl, NOW_MS + 7 * DAY_MS, 2 * DAY_MS)).toBe('expired');
  });
});
