import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockIssuer, batchValidity } from '../../../../core/authority/batch/blockIssuer.ts';
import { deviceKeyMaker, ellipticKeyEncoder } from '../../../../core/authority/batch/deviceKey.ts';
import { certificateTemplate } from '../../../../core/authority/batch/template.ts';
import { decideNames } from '../../../../core/authority/content.ts';
import type { CaSigner } from '../../../../core/authority/signing/signer.ts';
import { readCertificate, subjectKeyIdentifierOf } from '../../../../core/authority/x509/certificate.ts';
import { buildToBeSigned } from '../../../../core/authority/x509/tbsBuilder.ts';
import { OID } from '../../../../core/der/oids.ts';
import { oid, sequence } from '../../../../core/der/writer.ts';
import type { CertificateSerial } from '../../../../core/domain/certificateSerial.ts';
import { newCertificateSerial } from '../../../../core/domain/certificateSerial.ts';
import { parseDeviceSerial } from '../../../../core/domain/device.ts';
import { toHex } from '../../../../core/domain/hex.ts';
import {
  EXTENDED_KEY_USAGES,
  KEY_ALGORITHMS,
  type PatternValues,
  type Profile,
  parseProfile,
  SUBJECT_ATTRIBUTES,
} from '../../../../core/domain/profile.ts';
import { deviceProfile, deviceSerials, systemRandom } from '../../../support/batchFixture.ts';
import { testIssuing, testRoot } from '../../../support/testAuthority.ts';

const issuing = testIssuing(testRoot());
const issuer = readCertificate(issuing.certificateDer);
const subjectKeyIdentifier = subjectKeyIdentifierOf(issuer) ?? new Uint8Array();
/** RSA keys take long to make: one of each size has to do. */
const makers = KEY_ALGORITHMS.map((algorithm) => {
  const maker = deviceKeyMaker(algorithm);
  const rsaKey = algorithm.startsWith('RSA') ? maker() : undefined;
  return () => rsaKey ?? maker();
});
const scheme = { algorithmDer: issuing.signer.algorithmDer, digest: 'sha256', maxSignatureSizeBytes: 72 };

/** The plain path: the library's encoder. */
const plain = (
  profile: Profile,
  serial: CertificateSerial,
  spki: Uint8Array,
  values: PatternValues,
  nowMs: number,
): Uint8Array => {
  const { subject, altNames } = decideNames(profile, values);
  return buildToBeSigned(
    {
      certificateSerial: serial,
      issuerNameDer: issuer.subjectDer,
      subject,
      ...batchValidity(profile, issuing.certificateDer, nowMs),
      publicKeySpki: spki,
      extensions: {
        certificateAuthority: undefined,
        keyUsage: profile.keyUsage,
        extendedKeyUsage: profile.extendedKeyUsage,
        authorityKeyIdentifier: subjectKeyIdentifier,
        altNames,
      },
    },
    scheme,
  );
};

