// The certificate of a CA: a root signs its own, an issuing CA's comes from a root. The one place where they are put together,
// whether the ceremony is on one machine or on two.

import { newCertificateSerial } from '../domain/certificateSerial.ts';
import type { Clock, Random } from '../domain/clock.ts';
import { StationError } from '../domain/stationError.ts';
import { wholeSeconds } from './content.ts';
import { checkToBeSigned } from './lint/lint.ts';
import { type CaSigner, type Signer, signStructure } from './signing/signer.ts';
import { basicConstraintsOf, keyIdentifierOfCa, readCertificate } from './x509/certificate.ts';
import { checkNameValue, type NameAttribute } from './x509/name.ts';
import { buildToBeSigned, type CertificateContent } from './x509/tbsBuilder.ts';

const ROOT_YEARS = 30;
/** Room for back-dating the first leaves: no leaf begins before its issuer. */
const BACKDATE_MS = 24 * 60 * 60 * 1000;
/** The root may have issuing CAs below it, and they only leaves (RFC 5280 4.2.1.9). */
const PATH_LENGTHS = { root: 1, issuing: 0 } as const;

/** What a CA is called. */
export interface CaNames {
  readonly site: string;
  readonly commonName: string;
  /** Matter 6.2.2: makes a root a PAA of that vendor, and an issuing CA a PAI, which signs that vendor's devices only. */
  readonly matter?: { readonly vendorId: string; readonly productId?: string | undefined } | undefined;
}

/** Throws `name_value_invalid` for what cannot be written. */
export function caSubject({ site, commonName, matter }: CaNames): readonly NameAttribute[] {
  const subject: NameAttribute[] = [
    { attribute: 'O', value: site },
    { attribute: 'CN', value: commonName },
  ];
  if (matter !== undefined) subject.push({ attribute: 'matterVendorId', value: matter.vendorId });
  if (matter?.productId !== undefined) {
    subject.push({ attribute: 'matterProductId', value: matter.productId });
  }
  for (const { attribute, value } of subject) checkNameValue(attribute, value);
  return subject;
}

export interface CaHolder {
  readonly subject: readonly NameAttribute[];
  readonly publicKeySpki: Uint8Array;
}

interface At {
  readonly clock: Clock;
  readonly random: Random;
}

/** A root's certificate, signed with its own key. Throws `name_value_invalid`, `certificate_check_failed`. */
export function rootCertificate(at: At, holder: CaHolder, self: Signer): Uint8Array {
  return certify(at, holder, self, undefined, ROOT_YEARS);
}

/**
 * An issuing CA's certificate, good for `years` but never longer than its root. Throws `chain_invalid` under a CA that may
 * have no CAs below it, `name_value_invalid`, `certificate_check_failed`, `signature_check_failed`.
 */
export function issuingCertificate(at: At, holder: CaHolder, root: CaSigner, years: number): Uint8Array {
  if (basicConstraintsOf(readCertificate(root.certificateDer))?.pathLength === 0) {
    throw new StationError('chain_invalid', { reason: 'path-length' });
  }
  return certify(at, holder, root, root.certificateDer, years);
}

function certify(
  { clock, random }: At,
  { subject, publicKeySpki }: CaHolder,
  signer: Signer,
  issuerDer: Uint8Array | undefined,
  years: number,
): Uint8Array {
  const issuer = issuerDer && readCertificate(issuerDer);
  const notBeforeMs = wholeSeconds(clock.nowMs() - BACKDATE_MS);
  const content: CertificateContent = {
    certificateSerial: newCertificateSerial(random),
    issuerNameDer: issuer?.subjectDer,
    subject,
    notBeforeMs,
    notAfterMs: Math.min(
      yearsAfter(notBeforeMs, years) - 1000,
      issuer?.notAfterMs ?? Number.POSITIVE_INFINITY,
    ),
    publicKeySpki,
    extensions: {
      certificateAuthority: { pathLength: issuer ? PATH_LENGTHS.issuing : PATH_LENGTHS.root },
      keyUsage: ['keyCertSign', 'cRLSign'],
      extendedKeyUsage: [],
      // RFC 5280 4.2.1.1: may be left out of a self-signed certificate only.
      authorityKeyIdentifier: issuer && keyIdentifierOfCa(issuer),
      altNames: [],
    },
  };
  const toBeSigned = buildToBeSigned(content, signer);
  checkToBeSigned(toBeSigned, content, { algorithmDer: signer.algorithmDer, certificateDer: issuerDer });
  return signStructure(signer, toBeSigned, 'CA certificate');
}

function yearsAfter(ms: number, years: number): number {
  const date = new Date(ms);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}
