// Puts imported CA certificates in order, from the issuing CA up to its root, and refuses chains that some server would
// refuse later: unsigned, expired, looping, too long, or built with what the linter knows to break.

import { X509Certificate } from 'node:crypto';
import { sha256Hex } from '../../der/fingerprint.ts';
import { StationError } from '../../domain/stationError.ts';
import { lintCertificate } from '../lint/lint.ts';
import {
  authorityKeyIdentifierOf,
  isSelfIssued,
  readCertificate,
  subjectKeyIdentifierOf,
} from '../x509/certificate.ts';
import { nameForDisplay } from '../x509/name.ts';

/** Root, two levels, issuing CA: nobody needs more, and small devices cannot hold it. */
const MAX_CHAIN_LENGTH = 4;

/**
 * The chain of `issuingDer`, itself first, the root last, out of `poolDer` in whatever order and with whatever else is
 * there. Throws `chain_invalid` with reason and subject.
 */
export function orderChain(
  issuingDer: Uint8Array,
  poolDer: readonly Uint8Array[],
  nowMs: number,
): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  const seen = new Set<string>();
  let current: Uint8Array = issuingDer;
  for (;;) {
    const fingerprint = sha256Hex(current);
    if (seen.has(fingerprint)) throw broken('loop', current);
    if (chain.length === MAX_CHAIN_LENGTH) throw broken('too-long', current);
    seen.add(fingerprint);
    chain.push(current);
    const issuer = isRoot(current) ? current : issuerOf(current, poolDer);
    checkLink(current, issuer, nowMs);
    if (issuer === current) return chain;
    current = issuer;
  }
}

/** Self-issued and self-signed; a self-issued certificate signed by another key is not a root. */
function isRoot(der: Uint8Array): boolean {
  return isSelfIssued(readCertificate(der)) && signedBy(der, der);
}

function issuerOf(der: Uint8Array, poolDer: readonly Uint8Array[]): Uint8Array {
  const { issuerDer, ...certificate } = readCertificate(der);
  const keyIdentifier = authorityKeyIdentifierOf(certificate);
  const byName = poolDer.filter((one) => Buffer.compare(readCertificate(one).subjectDer, issuerDer) === 0);
  if (byName.length === 0) throw broken('issuer-missing', der);
  const byKey = byName.filter((one) => {
    const own = subjectKeyIdentifierOf(readCertificate(one));
    return keyIdentifier === undefined || own === undefined || Buffer.compare(own, keyIdentifier) === 0;
  });
  const signer = byKey.find((one) => signedBy(der, one));
  if (signer === undefined) throw broken('signature', der);
  return signer;
}

function checkLink(der: Uint8Array, issuerDer: Uint8Array, nowMs: number): void {
  const { notBeforeMs, notAfterMs } = readCertificate(der);
  if (nowMs > notAfterMs) throw broken('expired', der);
  if (nowMs < notBeforeMs) throw broken('not-yet-valid', der);
  const finding = lintCertificate(der, { kind: 'ca', issuerDer }).find((one) => one.severity === 'error');
  if (finding !== undefined) throw broken(finding.rule, der);
}

function signedBy(der: Uint8Array, issuerDer: Uint8Array): boolean {
  try {
    return new X509Certificate(der).verify(new X509Certificate(issuerDer).publicKey);
  } catch {
    return false;
  }
}

function broken(reason: string, der: Uint8Array): StationError {
  const subject = nameForDisplay(readCertificate(der).subjectDer).slice(0, 200);
  return new StationError('chain_invalid', { reason, subject });
}