const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 '()+,./:=?-]{0,20}[A-Za-z0-9]$/);
const wide = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .map((text) => `x${text.replace(/[\p{C}\p{Z}{}]/gu, '_')}x`);
const attribute = fc.constantFrom(...SUBJECT_ATTRIBUTES).chain((name) => {
  const text = name.startsWith('matter')
    ? fc.constantFrom('FFF1', '8000')
    : name === 'C'
      ? fc.constantFrom('DE', 'CH')
      : name === 'DC'
        ? fc.constantFrom('a', 'example')
        : name === 'serialNumber' || name === 'dnQualifier'
          ? word
          : wide;
  return fc.record({
    attribute: fc.constant(name),
    value:
      name === 'C' || name === 'DC' || name.startsWith('matter')
        ? text
        : fc.oneof(text, fc.constantFrom('{deviceSerial}', 'u-{order}', '{site}')),
  });
});
const profileArbitrary = fc
  .record({
    subject: fc.array(attribute, { minLength: 1, maxLength: 6 }),
    uris: fc.subarray(['urn:dev:ops:{deviceSerial}', 'https://example.com/{order}', 'urn:fixed:1']),
    dnsNames: fc.subarray(['fixed.example', 'sub.fixed.example']),
    ipAddresses: fc.subarray(['192.0.2.1', '2001:db8::7']),
    hardwareModule: fc.option(
      fc.record({
        type: fc.constantFrom('1.3.6.1.4.1.99999.1', '2.999.7'),
        serial: fc.constantFrom('{deviceSerial}', 'fixed-1'),
      }),
      { nil: undefined },
    ),
    keyAlgorithm: fc.constantFrom(...KEY_ALGORITHMS),
    validity: fc.oneof(
      fc.record({ days: fc.integer({ min: 1, max: 3000 }) }),
      fc.constant({ until: '99991231235959Z' }),
    ),
    extendedKeyUsage: fc.subarray([...EXTENDED_KEY_USAGES]),
    keyUsage: fc.subarray(['digitalSignature', 'nonRepudiation', 'keyAgreement'], { minLength: 1 }),
  })
  .map(({ uris, dnsNames, ipAddresses, hardwareModule, keyUsage, ...rest }) =>
    parseProfile(
      {
        ...rest,
        name: 'random',
        version: 1,
        description: '',
        mayOutliveIssuer: true,
        subjectAltName: { uris, dnsNames, ipAddresses, hardwareModule },
        keyUsage: rest.keyAlgorithm.startsWith('RSA')
          ? keyUsage.map((usage) => (usage === 'keyAgreement' ? 'keyEncipherment' : usage))
          : keyUsage,
      },
      'random',
    ),
  );
const valuesArbitrary = fc.record({
  deviceSerial: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.:+/-]{0,60}$/),
  order: fc.stringMatching(/^[A-Za-z0-9-]{1,40}$/),
  site: fc.constantFrom('Werk 1', 'Plant'),
});

/** Hundreds of certificates by the slow path too: minutes on a machine that is busy otherwise. */
const TIMEOUT_MS = 240_000;

