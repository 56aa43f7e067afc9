// The authority as the station uses it: real files, real keys, node's own X.509 reader as the judge.

import 'reflect-metadata';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate } from '@peculiar/asn1-x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAuthority } from '../../../core/authority/authority.ts';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { describeCertificate } from '../../../core/authority/x509/describeCertificate.ts';
import { newCertificateSerial } from '../../../core/domain/certificateSerial.ts';
import { KEY_ALGORITHMS } from '../../../core/domain/profile.ts';
import { StationError } from '../../../core/domain/stationError.ts';
import type { AuthorityPort } from '../../../core/station/ports/authority.ts';
import {
  clientProfile,
  DAY_MS,
  FOREIGN_KEYS,
  fixedClock,
  foreignAuthority,
  foreignCa,
  NOW_MS,
  ODD_IDENTIFIER,
  passphrase,
  quickCeremony,
  random,
  refusal,
  SITE,
  unlocked,
} from '../../unit/authority/fixtures.ts';

const keys = new StationKeyMaker();
const deviceKey = keys.generate('P-256');
const request = (changes: object = {}) => ({
  profile: clientProfile(),
  certificateSerial: newCertificateSerial(random),
  publicKeySpki: deviceKey.publicKeySpki,
  values: { site: SITE, deviceSerial: 'SN-0001' },
  ...changes,
});

describe('an issued certificate', () => {
  it('is what the profile says, and chains to the root', () => {
    const authority: AuthorityPort = unlocked(quickCeremony());
    const asked = request({ certificateSerial: authority.reserveCertificateSerial() });
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
    expect(leaf.publicKey.export({ format: 'der', type: 'spki' }).equals(deviceKey.publicKeySpki)).toBe(true);
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
      request({ profile: clientProfile({ keyAlgorithm }), publicKeySpki }),
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
      const asked = request({ profile: clientProfile({ keyAlgorithm }), publicKeySpki });
      expect(refusal(() => authority.prepare(asked, undefined))).toEqual({
        code: 'certificate_check_failed',
        details: { rule: 'public-key-algorithm', expected: keyAlgorithm, found },
      });
    }
  });

  it('is refused for a key that is no point of the curve', () => {
    const publicKeySpki = deviceKey.publicKeySpki.slice().fill(0x11, 30);
    expect(
      refusal(() => unlocked(quickCeremony()).prepare(request({ publicKeySpki }), undefined)).details.rule,
    ).toBe('public-key');
  });

  it('never outgrows the promised size', () => {
    const authority = unlocked(quickCeremony());
    const sizes = Array.from({ length: 100 }, () => {
      const prepared = authority.prepare(request(), undefined);
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
          const prepared = authority.prepare(request({ values: { site, deviceSerial } }), undefined);
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
        refusal(() => unlocked(quickCeremony()).prepare(request({ certificateSerial }), undefined)).code,
      ).toBe('certificate_check_failed');
    },
  );
});

describe('a prepared certificate', () => {
  it('is good for one signature', () => {
    const authority = unlocked(quickCeremony());
    const prepared = authority.prepare(request(), undefined);
    authority.issue(prepared);
    expect(refusal(() => authority.issue(prepared)).code).toBe('prepared_already_used');
  });

  it('is spent also when the signature could not be made', () => {
    const authority = unlocked(quickCeremony());
    const prepared = authority.prepare(request(), undefined);
    authority.lock();
    expect(refusal(() => authority.issue(prepared)).code).toBe('authority_locked');
    authority.unlock(passphrase());
    expect(refusal(() => authority.issue(prepared)).code).toBe('prepared_already_used');
  });

  it('cannot be copied, made up, or carried to another authority', () => {
    const folder = quickCeremony();
    const authority = unlocked(folder);
    const prepared = authority.prepare(request(), undefined);
    for (const forged of [{ ...prepared }, structuredClone({ ...prepared }), Object.create(prepared)]) {
      expect(refusal(() => authority.issue(forged)).code).toBe('prepared_already_used');
    }
    expect(refusal(() => unlocked(folder).issue(prepared)).code).toBe('prepared_already_used');
    expect(() => authority.issue(prepared)).not.toThrow();
  });

  it('signs what was checked, whatever happens to the bytes it shows', () => {
    const authority = unlocked(quickCeremony());
    const prepared = authority.prepare(request(), undefined);
    const before = Buffer.from(prepared.toBeSigned);
    prepared.toBeSigned.fill(0);
    expect(Buffer.from(authority.issue(prepared).certificateDer).includes(before)).toBe(true);
    expect(Object.isFrozen(prepared)).toBe(true);
  });
});

