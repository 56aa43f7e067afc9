import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { exportAkamai } from '../../../../core/authority/trust/akamai.ts';
import {
  awsBulkLines,
  exportAwsBulkTemplate,
  exportAwsIotRegistration,
  exportAwsJitpTemplate,
} from '../../../../core/authority/trust/awsIot.ts';
import { azureEnrolmentLines, exportAzureVerification } from '../../../../core/authority/trust/azureIot.ts';
import { exportCloudflare } from '../../../../core/authority/trust/cloudflare.ts';
import { deliveryManifest } from '../../../../core/authority/trust/deliveryManifest.ts';
import { csvField, type ExportedFile } from '../../../../core/authority/trust/files.ts';
import { fingerprintLines } from '../../../../core/authority/trust/fingerprints.ts';
import { nrfCloudFiles } from '../../../../core/authority/trust/nrfCloud.ts';
import { readPem } from '../../../../core/der/pem.ts';
import { newCertificateSerial } from '../../../../core/domain/certificateSerial.ts';
import { deviceProfile, systemRandom } from '../../../support/batchFixture.ts';
import { DAY_MS, testIssuing, testKey, testLeaf, testRoot } from '../../../support/testAuthority.ts';

const root = testRoot();
const issuing = testIssuing(root);
const nowMs = Date.now();
const material = { rootDer: root.certificateDer, issuingDer: [issuing.certificateDer], crlsDer: [], nowMs };
const leaf = testLeaf(issuing, 'SN-1');
const device = (deviceSerial: string, certificateDer = leaf.certificateDer) => ({
  deviceSerial,
  certificateDer,
});
const text = (files: readonly ExportedFile[], fileName: string): string =>
  Buffer.from(files.find((one) => one.fileName === fileName)?.bytes ?? new Uint8Array()).toString();
const limit = (name: string) =>
  expect.objectContaining({ code: 'trust_limit', details: expect.objectContaining({ limit: name }) });

const CODE = '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
const request = {
  code: CODE,
  signer: issuing.signer,
  certificateSerial: newCertificateSerial(systemRandom),
  nowMs,
};

describe('the proof of possession', () => {
  it.each([
    ['AWS', () => text(exportAwsIotRegistration(request), 'aws-verification.pem')],
    ['Azure', () => text(exportAzureVerification(request), 'azure-verification.pem')],
  ])('for %s has the code as its common name and the CA as its issuer', (_, make) => {
    const certificate = new X509Certificate(make());
    expect(certificate.subject).toBe(`CN=${CODE}`);
    expect(certificate.ca).toBe(false);
    expect(certificate.verify(new X509Certificate(issuing.certificateDer).publicKey)).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(issuing.certificateDer))).toBe(true);
    expect(certificate.serialNumber.toLowerCase()).toBe(request.certificateSerial);
    expect(Date.parse(certificate.validTo) - nowMs).toBeLessThanOrEqual(30 * DAY_MS);
  });

  it.each(['', 'short', `${CODE}\n`, 'abc\u0000defgh', '../../etc/passwd', `${CODE}0`, 'CN=x,O=evil'])(
    'is refused for the code %j',
    (code) => {
      expect(() => exportAwsIotRegistration({ ...request, code })).toThrow(limit('registration-code'));
    },
  );

  it('is refused for a CA that the cloud would not take', () => {
    const edwards = testIssuing(root, { key: testKey('Ed25519') });
    expect(() => exportAzureVerification({ ...request, signer: edwards.signer })).toThrow(
      limit('key-algorithm'),
    );
    const expired = testIssuing(root, { notAfterMs: nowMs - 1000, notBeforeMs: nowMs - DAY_MS });
    expect(() => exportAwsIotRegistration({ ...request, signer: expired.signer })).toThrow(
      limit('not-in-validity'),
    );
  });
});

