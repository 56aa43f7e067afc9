// Azure IoT Hub and its Device Provisioning Service: proof of possession for a CA, and lists of individual enrolments.

import { toPem } from '../../der/pem.ts';
import { readCertificate } from '../x509/certificate.ts';
import { attributeOf } from '../x509/name.ts';
import { type ExportedDevice, type ExportedFile, textFile } from './files.ts';
import { type CaDemands, checkCa, checkText, limitBroken } from './limits.ts';
import { type VerificationRequest, verificationCertificate } from './verificationCertificate.ts';

const CONSUMER = 'azure-iot';
const DEMANDS: CaDemands = { consumer: CONSUMER, keys: ['rsa', 'ec'], minRsaBits: 2048 };
/** The service's bulk operation takes ten at a time. */
const ENROLMENTS_PER_CALL = 10;
/** Ends in a letter, a digit or a dash; 64 is the limit of the common name. */
const REGISTRATION_ID = /^(?=.{1,64}$)[A-Za-z0-9._:-]*[A-Za-z0-9-]$/;

/** CA certificate and the proof for the code that the portal shows. Root and issuing CA are verified alike. */
export function exportAzureVerification(
  request: Omit<VerificationRequest, 'consumer'>,
): readonly ExportedFile[] {
  checkCa(request.signer.certificateDer, request.nowMs, DEMANDS);
  return [
    textFile('azure-ca.pem', toPem('CERTIFICATE', request.signer.certificateDer)),
    textFile(
      'azure-verification.pem',
      toPem('CERTIFICATE', verificationCertificate({ ...request, consumer: CONSUMER })),
    ),
  ];
}

/**
 * Bodies of the bulk operation `create`, one JSON object per line, ten devices each. The leaf's common name must be the
 * registration id; two that differ only in case are one to the service. Throws `trust_limit`.
 */
export function* azureEnrolmentLines(devices: Iterable<ExportedDevice>): Generator<string> {
  const seen = new Set<string>();
  let enrollments: unknown[] = [];
  for (const { deviceSerial, certificateDer } of devices) {
    checkText(CONSUMER, 'registration-id', deviceSerial, REGISTRATION_ID);
    const commonName = attributeOf(readCertificate(certificateDer).subjectDer, 'CN');
    if (commonName !== deviceSerial) throw limitBroken(CONSUMER, 'common-name', deviceSerial);
    const key = deviceSerial.toLowerCase();
    if (seen.has(key)) throw limitBroken(CONSUMER, 'same-but-for-case', deviceSerial);
    seen.add(key);
    enrollments.push({
      registrationId: deviceSerial,
      deviceId: deviceSerial,
      attestation: {
        type: 'x509',
        x509: { clientCertificates: { primary: { certificate: toPem('CERTIFICATE', certificateDer) } } },
      },
    });
    if (enrollments.length === ENROLMENTS_PER_CALL) {
      yield callBody(enrollments);
      enrollments = [];
    }
  }
  if (enrollments.length > 0) yield callBody(enrollments);
}

const callBody = (enrollments: readonly unknown[]): string =>
  `${JSON.stringify({ mode: 'create', enrollments })}\n`;