describe('the clock', () => {
  const folder = () => quickCeremony();

  it('must not run behind the newest certificate', () => {
    const authority = unlocked(folder());
    expect(() => authority.prepare(request(), NOW_MS)).not.toThrow();
    expect(refusal(() => authority.prepare(request(), NOW_MS + 1))).toEqual({
      code: 'clock_behind',
      details: { nowMs: NOW_MS, earliestMs: NOW_MS + 1, since: 'newest-certificate' },
    });
  });

  it('must not run behind the ceremony', () => {
    const nowMs = NOW_MS - 2 * DAY_MS;
    const authority = unlocked(folder(), fixedClock(nowMs));
    expect(refusal(() => authority.prepare(request(), undefined))).toMatchObject({
      code: 'clock_behind',
      details: { nowMs, since: 'issuing-ca' },
    });
  });

  it('ends issuing when the issuing CA ends', () => {
    const { notAfterMs } = openAuthority({ folder: folder(), clock: fixedClock(), random });
    const profile = clientProfile({ mayOutliveIssuer: true });
    const last = unlocked(folder(), fixedClock(notAfterMs));
    expect(() => last.prepare(request({ profile }), undefined)).not.toThrow();
    const late = unlocked(folder(), fixedClock(notAfterMs + 1));
    expect(refusal(() => late.prepare(request({ profile }), undefined))).toMatchObject({
      code: 'authority_invalid',
      details: { reason: 'expired', notAfterMs },
    });
  });

  it('refuses a leaf that outlives its issuer', () => {
    const { notAfterMs } = openAuthority({ folder: folder(), clock: fixedClock(), random });
    const authority = unlocked(folder(), fixedClock(notAfterMs - 300 * DAY_MS));
    expect(refusal(() => authority.prepare(request(), undefined))).toMatchObject({
      code: 'leaf_outlives_issuer',
      details: { issuerNotAfterMs: notAfterMs },
    });
    const forever = clientProfile({ validity: { until: '99991231235959Z' }, mayOutliveIssuer: true });
    const { certificateDer } = authority.issue(authority.prepare(request({ profile: forever }), undefined));
    expect(new X509Certificate(certificateDer).validTo).toBe('Dec 31 23:59:59 9999 GMT');
  });
});

describe('unlocking', () => {
  it('takes the right passphrase, and locking forgets the key', () => {
    const authority = openAuthority({ folder: quickCeremony(), clock: fixedClock(), random });
    expect(authority.locked).toBe(true);
    expect(refusal(() => authority.unlock(passphrase('wrong horse'))).code).toBe('passphrase_wrong');
    expect(authority.locked).toBe(true);
    authority.unlock(passphrase());
    expect(authority.locked).toBe(false);
    authority.lock();
    expect(authority.locked).toBe(true);
  });

  it('lends the passphrase and neither keeps nor wipes it', () => {
    const lent = passphrase();
    const authority = openAuthority({ folder: quickCeremony(), clock: fixedClock(), random });
    authority.unlock(lent);
    expect(lent.wiped).toBe(false);
    lent.wipe();
    expect(() => authority.issue(authority.prepare(request(), undefined))).not.toThrow();
  });

  it('does not need the key of the root', () => {
    const folder = quickCeremony();
    rmSync(join(folder, 'root.key.pem'));
    rmSync(join(folder, 'authority.json'));
    const authority = unlocked(folder);
    expect(() => authority.issue(authority.prepare(request(), undefined))).not.toThrow();
  });

  it('refuses the key of another CA', () => {
    const folder = quickCeremony();
    copyFileSync(join(folder, 'root.key.pem'), join(folder, 'issuing.key.pem'));
    expect(refusal(() => unlocked(folder))).toMatchObject({
      code: 'authority_invalid',
      details: { reason: 'key-of-another-ca' },
    });
  });

  it('says when the key file is gone', () => {
    const folder = quickCeremony();
    rmSync(join(folder, 'issuing.key.pem'));
    const authority = openAuthority({ folder, clock: fixedClock(), random });
    expect(refusal(() => authority.unlock(passphrase()))).toEqual({
      code: 'authority_missing',
      details: { path: join(folder, 'issuing.key.pem') },
    });
  });

  it('is not needed to prepare', () => {
    const authority = openAuthority({ folder: quickCeremony(), clock: fixedClock(), random });
    expect(() => authority.prepare(request(), undefined)).not.toThrow();
  });
});

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
    const { certificateDer } = authority.issue(authority.prepare(request(), undefined));
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
        const prepared = authority.prepare(request(), undefined);
        const { certificateDer } = authority.issue(prepared);
        expect(new X509Certificate(certificateDer).verify(issuing.key.publicKey)).toBe(true);
        expect(certificateDer.length).toBeLessThanOrEqual(prepared.maxCertificateSizeBytes);
      }
    },
  );
});
