// The set of lists that a server is given: one for every CA of the chain. nginx, HAProxy, Apache and Envoy turn every
// device away when one is missing or has expired, so a set that would do that is never written.

import { X509Certificate } from 'node:crypto';
import { toPem } from '../../der/pem.ts';
import { StationError } from '../../domain/stationError.ts';
import { verifierOf } from '../signing/signer.ts';
import { readCertificate, subjectKeyIdentifierOf } from '../x509/certificate.ts';
import { nameForDisplay } from '../x509/name.ts';
import { type ReadCrl, readCrl } from './crlReader.ts';

/** RFC 7468 6: the label is `X509 CRL`; OpenSSL, GnuTLS and strongSwan read no other. */
export const crlPem = (crlDer: Uint8Array): string => toPem('X509 CRL', crlDer);

export type CrlFreshness = 'fresh' | 'due' | 'expired';

/** Whether a list must be renewed: `due` from `warnBeforeMs` before its nextUpdate on. */
export function crlFreshness(crl: ReadCrl, nowMs: number, warnBeforeMs: number): CrlFreshness {
  const nextUpdateMs = crl.nextUpdateMs ?? Number.NEGATIVE_INFINITY;
  if (nowMs >= nextUpdateMs) return 'expired';
  return nowMs >= nextUpdateMs - warnBeforeMs ? 'due' : 'fresh';
}

/** Throws `crl_not_current` unless `crlDer` was signed by the CA of `caCertificateDer`; returns the list. */
export function verifyCrl(crlDer: Uint8Array, caCertificateDer: Uint8Array): ReadCrl {
  const crl = readCrl(crlDer);
  const ca = readCertificate(caCertificateDer);
  const refuse = (reason: string): StationError =>
    new StationError('chain_invalid', { reason, subject: nameForDisplay(ca.subjectDer) });
  if (Buffer.compare(crl.issuerDer, ca.subjectDer) !== 0) throw refuse('crl-of-another-issuer');
  const keyIdentifier = subjectKeyIdentifierOf(ca);
  if (
    keyIdentifier === undefined ||
    crl.authorityKeyIdentifier === undefined ||
    Buffer.compare(keyIdentifier, crl.authorityKeyIdentifier) !== 0
  ) {
    throw refuse('crl-of-another-key');
  }
  const { publicKey } = new X509Certificate(caCertificateDer);
  const { algorithmDer, verify } = verifierOf(publicKey);
  const sameAlgorithm = Buffer.compare(algorithmDer, crl.algorithmDer) === 0;
  if (!sameAlgorithm || !verify(crl.toBeSigned, crl.signature)) {
    throw refuse('crl-signature');
  }
  return crl;
}

/**
 * The PEM file with the list of every CA in `chainDer` (issuing CA first, root last). Throws `crl_not_current` when one is
 * missing, is not that CA's, or has expired at `nowMs`: such a file would lock every device out.
 */
export function crlSetPem(
  chainDer: readonly Uint8Array[],
  crlsDer: readonly Uint8Array[],
  nowMs: number,
): string {
  const ordered = chainDer.map((caDer) => {
    const { subjectDer } = readCertificate(caDer);
    const crlDer = crlsDer.find((der) => Buffer.compare(readCrl(der).issuerDer, subjectDer) === 0);
    const subject = nameForDisplay(subjectDer);
    if (crlDer === undefined) throw new StationError('crl_not_current', { reason: 'crl-missing', subject });
    if (crlFreshness(verifyCrl(crlDer, caDer), nowMs, 0) === 'expired') {
      throw new StationError('crl_not_current', { reason: 'crl-expired', subject });
    }
    return crlDer;
  });
  return ordered.map(crlPem).join('');
}