describe('the template', { timeout: TIMEOUT_MS }, () => {
  it('gives the bytes of the plain path, for random profiles, names and serials', () => {
    fc.assert(
      fc.property(
        profileArbitrary,
        fc.array(valuesArbitrary, { minLength: 2, maxLength: 5 }),
        fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2030-01-01') }),
        (profile, devices, nowMs) => {
          const makeKey = makers[KEY_ALGORITHMS.indexOf(profile.keyAlgorithm)];
          const [first] = devices;
          if (makeKey === undefined || first === undefined) throw new Error('unreachable');
          const reference = plain(profile, newCertificateSerial(systemRandom), makeKey().spki, first, nowMs);
          const template = certificateTemplate(profile, reference);
          for (const values of devices) {
            const { spki } = makeKey();
            const serial = newCertificateSerial(systemRandom);
            expect(toHex(template.fill(serial, spki, values))).toBe(
              toHex(plain(profile, serial, spki, values, nowMs)),
            );
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('refuses a value as the plain path does', () => {
    const profile = deviceProfile();
    const { spki } = deviceKeyMaker('P-256')();
    const serial = newCertificateSerial(systemRandom);
    const template = certificateTemplate(
      profile,
      plain(profile, serial, spki, { deviceSerial: 'a' }, Date.now()),
    );
    expect(() => template.fill(serial, spki, {})).toThrow(expect.objectContaining({ code: 'value_invalid' }));
    expect(() => template.fill(serial, spki, { deviceSerial: 'x'.repeat(65) })).toThrow(
      expect.objectContaining({ code: 'name_value_invalid' }),
    );
  });
});

describe('a device key', () => {
  it.each(KEY_ALGORITHMS)('of kind %s has the encoding that node:crypto writes', (algorithm) => {
    const { spki, pkcs8 } = deviceKeyMaker(algorithm)();
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    expect(toHex(key.export({ format: 'der', type: 'pkcs8' }))).toBe(toHex(pkcs8));
    expect(toHex(createPublicKey(key).export({ format: 'der', type: 'spki' }))).toBe(toHex(spki));
  });

  it('keeps leading zeros of the private number', () => {
    const encode = ellipticKeyEncoder(sequence(oid(OID.ecPublicKey), oid(OID.prime256v1)), 32);
    const one = new Uint8Array(32);
    one[31] = 1;
    // The public key of the private number 1 is the curve's base point (SEC 2, 2.4.2).
    const point = Buffer.from(
      '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
      'hex',
    );
    const { pkcs8 } = encode(one, point);
    const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
    expect(toHex(key.export({ format: 'der', type: 'pkcs8' }))).toBe(toHex(pkcs8));
  });

  it.each(['P-256', 'P-384'] as const)(
    'of kind %s signs and is verified, a thousand times without a repetition',
    (algorithm) => {
      const make = deviceKeyMaker(algorithm);
      const seen = new Set<string>();
      for (let index = 0; index < 1000; index += 1) {
        const { spki, pkcs8 } = make();
        seen.add(toHex(spki));
        if (index % 20 !== 0) continue;
        const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
        const signature = sign('sha256', spki, key);
        const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
        expect(verify('sha256', spki, publicKey, signature)).toBe(true);
      }
      expect(seen.size).toBe(1000);
    },
  );
});

describe('a block', () => {
  const devices = deviceSerials(20).map((deviceSerial) => ({
    deviceSerial,
    certificateSerial: newCertificateSerial(systemRandom),
    values: {},
  }));
  const plan = (changes: Partial<ConstructorParameters<typeof BlockIssuer>[0]> = {}) => ({
    profile: deviceProfile(),
    validity: batchValidity(deviceProfile(), issuing.certificateDer, Date.now()),
    verifySignatures: true,
    recheckEvery: 3,
    ...changes,
  });

  it('holds a certificate per device, signed by the CA, with its key in the output', () => {
    const block = new BlockIssuer(plan(), issuing.signer).issue(devices);
    const lines = Buffer.from(block.output)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const ca = new X509Certificate(issuing.certificateDer);
    for (const [index, device] of devices.entries()) {
      const der = block.certificates[index]?.certificateDer ?? new Uint8Array();
      const certificate = new X509Certificate(der);
      expect(certificate.verify(ca.publicKey)).toBe(true);
      expect(block.certificates[index]?.certificateSha256).toBe(
        certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      );
      expect(block.certificates[index]?.notAfterMs).toBe(Date.parse(certificate.validTo));
      expect(certificate.subject).toBe(`O=Acme\nCN=${device.deviceSerial}`);
      expect(certificate.serialNumber.toLowerCase()).toBe(device.certificateSerial);
      expect(certificate.checkPrivateKey(createPrivateKey(lines[index].privateKey))).toBe(true);
      expect(new X509Certificate(lines[index].certificate).fingerprint256).toBe(certificate.fingerprint256);
      expect(lines[index].certificateSha256).toBe(
        certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
      );
    }
  });

  it('refuses a faulty signature, every one of them', () => {
    let signatures = 0;
    const faulty: CaSigner = {
      ...issuing.signer,
      sign: (bytes) => issuing.signer.sign(signatures++ === 7 ? bytes.subarray(1) : bytes),
    };
    expect(() => new BlockIssuer(plan(), faulty).issue(devices)).toThrow(
      expect.objectContaining({
        code: 'signature_check_failed',
        details: { deviceSerial: devices[7]?.deviceSerial },
      }),
    );
  });

  it('without the check of each, still takes every so many apart', () => {
    const faulty: CaSigner = { ...issuing.signer, sign: (bytes) => issuing.signer.sign(bytes.subarray(1)) };
    const unchecked = new BlockIssuer(plan({ verifySignatures: false }), faulty);
    expect(() => unchecked.issue(devices)).toThrow(
      expect.objectContaining({ code: 'signature_check_failed' }),
    );
  });

  it('is not begun for a profile that outlives the issuer', () => {
    const profile = deviceProfile({ validity: { days: 36_525 } });
    expect(() => batchValidity(profile, issuing.certificateDer, Date.now())).toThrow(
      expect.objectContaining({ code: 'leaf_outlives_issuer' }),
    );
  });

  it('is not begun for a name that does not fit', () => {
    const hostile = [
      { ...devices[0], deviceSerial: parseDeviceSerial('a'), values: { site: 'x\n' } },
    ] as typeof devices;
    const profile = deviceProfile({ subject: [{ attribute: 'O', value: '{site}' }] });
    expect(() => new BlockIssuer(plan({ profile }), issuing.signer).issue(hostile)).toThrow(
      expect.objectContaining({ code: 'name_value_invalid' }),
    );
  });
});