describe('AWS', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/JITPRole';

  it('is given a template that names only what the certificates hold', () => {
    const files = exportAwsJitpTemplate({ profile: deviceProfile(), roleArn, policyName: 'devices' });
    const outer = JSON.parse(text(files, 'aws-jitp-template.json'));
    expect(outer.roleArn).toBe(roleArn);
    const body = JSON.parse(outer.templateBody);
    expect(Object.keys(body.Parameters)).toEqual([
      'AWS::IoT::Certificate::Organization',
      'AWS::IoT::Certificate::CommonName',
      'AWS::IoT::Certificate::Id',
    ]);
    expect(body.Resources.thing.Properties.ThingName).toEqual({ Ref: 'AWS::IoT::Certificate::CommonName' });
  });

  it('is not given one that it would refuse', () => {
    const profile = deviceProfile({ subject: [{ attribute: 'O', value: 'Acme' }] });
    expect(() => exportAwsJitpTemplate({ profile, roleArn, policyName: 'p' })).toThrow(
      limit('profile-without-common-name'),
    );
    expect(() => exportAwsJitpTemplate({ profile: deviceProfile(), roleArn: 'x', policyName: 'p' })).toThrow(
      limit('role-arn'),
    );
    expect(() => exportAwsJitpTemplate({ profile: deviceProfile(), roleArn, policyName: 'a b' })).toThrow(
      limit('policy-name'),
    );
  });

  it('is given one JSON object per device and line, with exactly the keys of the template', () => {
    const template = JSON.parse(text(exportAwsBulkTemplate('devices'), 'aws-bulk-template.json'));
    const lines = [...awsBulkLines([device('SN-1'), device('SN-2')], issuing.certificateDer)];
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line.endsWith('}\n') && line.indexOf('\n') === line.length - 1).toBe(true);
      expect(Object.keys(JSON.parse(line))).toEqual(Object.keys(template.Parameters));
    }
    expect(new X509Certificate(JSON.parse(lines[0] ?? '').CertificatePem).subject).toContain('CN=SN-1');
    expect(() => [...awsBulkLines([device('SN/1')], issuing.certificateDer)]).toThrow(limit('thing-name'));
  });
});

describe('Azure', () => {
  it('is given ten enrolments per call', () => {
    const devices = Array.from({ length: 23 }, (_, index) => {
      const serial = `SN-${index}`;
      return device(serial, testLeaf(issuing, serial, { key: leaf.key }).certificateDer);
    });
    const calls = [...azureEnrolmentLines(devices)].map((line) => JSON.parse(line));
    expect(calls.map((call) => call.enrollments.length)).toEqual([10, 10, 3]);
    expect(calls[2].enrollments[2].registrationId).toBe('SN-22');
    expect(calls[0].mode).toBe('create');
  });

  it('is not given what it would refuse', () => {
    const enrol = (...devices: ReturnType<typeof device>[]) => [...azureEnrolmentLines(devices)];
    expect(() => enrol(device('SN/1'))).toThrow(limit('registration-id'));
    expect(() => enrol(device('SN-1.'))).toThrow(limit('registration-id'));
    expect(() => enrol(device('SN-2'))).toThrow(limit('common-name'));
    // Which of the many it is.
    expect(() => enrol(device('SN-2'))).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ value: 'SN-2' }) }),
    );
    const lower = testLeaf(issuing, 'sn-1').certificateDer;
    expect(() => enrol(device('SN-1'), device('sn-1', lower))).toThrow(limit('same-but-for-case'));
  });
});

