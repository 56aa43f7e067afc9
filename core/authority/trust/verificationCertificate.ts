// The proof that clouds ask for before they trust a CA: a certificate whose common name is their code, signed by the CA.

import { generateKeyPairSync } from 'node:crypto';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { wholeSeconds } from '../content.ts';
import { checkToBeSigned } from '../lint/lint.ts';
import { type CaSigner, signStructure } from '../signing/signer.ts';
import { keyIdentifierOfCa, readCertificate } from '../x509/certificate.ts';
import { buildToBeSigned, type CertificateContent } from '../x509/tbsBuilder.ts';
import { checkText } from './limits.ts';

export interface VerificationRequest {
  readonly consumer: string;
  /** As the cloud gave it; letters and digits only, so that no name syntax or control character gets in. */
  readonly code: string;
  readonly signer: CaSigner;
  /** Reserved in the inventory, like that of any certificate of this CA. */
  readonly certificateSerial: CertificateSerial;
  readonly nowMs: number;
}

/** Codes are used at once; a certificate that nobody needs any more should not live on. */
const VALIDITY_MS = 30 * 86_400_000;
const BACKDATE_MS = 3_600_000;

/**
 * The certificate, DER. Its key is made here and thrown away at once: nobody needs it. Throws `trust_limit` for a code
 * that is not one, `signature_check_failed`.
 */
export function verificationCertificate(request: VerificationRequest): Uint8Array {
  const { signer, nowMs } = request;
  const code = checkText(request.consumer, 'registration-code', request.code, /^[A-Za-z0-9-]{8,64}$/);
  const issuer = readCertificate(signer.certificateDer);
  const content: CertificateContent = {
    certificateSerial: request.certificateSerial,
    issuerNameDer: issuer.subjectDer,
    subject: [{ attribute: 'CN', value: code }],
    notBeforeMs: Math.max(wholeSeconds(nowMs - BACKDATE_MS), issuer.notBeforeMs),
    notAfterMs: Math.min(wholeSeconds(nowMs + VALIDITY_MS), issuer.notAfterMs),
    publicKeySpki: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({
      type: 'spki',
      format: 'der',
    }),
    extensions: {
      certificateAuthority: undefined,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: [],
      authorityKeyIdentifier: keyIdentifierOfCa(issuer),
      altNames: [],
    },
  };
  const toBeSigned = buildToBeSigned(content, signer);
  checkToBeSigned(toBeSigned, content, signer);
  return signStructure(signer, toBeSigned, code);
}
