// The authority as the station uses it: real files, real keys, node's own X.509 reader as the judge.

import { createPublicKey, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate } from '@peculiar/asn1-x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { describeCertificate } from '../../../core/authority/x509/describeCertificate.ts';
import { KEY_ALGORITHMS } from '../../../core/domain/profile.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import type { AuthorityPort } from '../../../core/station/ports/authority.ts';
import {
  clientProfile,
  clientRequest,
  DEVICE_KEY,
  passphrase,
  quickCeremony,
  refusal,
  SITE,
  unlocked,
} from '../../unit/authority/fixtures.ts';

const keys = new StationKeyMaker();

describe('an issued certificate', () => {
  it('is what the profile says, and chains to the root', () => {
    const authority: AuthorityPort = unlocked(quickCeremony());
    const asked = clientRequest({ certificateSerial: authority.reserveCertificateSerial() });
    const prepared = authority.prepare(asked, undefined);
    const { certificateDer, certificateSha256 } = authority.issue(prepared);
    const leaf = new X509Certificate(certificateDer);
    const issuing = new X509Certificate(authority.issuingDer);
    const root = new X509Certificate(authority.rootDer);
    expect(leaf.verify(issuing.publicKey) && leaf.checkIssued(issuing)).toBe(true);
    expect(issuing.verify(root.publicKey) && issuing.checkIssued(root)).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect([leaf.ca, issuing.ca, root.ca]).toEqual([false, true, true]);
    expect(leaf.serialNumber.toLowerCase()).toBe(asked.certificateSerial);
    expect(leaf.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(certificateSha256);
    expect(leaf.subjectAltName).toBe('URI:urn:keyline:device:SN-0001');
    expect(leaf.publicKey.export({ format: 'der', type: 'spki' }).equals(DEVICE_KEY.publicKeySpki)).toBe(
      true,
    );
    expect(Buffer.from(certificateDer).includes(Buffer.from(prepared.toBeSigned))).toBe(true);
    expect(describeCertificate(certificateDer)).toMatchObject({
      notBeforeMs: prepared.notBeforeMs,
      notAfterMs: prepared.notAfterMs,
      subject: `O=${SITE}, CN=SN-0001`,
    });
  });

  it.each(KEY_ALGORITHMS)('may certify a %s key', (keyAlgorithm) => {
    const authority = unlocked(quickCeremony());
    const { publicKeySpki } = keys.generate(keyAlgorithm);
    const prepared = authority.prepare(
      clientRequest({ profile: clientProfile({ keyAlgorithm }), publicKeySpki }),
      undefined,
    );
    const leaf = new X509Certificate(authority.issue(prepared).certificateDer);
    expect(
      leaf.publicKey.equals(
        createPublicKey({ key: Buffer.from(publicKeySpki), format: 'der', type: 'spki' }),
      ),
    ).toBe(true);
  });

  it.each(KEY_ALGORITHMS)('is refused for another key than %s', (keyAlgorithm) => {
    const authority = unlocked(quickCeremony());
    for (const found of KEY_ALGORITHMS.filter((algorithm) => algorithm !== keyAlgorithm)) {
      const { publicKeySpki } = keys.generate(found);
      const asked = clientRequest({ profile: clientProfile({ keyAlgorithm }), publicKeySpki });
      expect(refusal(() => authority.prepare(asked, undefined))).toEqual({
        code: 'certificate_check_failed',
        details: { rule: 'public-key-algorithm', expected: keyAlgorithm, found },
      });
    }
  });

  it('is refused for a key that is no point of the curve', () => {
    const publicKeySpki = DEVICE_KEY.publicKeySpki.slice().fill(0x11, 30);
    expect(
      refusal(() => unlocked(quickCeremony()).prepare(clientRequest({ publicKeySpki }), undefined)).details
        .rule,
    ).toBe('public-key-weak');
  });

  it('never outgrows the promised size', () => {
    const authority = unlocked(quickCeremony());
    const sizes = Array.from({ length: 100 }, () => {
      const prepared = authority.prepare(clientRequest(), undefined);
      const { certificateDer } = authority.issue(prepared);
      expect(certificateDer.length).toBeLessThanOrEqual(prepared.maxCertificateSizeBytes);
      return prepared.maxCertificateSizeBytes - certificateDer.length;
    });
    // A bound, and a tight one: half of all ECDSA signatures are at most one octet shorter.
    expect(Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  it('holds any name byte for byte, or the name is refused', () => {
    const authority = unlocked(quickCeremony());
    let issued = 0;
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 70 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom('"', '\\', '#', ',', '+', '=', ' ', '\n', '\0', 'é', '{', 'a'),
        maxLength: 66,
      }),
    );
    fc.assert(
      fc.property(text, text, (site, deviceSerial) => {
        try {
          const prepared = authority.prepare(clientRequest({ values: { site, deviceSerial } }), undefined);
          const { certificateDer } = authority.issue(prepared);
          issued += 1;
          const { O, CN } = new X509Certificate(certificateDer).toLegacyObject().subject;
          expect([O, CN]).toEqual([site, deviceSerial]);
          const names = AsnConvert.parse(certificateDer, Certificate).tbsCertificate.subject;
          expect(names.map((rdn) => rdn[0]?.value.utf8String)).toEqual([site, deviceSerial]);
        } catch (error) {
          expect(error).toBeInstanceOf(StationError);
          expect(['name_value_invalid', 'value_invalid']).toContain((error as StationError).code);
        }
      }),
      { numRuns: 500 },
    );
    expect(issued).toBeGreaterThan(50);
  });

  it('has its own positive serial of 20 octets', () => {
    const authority = unlocked(quickCeremony());
    const serials = Array.from({ length: 1000 }, () => authority.reserveCertificateSerial());
    expect(new Set(serials).size).toBe(serials.length);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{39}$/);
  });

  it.each(['', '00', `00${'11'.repeat(19)}`, 'ff'.repeat(20), `40${'11'.repeat(20)}`])(
    'is refused with the serial %j',
    (certificateSerial) => {
      expect(
        refusal(() => unlocked(quickCeremony()).prepare(clientRequest({ certificateSerial }), undefined))
          .code,
      ).toBe('certificate_check_failed');
    },
  );
});