describe('edge networks', () => {
  it('are given root and issuing CA', () => {
    expect(readPem(text(exportAkamai(material, 'plant-1'), 'plant-1.pem'))).toHaveLength(2);
    const body = JSON.parse(text(exportCloudflare(material, 'plant 1'), 'cloudflare-ca.json'));
    const chain = readPem(body.certificates).map((one) => new X509Certificate(one.der).subject);
    expect(chain).toEqual(['O=Keyline test\nCN=Test issuing', 'O=Keyline test\nCN=Test root']);
    expect(body).toMatchObject({ ca: true, name: 'plant 1' });
  });

  it('are not given what they would refuse', () => {
    expect(() => exportAkamai(material, 'ab')).toThrow(limit('set-name'));
    expect(() => exportAkamai(material, 'a...b')).toThrow(limit('set-name'));
    const asLeaf = { ...material, issuingDer: [leaf.certificateDer] };
    expect(() => exportAkamai(asLeaf, 'plant')).toThrow(limit('not-a-ca'));
    const edwards = {
      ...material,
      issuingDer: [testIssuing(root, { key: testKey('Ed25519') }).certificateDer],
    };
    expect(() => exportCloudflare(edwards, 'plant')).toThrow(limit('key-algorithm'));
    const many = { ...material, issuingDer: Array.from({ length: 6 }, () => issuing.certificateDer) };
    expect(() => exportCloudflare(many, 'plant')).toThrow(limit('uploads'));
  });
});

describe('nRF Cloud', () => {
  const options = { subType: 'gateway', tags: ['a', 'b'], firmwareTypes: ['APP', 'MODEM'] };

  it('is given files of at most 1,000 rows', () => {
    const devices = Array.from({ length: 2001 }, (_, index) => device(`nrf-${index}`));
    const files = [...nrfCloudFiles(devices, options)];
    expect(files.map((one) => one.fileName)).toEqual([
      'nrf-cloud-0001.csv',
      'nrf-cloud-0002.csv',
      'nrf-cloud-0003.csv',
    ]);
    const rows = files.map(
      (one) =>
        Buffer.from(one.bytes)
          .toString()
          .match(/-----BEGIN/g)?.length,
    );
    expect(rows).toEqual([1000, 1000, 1]);
    const content = text(files, 'nrf-cloud-0003.csv');
    expect(content).toMatch(/^nrf-2000,gateway,a\|b,APP\|MODEM,"-----BEGIN CERTIFICATE-----\n/);
    expect(content).not.toContain('\r');
    expect(content).toMatch(/-----END CERTIFICATE-----\n"\n$/);
  });

  it('is not given a device twice, or a field that breaks the row', () => {
    expect(() => [...nrfCloudFiles([device('a'), device('a')], options)]).toThrow(limit('device-id-twice'));
    expect(() => [...nrfCloudFiles([device('a,b')], options)]).toThrow(limit('device-id'));
    expect(() => [...nrfCloudFiles([], { ...options, tags: ['x|y'] })]).toThrow(limit('tag'));
    expect(() => [...nrfCloudFiles([], { ...options, subType: 'a\n' })]).toThrow(limit('sub-type'));
  });
});

describe('lists', () => {
  it('of fingerprints agree with node:crypto', () => {
    const [header, row] = [...fingerprintLines([device('SN-1')])];
    const reference = new X509Certificate(leaf.certificateDer);
    expect(header).toMatch(/^deviceSerial,/);
    expect(row?.split(',')[1]).toBe(reference.serialNumber.toLowerCase());
    expect(row?.split(',')[2]).toBe(reference.fingerprint256.replaceAll(':', '').toLowerCase());
  });

  it('quote what would break a row', () => {
    expect(csvField('a"b,c\n')).toBe('"a""b,c\n"');
    expect(csvField('plain')).toBe('plain');
  });

  it('for a delivery come with a signature', () => {
    const files = deliveryManifest({
      devices: [device('SN-1')],
      signer: issuing.signer,
      chainDer: [root.certificateDer],
    });
    const bytes = files.find((one) => one.fileName === 'manifest.csv')?.bytes ?? new Uint8Array();
    const signature = files.find((one) => one.fileName === 'manifest.sig')?.bytes ?? new Uint8Array();
    expect(issuing.signer.verify(bytes, signature)).toBe(true);
    expect(issuing.signer.verify(Buffer.concat([bytes, Buffer.of(10)]), signature)).toBe(false);
  });
});
