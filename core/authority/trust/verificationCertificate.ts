// The proof that clouds ask for before they trust a CA: a certificate whose common name is their code, signed by the CA.

import { createHash, generateKeyPairSync } from 'node:crypto';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { fromHex } from '../../domain/hex.ts';
import { StationError } from '../../domain/stationError.ts';
import { readCertificate, subjectKeyIdentifierOf } from '../der/certificate.ts';
import { distinguishedName } from '../der/name.ts';
import { OID } from '../der/oids.ts';
import { childrenOf, readBitString, readElement } from '../der/reader.ts';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  time,
  unsignedInteger,
} from '../der/writer.ts';
import type { CaSigner } from '../signing/signer.ts';
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
  const issuerKeyIdentifier = subjectKeyIdentifierOf(issuer);
  if (issuerKeyIdentifier === undefined) {
    throw new StationError('authority_invalid', { reason: 'no-key-identifier' });
  }
  const spki = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey.export({
    type: 'spki',
    format: 'der',
  });
  const extension = (type: string, critical: boolean, value: Uint8Array): Uint8Array =>
    sequence(oid(type), ...(critical ? [boolean(true)] : []), octetString(value));
  const toBeSigned = sequence(
    explicit(0, integer(2)),
    unsignedInteger(fromHex(request.certificateSerial)),
    signer.algorithmDer,
    issuer.subjectDer,
    sequence(
      time(Math.max(nowMs - BACKDATE_MS, issuer.notBeforeMs)),
      time(Math.min(nowMs + VALIDITY_MS, issuer.notAfterMs)),
    ),
    distinguishedName([{ attribute: 'CN', value: code }]),
    spki,
    explicit(
      3,
      sequence(
        extension(OID.basicConstraints, false, sequence()),
        extension(OID.keyUsage, true, namedBits([0])),
        extension(OID.subjectKeyIdentifier, false, octetString(keyIdentifier(spki))),
        extension(OID.authorityKeyIdentifier, false, sequence(implicit(0, issuerKeyIdentifier))),
      ),
    ),
  );
  const signature = signer.sign(toBeSigned);
  if (!signer.verify(toBeSigned, signature)) throw new StationError('signature_check_failed', { what: code });
  return sequence(toBeSigned, signer.algorithmDer, bitString(signature));
}

/** RFC 5280 4.2.1.2 method 1. */
function keyIdentifier(spki: Uint8Array): Uint8Array {
  const [, key] = childrenOf(readElement(spki));
  return createHash('sha1')
    .update(key === undefined ? spki : readBitString(key))
    .digest();
}