describe('a prepared certificate', () => {
  it('is good for one signature', () => {
    const authority = unlocked(quickCeremony());
    const prepared = authority.prepare(clientRequest(), undefined);
    authority.issue(prepared);
    expect(refusal(() => authority.issue(prepared)).code).toBe('prepared_already_used');
  });

  it('is spent also when the signature could not be made', () => {
    const authority = unlocked(quickCeremony());
    const prepared = authority.prepare(clientRequest(), undefined);
    authority.lock();
    expect(refusal(() => authority.issue(prepared)).code).toBe('authority_locked');
    authority.unlock(passphrase());
    expect(refusal(() => authority.issue(prepared)).code).toBe('prepared_already_used');
  });

  it('cannot be copied, made up, or carried to another authority', () => {
    const folder = quickCeremony();
    const authority = unlocked(folder);
    const prepared = authority.prepare(clientRequest(), undefined);
    for (const forged of [{ ...prepared }, structuredClone({ ...prepared }), Object.create(prepared)]) {
      expect(refusal(() => authority.issue(forged)).code).toBe('prepared_already_used');
    }
    expect(refusal(() => unlocked(folder).issue(prepared)).code).toBe('prepared_already_used');
    expect(() => authority.issue(prepared)).not.toThrow();
  });

  it('signs what was checked, whatever happens to the bytes it shows', () => {
    const authority = unlocked(quickCeremony());
    const prepared = authority.prepare(clientRequest(), undefined);
    const before = Buffer.from(prepared.toBeSigned);
    prepared.toBeSigned.fill(0);
    expect(Buffer.from(authority.issue(prepared).certificateDer).includes(before)).toBe(true);
    expect(Object.isFrozen(prepared)).toBe(true);
  });
});
