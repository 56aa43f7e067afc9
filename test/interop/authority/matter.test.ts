// Matter's three levels (Matter core specification 6.2.2): a PAA made by the ceremony of a root, a PAI by that of an issuing CA, and
// device attestation certificates below it, judged by openssl, GnuTLS and the X.509 library.

import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { X509Certificate, X509ChainBuilder } from '@peculiar/x509';
import { afterAll, describe, expect, it } from 'vitest';
import { BlockIssuer, batchValidity } from '../../../core/authority/batch/blockIssuer.ts';
import { caSubject, issuingCertificate, rootCertificate } from '../../../core/authority/caCertificate.ts';
import { lintCertificate } from '../../../core/authority/lint/lint.ts';
import { loadProfiles, profileNamed } from '../../../core/authority/profileStore.ts';
import { bareSigner, keySigner } from '../../../core/authority/signing/signer.ts';
import { toPem, toPemChain } from '../../../core/der/pem.ts';
import { newCertificateSerial } from '../../../core/domain/certificateSerial.ts';
import { systemClock } from '../../../core/domain/clock.ts';
import { deviceSerials, systemRandom } from '../../support/batchFixture.ts';
import { hasTool, temporaryFolder, toolOutput } from '../../support/openssl.ts';
import { testKey } from '../../support/testAuthority.ts';

const files = temporaryFolder();
afterAll(files.remove);
const at = { clock: systemClock, random: systemRandom };
const profiles = loadProfiles(fileURLToPath(new URL('../../../resources/profiles', import.meta.url)));
const dac = profileNamed(profiles, 'matter-dac');

const paaKey = testKey();
const paaDer = rootCertificate(
  at,
  { subject: caSubject({ site: 'Plant 7', commonName: 'Plant 7 Matter PAA' }), publicKeySpki: paaKey.spki },
  bareSigner(paaKey.privateKey),
);
const paa = keySigner(paaDer, paaKey.privateKey);

function pai(vendorId: string, productId?: string) {
  const key = testKey();
  const matter = { vendorId, productId };
  const subject = caSubject({ site: 'Plant 7', commonName: 'Plant 7 Matter PAI', matter });
  return keySigner(issuingCertificate(at, { subject, publicKeySpki: key.spki }, paa, 10), key.privateKey);
}

/** An issuing CA that is no PAI. */
function plainCa() {
  const key = testKey();
  const subject = caSubject({ site: 'Plant 7', commonName: 'Plant 7 Issuing CA' });
  return keySigner(issuingCertificate(at, { subject, publicKeySpki: key.spki }, paa, 10), key.privateKey);
}

const issue = (signer: ReturnType<typeof pai>, profile = dac): Uint8Array => {
  const validity = batchValidity(profile, signer.certificateDer, Date.now());
  const devices = deviceSerials(1).map((deviceSerial) => ({
    ...{ deviceSerial, values: { site: 'Plant 7' } },
    certificateSerial: newCertificateSerial(systemRandom),
  }));
  const made = new BlockIssuer({ profile, validity, verifySignatures: true, recheckEvery: 1 }, signer).issue(
    devices,
  );
  return made.certificates[0]?.certificateDer ?? new Uint8Array();
};

describe.each([
  ['for a vendor', pai('FFF1')],
  ['for a vendor and a product', pai('FFF1', '8000')],
])('a PAI %s', (_, signer) => {
  const leaf = issue(signer);
  const name = files.write.bind(files);

  it('and its device pass the linter, and stay within 600 bytes', () => {
    expect(lintCertificate(signer.certificateDer, { kind: 'ca', issuerDer: paaDer })).toEqual([]);
    const context = { kind: 'leaf', issuerDer: signer.certificateDer, mayOutliveIssuer: true } as const;
    expect(lintCertificate(leaf, context)).toEqual([]);
    for (const der of [paaDer, signer.certificateDer, leaf]) expect(der.length).toBeLessThanOrEqual(600);
  });

  it('stands in a chain for the X.509 library', async () => {
    const certificates = [signer.certificateDer, paaDer].map((der) => new X509Certificate(der));
    expect(await new X509ChainBuilder({ certificates }).build(new X509Certificate(leaf))).toHaveLength(3);
  });

  it.skipIf(!hasTool('openssl', 'version'))('stands in a chain for openssl -x509_strict', () => {
    const root = name('paa.pem', toPem('CERTIFICATE', paaDer));
    const between = name('pai.pem', toPem('CERTIFICATE', signer.certificateDer));
    const check = ['verify', '-x509_strict', '-CAfile', root, '-untrusted', between];
    expect(toolOutput('openssl', [...check, name('dac.pem', toPem('CERTIFICATE', leaf))])).toContain('OK');
    const text = toolOutput('openssl', ['x509', '-in', between, '-noout', '-text']);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(text).toMatch(/1\.3\.6\.1\.4\.1\.37244\.2\.1 ?= ?FFF1/);
  });

  it.skipIf(!hasTool('certtool'))('stands in a chain for certtool', () => {
    const root = name('paa.pem', toPem('CERTIFICATE', paaDer));
    const chain = name('chain.pem', toPemChain([leaf, signer.certificateDer]));
    expect(toolOutput('certtool', ['--verify', '--load-ca-certificate', root, '--infile', chain])).toContain(
      'Chain verification output: Verified',
    );
  });
});

describe('a CA', () => {
  it.each([
    ['of no vendor', plainCa(), dac, 'matter-vendor-of-issuer'],
    ['of another vendor', pai('FFF2'), dac, 'matter-vendor-of-issuer'],
    ['of another product', pai('FFF1', '8001'), dac, 'matter-product-of-issuer'],
    [
      'asked for a certificate that is no device’s',
      pai('FFF1'),
      profileNamed(profiles, 'ldevid'),
      'matter-vendor-of-issuer',
    ],
  ])('%s signs nothing', (_, signer, profile, rule) => {
    expect(() => issue(signer, profile)).toThrow(
      expect.objectContaining({ code: 'name_value_invalid', details: expect.objectContaining({ rule }) }),
    );
  });
});

describe('a PAI', () => {
  it.each(['fff1', 'FFF', 'FFF1 ', 'GGGG'])('is refused for the vendor %j', (vendorId) => {
    expect(() => pai(vendorId)).toThrow('name_value_invalid');
  });

  it('has no CAs below it', () => {
    const signer = pai('FFF1');
    const subject = caSubject({ site: 'Plant 7', commonName: 'Below' });
    expect(() => issuingCertificate(at, { subject, publicKeySpki: testKey().spki }, signer, 1)).toThrow(
      'path-length',
    );
  });
});
