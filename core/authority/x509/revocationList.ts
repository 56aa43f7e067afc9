// Encodes a certificate revocation list, version 2, with the two extensions that RFC 5280 5.2 demands.

import type { RevocationReason } from '../../domain/credential.ts';
import { fromHex } from '../../domain/hex.ts';
import {
  contextTag,
  der,
  objectIdentifier,
  sequence,
  smallInteger,
  TAG,
  unsignedInteger,
} from './derWriter.ts';
import { EXTENSION_OIDS } from './oids.ts';
import type { SignatureScheme } from './signature.ts';

export interface RevokedEntry {
  readonly certificateSerial: string;
  readonly revokedAtMs: number;
  readonly reason: RevocationReason;
}

export interface RevocationListContent {
  readonly issuerNameDer: Uint8Array;
  readonly authorityKeyIdentifier: Uint8Array;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** Grows with every list (RFC 5280 5.2.3). */
  readonly listNumber: number;
  readonly revoked: readonly RevokedEntry[];
}

const CRL_NUMBER = '2.5.29.20';
const CRL_REASON = '2.5.29.21';
const ENUMERATED = 0x0a;
const VERSION_2 = 1;

/** CRLReason, RFC 5280 5.3.1. */
const REASON_CODES: Readonly<Record<RevocationReason, number>> = {
  unspecified: 0,
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
};

/** UTCTime through 2049, GeneralizedTime after it, whole seconds in UTC (RFC 5280 5.1.2.4). */
function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const utc = Number(digits.slice(0, 4)) < 2050;
  const text = `${utc ? digits.slice(2) : digits}Z`;
  return der(utc ? TAG.utcTime : TAG.generalizedTime, new TextEncoder().encode(text));
}

const extension = (oid: string, value: Uint8Array): Uint8Array =>
  sequence(objectIdentifier(oid), der(TAG.octetString, value));

function entry({ certificateSerial, revokedAtMs, reason }: RevokedEntry): Uint8Array {
  const code = REASON_CODES[reason];
  // RFC 5280 5.3.1: unspecified is said by leaving the extension out.
  const extensions =
    code === 0 ? [] : [sequence(extension(CRL_REASON, der(ENUMERATED, Uint8Array.of(code))))];
  return sequence(unsignedInteger(fromHex(certificateSerial)), time(revokedAtMs), ...extensions);
}

/** The DER of the TBSCertList (RFC 5280 5.1). */
export function buildRevocationList(content: RevocationListContent, scheme: SignatureScheme): Uint8Array {
  const { revoked } = content;
  const keyIdentifier = sequence(der(contextTag(0, 'primitive'), content.authorityKeyIdentifier));
  return sequence(
    smallInteger(VERSION_2),
    scheme.algorithmDer,
    content.issuerNameDer,
    time(content.thisUpdateMs),
    time(content.nextUpdateMs),
    // RFC 5280 5.1.2.6: absent where nothing is revoked.
    ...(revoked.length === 0 ? [] : [sequence(...revoked.map(entry))]),
    der(
      contextTag(0, 'constructed'),
      sequence(
        extension(EXTENSION_OIDS.authorityKeyIdentifier, keyIdentifier),
        extension(CRL_NUMBER, unsignedInteger(numberOctets(content.listNumber))),
      ),
    ),
  );
}

const numberOctets = (value: number): Uint8Array => {
  const digits = Math.trunc(value).toString(16);
  return fromHex(digits.padStart(digits.length + (digits.length % 2), '0'));
};
