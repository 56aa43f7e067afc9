// Certificate revocation lists (RFC 5280 5) written in DER: 100,000 entries in a fraction of a second, where the X.509
// library takes minutes and cannot read its own lists back. It knows nothing of who was revoked and why it came to that.

import { OID } from '../../der/oids.ts';
import {
  boolean,
  element,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  TAG,
  time,
  unsignedInteger,
} from '../../der/writer.ts';
import type { RevocationReason } from '../../domain/credential.ts';
import { fromHex } from '../../domain/hex.ts';
import { StationError } from '../../domain/stationError.ts';
import { type CaSigner, signStructure } from '../signing/signer.ts';
import { keyIdentifierOfCa, readCertificate } from '../x509/certificate.ts';

export interface RevokedCertificate {
  /** Lower-case hex, at most 20 octets (an imported CA may have issued shorter ones than ours). */
  readonly certificateSerial: string;
  readonly revokedAtMs: number;
  readonly reason: RevocationReason;
}

export interface CrlContent {
  /** RFC 5280 5.2.3: rises with every list of this CA. */
  readonly crlNumber: number | bigint;
  readonly thisUpdateMs: number;
  /** Most servers refuse every device once this has passed. */
  readonly nextUpdateMs: number;
  readonly entries: Iterable<RevokedCertificate>;
  /** EMQX wants this extension, and the same URI in the certificates; others must not be given it. */
  readonly distributionPointUri?: string | undefined;
}

/** RFC 5280 5.3.1. `unspecified` is missing on purpose: the extension is then left out. */
export const REASON_CODES = {
  keyCompromise: 1,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  privilegeWithdrawn: 9,
} as const satisfies Record<Exclude<RevocationReason, 'unspecified'>, number>;

const CRL_VERSION_2 = integer(1);
/** RFC 5280 5.2.3: at most 20 octets, the sign bit included. */
const CRL_NUMBER_LIMIT = 2n ** 159n;

const extension = (type: string, critical: boolean, value: Uint8Array): Uint8Array =>
  sequence(oid(type), ...(critical ? [boolean(true)] : []), octetString(value));

const reasonExtensions = new Map<string, Uint8Array>(
  Object.entries(REASON_CODES).map(([reason, code]) => [
    reason,
    sequence(extension(OID.reasonCode, false, element(TAG.enumerated, Uint8Array.of(code)))),
  ]),
);

/**
 * Writes and signs one CA's list and verifies the signature. Throws `value_invalid` for a number, a serial or dates that
 * RFC 5280 does not allow, and for a serial that comes twice; `signature_check_failed` when the signature does not hold.
 */
export function writeCrl(issuer: CaSigner, content: CrlContent): Uint8Array {
  const ca = readCertificate(issuer.certificateDer);
  const keyIdentifier = keyIdentifierOfCa(ca);
  const crlNumber = BigInt(content.crlNumber);
  if (crlNumber < 0n || crlNumber >= CRL_NUMBER_LIMIT) throw invalid('crlNumber', 'range');
  if (!(content.nextUpdateMs > content.thisUpdateMs)) throw invalid('nextUpdate', 'not-after-thisUpdate');
  const entries = encodeEntries(content.entries);
  const toBeSigned = sequence(
    CRL_VERSION_2,
    issuer.algorithmDer,
    ca.subjectDer,
    time(content.thisUpdateMs),
    time(content.nextUpdateMs),
    // RFC 5280 5.1.2.6: without entries the list is absent, not empty.
    ...(entries.length === 0 ? [] : [sequence(entries)]),
    explicit(
      0,
      sequence(
        extension(OID.authorityKeyIdentifier, false, sequence(implicit(0, keyIdentifier))),
        extension(OID.crlNumber, false, integer(crlNumber)),
        ...(content.distributionPointUri === undefined
          ? []
          : [distributionPoint(content.distributionPointUri)]),
      ),
    ),
  );
  return signStructure(issuer, toBeSigned, 'CRL');
}

/** All entries one after another: too many to be handed on as arguments. */
function encodeEntries(entries: Iterable<RevokedCertificate>): Uint8Array {
  const encoded: Uint8Array[] = [];
  const seen = new Set<string>();
  let lastSecond = Number.NaN;
  let lastTime: Uint8Array = new Uint8Array();
  for (const { certificateSerial, revokedAtMs, reason } of entries) {
    if (!/^(?:[0-9a-f]{2}){1,20}$/.test(certificateSerial) || /^0+$/.test(certificateSerial)) {
      throw invalid('certificateSerial', 'form');
    }
    if (seen.has(certificateSerial)) throw invalid('certificateSerial', 'twice');
    seen.add(certificateSerial);
    const second = Math.floor(revokedAtMs / 1000);
    if (second !== lastSecond) {
      lastTime = time(revokedAtMs);
      lastSecond = second;
    }
    const serial = unsignedInteger(fromHex(certificateSerial));
    const extensions = reasonExtensions.get(reason);
    encoded.push(
      extensions === undefined ? sequence(serial, lastTime) : sequence(serial, lastTime, extensions),
    );
  }
  return Buffer.concat(encoded);
}

/** RFC 5280 5.2.5, critical: fullName with one URI. */
function distributionPoint(uri: string): Uint8Array {
  if (!/^https?:\/\/[\x21-\x7e]+$/.test(uri)) throw invalid('distributionPointUri', 'form');
  const fullName = element(0xa0, implicit(6, Buffer.from(uri, 'latin1')));
  return extension(OID.issuingDistributionPoint, true, sequence(element(0xa0, fullName)));
}

const invalid = (field: string, reason: string): StationError =>
  new StationError('value_invalid', { field, reason });
