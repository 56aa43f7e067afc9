// What consumers demand of a CA certificate, checked before somebody uploads it and wonders.

import { X509Certificate } from 'node:crypto';
import { OID } from '../../der/oids.ts';
import { toPem } from '../../der/pem.ts';
import { readElement, readOid, Sequence } from '../../der/reader.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import { basicConstraintsOf, readCertificate } from '../x509/certificate.ts';
import { nameForDisplay } from '../x509/name.ts';

export type KeyKind = 'rsa' | 'ec' | 'ed25519' | 'other';

export interface CaDemands {
  readonly consumer: string;
  readonly keys: readonly KeyKind[];
  /** Curves by OpenSSL's names; undefined: any. */
  readonly curves?: readonly string[];
  readonly minRsaBits: number;
  readonly maxPemCharacters?: number;
}

const SHA2_SIGNATURES: readonly string[] = [
  OID.sha256WithRsa,
  OID.sha384WithRsa,
  OID.sha512WithRsa,
  OID.ecdsaWithSha256,
  OID.ecdsaWithSha384,
  OID.ecdsaWithSha512,
];

/** `trust_limit` with the consumer, the limit's name and the value that breaks it. */
export const limitBroken = (consumer: string, limit: string, value: string | number): StationError =>
  new StationError('trust_limit', {
    consumer,
    limit,
    value: typeof value === 'string' ? quoteForDisplay(value) : value,
  });

/** Throws `trust_limit` when the consumer would refuse this CA certificate. */
export function checkCa(certificateDer: Uint8Array, nowMs: number, demands: CaDemands): void {
  const { consumer } = demands;
  const certificate = readCertificate(certificateDer);
  const subject = nameForDisplay(certificate.subjectDer);
  if (basicConstraintsOf(certificate)?.certificateAuthority !== true)
    throw limitBroken(consumer, 'not-a-ca', subject);
  if (nowMs < certificate.notBeforeMs || nowMs > certificate.notAfterMs) {
    throw limitBroken(consumer, 'not-in-validity', subject);
  }
  const { publicKey } = new X509Certificate(certificateDer);
  const kind = keyKind(publicKey.asymmetricKeyType);
  const details = publicKey.asymmetricKeyDetails;
  if (!demands.keys.includes(kind)) throw limitBroken(consumer, 'key-algorithm', kind);
  if (kind === 'rsa' && (details?.modulusLength ?? 0) < demands.minRsaBits) {
    throw limitBroken(consumer, 'rsa-bits', details?.modulusLength ?? 0);
  }
  if (kind === 'ec' && demands.curves?.includes(details?.namedCurve ?? '') === false) {
    throw limitBroken(consumer, 'curve', details?.namedCurve ?? 'unknown');
  }
  const algorithm = readOid(new Sequence(readElement(certificate.algorithmDer), 'algorithm').take());
  const known =
    SHA2_SIGNATURES.includes(algorithm) || (algorithm === OID.ed25519 && demands.keys.includes('ed25519'));
  if (!known) throw limitBroken(consumer, 'signature-algorithm', algorithm);
  const pemCharacters = toPem('CERTIFICATE', certificateDer).length;
  if (pemCharacters > (demands.maxPemCharacters ?? Number.POSITIVE_INFINITY)) {
    throw limitBroken(consumer, 'pem-characters', pemCharacters);
  }
}

const keyKind = (type: string | undefined): KeyKind =>
  type === 'rsa' || type === 'ec' || type === 'ed25519' ? type : 'other';

/** A name or code that ends up inside a consumer's file; `trust_limit` when it does not fit `pattern`. */
export function checkText(consumer: string, limit: string, value: string, pattern: RegExp): string {
  if (!pattern.test(value)) throw limitBroken(consumer, limit, value);
  return value;
}
