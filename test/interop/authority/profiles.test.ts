import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { X509Certificate, X509ChainBuilder } from '@peculiar/x509';
import { afterAll, describe, expect, it } from 'vitest';
import { BlockIssuer, batchValidity } from '../../../core/authority/batch/blockIssuer.ts';
import { lintCertificate } from '../../../core/authority/lint/lint.ts';
import { loadProfiles } from '../../../core/authority/profileStore.ts';
import { distinguishedName } from '../../../core/authority/x509/name.ts';
import { toPem, toPemChain } from '../../../core/der/pem.ts';
import { newCertificateSerial } from '../../../core/domain/certificateSerial.ts';
import { type Profile, parseProfile } from '../../../core/domain/profile.ts';
import { deviceSerials, systemRandom } from '../../support/batchFixture.ts';
import { hasTool, temporaryFolder, toolOutput } from '../../support/openssl.ts';
import { testIssuing, testRoot } from '../../support/testAuthority.ts';

const files = temporaryFolder();
afterAll(files.remove);
const root = testRoot();
const issuing = testIssuing(root);
const pai = testIssuing(root, {
  subjectDer: distinguishedName([
    { attribute: 'CN', value: 'Test PAI' },
    { attribute: 'matterVendorId', value: 'FFF1' },
  ]),
});
const issuerOf = (profile: Profile) => (profile.name === 'matter-dac' ? pai : issuing);
const rootFile = files.write('root.pem', toPemChain([root.certificateDer]));
const issuingFile = files.write('issuing.pem', toPemChain([issuing.certificateDer, pai.certificateDer]));
const shipped = [
  ...loadProfiles(fileURLToPath(new URL('../../../resources/profiles', import.meta.url))).values(),
];
const values = { site: 'Plant 1', serverName: 'edge.example', hardwareId: 'hw-1', order: 'order-1' };

/** Ours with every kind of key and a hardware module name, which no shipped profile has. */
const idevid = shipped.find((one) => one.name === 'idevid');
const withModule = parseProfile(
  {
    ...idevid,
    name: 'idevid-module',
    subjectAltName: { hardwareModule: { type: '1.3.6.1.4.1.99999.1', serial: '{hardwareId}' } },
  },
  'test',
);
const profiles = [
  ...shipped,
  withModule,
  ...(['P-384', 'Ed25519', 'RSA-3072'] as const).map((keyAlgorithm) =>
    parseProfile(
      { ...shipped.find((one) => one.name === 'tls-client'), name: keyAlgorithm.toLowerCase(), keyAlgorithm },
      'test',
    ),
  ),
];

const issue = (profile: Profile, count: number): readonly Uint8Array[] =>
  new BlockIssuer(
    {
      profile,
      validity: batchValidity(profile, issuerOf(profile).certificateDer, Date.now()),
      verifySignatures: true,
      recheckEvery: 1,
    },
    issuerOf(profile).signer,
  )
    .issue(
      deviceSerials(count).map((deviceSerial) => ({
        deviceSerial,
        certificateSerial: newCertificateSerial(systemRandom),
        values,
      })),
    )
    .certificates.map((one) => one.certificateDer);

describe.each(profiles.map((profile) => [profile.name, profile] as const))('the profile %s', (_, profile) => {
  const [leafDer = new Uint8Array()] = issue(profile, 1);
  const issuerDer = issuerOf(profile).certificateDer;
  const leafFile = files.write(`${profile.name}.pem`, toPem('CERTIFICATE', leafDer));

  it('passes the linter', () => {
    const context = {
      kind: 'leaf',
      issuerDer,
      mayOutliveIssuer: profile.mayOutliveIssuer,
    } as const;
    expect(lintCertificate(leafDer, context)).toEqual([]);
  });

  it('passes the chain builder of the X.509 library', async () => {
    const chain = new X509ChainBuilder({
      certificates: [new X509Certificate(issuerDer), new X509Certificate(root.certificateDer)],
    });
    expect(await chain.build(new X509Certificate(leafDer))).toHaveLength(3);
  });

  it.skipIf(!hasTool('openssl', 'version'))('passes openssl verify -x509_strict', () => {
    const check = ['verify', '-x509_strict', '-CAfile', rootFile, '-untrusted', issuingFile];
    expect(toolOutput('openssl', [...check, leafFile])).toContain('OK');
    toolOutput('openssl', ['asn1parse', '-in', leafFile]);
  });

  it.skipIf(!hasTool('certtool'))('passes certtool --verify', () => {
    const chain = files.write('chain.pem', toPemChain([leafDer, issuerDer]));
    expect(
      toolOutput('certtool', ['--verify', '--load-ca-certificate', rootFile, '--infile', chain]),
    ).toContain('Chain verification output: Verified');
  });
});

describe('what a profile promises', () => {
  it('Matter: at most 600 bytes, whatever the signature', () => {
    const matter = shipped.find((one) => one.name === 'matter-dac');
    if (matter === undefined) throw new Error('not shipped');
    for (const der of issue(matter, 50)) expect(der.length).toBeLessThanOrEqual(600);
  });

  it.skipIf(!hasTool('openssl', 'version'))('hardwareModuleName: openssl shows the otherName', () => {
    const [der = new Uint8Array()] = issue(withModule, 1);
    const text = toolOutput('openssl', [
      'x509',
      '-in',
      files.write('module.pem', toPem('CERTIFICATE', der)),
      '-noout',
      '-text',
    ]);
    expect(text).toContain('othername: 1.3.6.1.5.5.7.8.4');
    expect(text).toContain('Dec 31 23:59:59 9999 GMT');
  });

  it.skipIf(!hasTool('openssl', 'version'))('a batch of 200 passes openssl verify -x509_strict', () => {
    const client = shipped.find((one) => one.name === 'tls-client');
    if (client === undefined) throw new Error('not shipped');
    const paths = issue(client, 200).map((der, index) =>
      files.write(`batch-${index}.pem`, toPem('CERTIFICATE', der)),
    );
    const output = toolOutput('openssl', [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslclient',
      '-CAfile',
      rootFile,
      '-untrusted',
      issuingFile,
      ...paths,
    ]);
    expect(output.match(/: OK$/gm)).toHaveLength(200);
  });
});
