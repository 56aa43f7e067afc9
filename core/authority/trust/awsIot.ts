// AWS IoT Core: registering the CA (with or without the verification certificate), just-in-time provisioning, and bulk
// registration. The CA to register is the one that signs devices, not the root.

import { toPem } from '../../der/pem.ts';
import type { Profile } from '../../domain/profile.ts';
import { type ExportedDevice, type ExportedFile, jsonFile, type TrustMaterial, textFile } from './files.ts';
import { type CaDemands, checkCa, checkText, limitBroken } from './limits.ts';
import { type VerificationRequest, verificationCertificate } from './verificationCertificate.ts';

const CONSUMER = 'aws-iot';
const DEMANDS: CaDemands = {
  consumer: CONSUMER,
  keys: ['rsa', 'ec'],
  curves: ['prime256v1', 'secp384r1', 'secp521r1'],
  minRsaBits: 2048,
  maxPemCharacters: 65_536,
};
const TEMPLATE_MAX_CHARACTERS = 10_240;
const THING_NAME = /^[A-Za-z0-9:_-]{1,128}$/;

/** For `--certificate-mode SNI_ONLY`: devices must send the endpoint's full name, and no verification is asked for. */
export function exportAwsIotCa(material: TrustMaterial): readonly ExportedFile[] {
  return material.issuingDer.map((der, index) => {
    checkCa(der, material.nowMs, DEMANDS);
    return textFile(index === 0 ? 'aws-ca.pem' : `aws-ca-${index + 1}.pem`, toPem('CERTIFICATE', der));
  });
}

/** For `--certificate-mode DEFAULT`: CA certificate and the proof for the account's registration code. */
export function exportAwsIotRegistration(
  request: Omit<VerificationRequest, 'consumer'>,
): readonly ExportedFile[] {
  checkCa(request.signer.certificateDer, request.nowMs, DEMANDS);
  return [
    textFile('aws-ca.pem', toPem('CERTIFICATE', request.signer.certificateDer)),
    textFile(
      'aws-verification.pem',
      toPem('CERTIFICATE', verificationCertificate({ ...request, consumer: CONSUMER })),
    ),
  ];
}

/** The subject attributes that a provisioning template can refer to. */
const TEMPLATE_PARAMETERS: Readonly<Partial<Record<Profile['subject'][number]['attribute'], string>>> = {
  C: 'Country',
  O: 'Organization',
  OU: 'OrganizationalUnit',
  dnQualifier: 'DistinguishedNameQualifier',
  ST: 'StateName',
  CN: 'CommonName',
  serialNumber: 'SerialNumber',
};

/**
 * The just-in-time provisioning template: the thing is named by the common name. It refers only to what the profile's
 * certificates hold, because provisioning fails for a field that is missing.
 */
export function exportAwsJitpTemplate(options: {
  readonly profile: Profile;
  readonly roleArn: string;
  readonly policyName: string;
}): readonly ExportedFile[] {
  const { profile } = options;
  const roleArn = checkText(
    CONSUMER,
    'role-arn',
    options.roleArn,
    /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/,
  );
  const policyName = checkText(CONSUMER, 'policy-name', options.policyName, /^[\w+=,.@-]{1,128}$/);
  const names = profile.subject.map(({ attribute }) => TEMPLATE_PARAMETERS[attribute]);
  if (!names.includes('CommonName')) throw limitBroken(CONSUMER, 'profile-without-common-name', profile.name);
  const used = [...new Set(names.filter((name) => name !== undefined))];
  const parameter = (name: string): string => `AWS::IoT::Certificate::${name}`;
  const body = JSON.stringify({
    Parameters: Object.fromEntries([...used, 'Id'].map((name) => [parameter(name), { Type: 'String' }])),
    Resources: {
      thing: {
        Type: 'AWS::IoT::Thing',
        Properties: { ThingName: { Ref: parameter('CommonName') } },
      },
      certificate: {
        Type: 'AWS::IoT::Certificate',
        Properties: { CertificateId: { Ref: parameter('Id') }, Status: 'ACTIVE' },
      },
      policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: policyName } },
    },
  });
  if (body.length > TEMPLATE_MAX_CHARACTERS) throw limitBroken(CONSUMER, 'template-size', body.length);
  return [jsonFile('aws-jitp-template.json', { templateBody: body, roleArn })];
}

/** The template that goes with {@link awsBulkLines} in start-thing-registration-task. */
export function exportAwsBulkTemplate(policyName: string): readonly ExportedFile[] {
  checkText(CONSUMER, 'policy-name', policyName, /^[\w+=,.@-]{1,128}$/);
  const text = { Type: 'String' };
  return [
    jsonFile('aws-bulk-template.json', {
      Parameters: { ThingName: text, SerialNumber: text, CertificatePem: text, CACertificatePem: text },
      Resources: {
        thing: {
          Type: 'AWS::IoT::Thing',
          Properties: {
            ThingName: { Ref: 'ThingName' },
            AttributePayload: { serialNumber: { Ref: 'SerialNumber' } },
          },
        },
        certificate: {
          Type: 'AWS::IoT::Certificate',
          Properties: {
            CertificatePem: { Ref: 'CertificatePem' },
            CACertificatePem: { Ref: 'CACertificatePem' },
            Status: 'ACTIVE',
          },
        },
        policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: policyName } },
      },
    }),
  ];
}

/** One JSON object per device and line, for the file in S3. Throws `trust_limit` for a serial that names no thing. */
export function* awsBulkLines(devices: Iterable<ExportedDevice>, issuingDer: Uint8Array): Generator<string> {
  const caPem = toPem('CERTIFICATE', issuingDer);
  for (const { deviceSerial, certificateDer } of devices) {
    checkText(CONSUMER, 'thing-name', deviceSerial, THING_NAME);
    yield `${JSON.stringify({
      ThingName: deviceSerial,
      SerialNumber: deviceSerial,
      CertificatePem: toPem('CERTIFICATE', certificateDer),
      CACertificatePem: caPem,
    })}\n`;
  }
}
