// A PKCS#10 request (RFC 2986) made by a device: its public key, and the proof that the device holds the private one.
// Written for what modems really send: the algorithm may carry a NULL parameter that RFC 5758 3.2 forbids.

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { StationError } from '../../domain/stationError.ts';
import { childOf, DER_TAGS, encodeSequence, readOnly } from './derReader.ts';

export interface CertificationRequest {
  /** As the device sent it. */
  readonly der: Uint8Array;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeySpki: Uint8Array;
  /** Name, DER: what the device would call itself. */
  readonly subjectDer: Uint8Array;
  /** The signature algorithm came with an explicit NULL, as old modem firmware writes it. */
  readonly nullParameter: boolean;
  /** The same request as such firmware writes it: a modem may have taken its digest over this form. */
  readonly derWithNullParameter: Uint8Array;
}

/** Longest request that is read at all: an RSA-4096 request with attributes stays well below. */
const MAX_SIZE_BYTES = 8_192;

/** Object identifiers, content octets in hex, and the hash each signs with (RFC 5758 3.2). */
const SIGNATURE_HASHES: Readonly<Record<string, string>> = {
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
};

const invalid = (reason: string, cause?: unknown): StationError =>
  new StationError('device_answer_invalid', { what: 'certification request', reason }, { cause });

function publicKeyOf(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw invalid('public key', cause);
  }
}

/**
 * Reads a request and checks its signature, which is the proof of possession. Throws `device_answer_invalid` when it is not
 * a request or the signature does not fit its own public key.
 */
export function readCertificationRequest(der: Uint8Array): CertificationRequest {
  if (der.length > MAX_SIZE_BYTES) throw invalid('too large');
  const request = readOnly(der, DER_TAGS.sequence);
  const information = childOf(request, 0, DER_TAGS.sequence);
  const algorithm = childOf(request, 1, DER_TAGS.sequence);
  const signature = childOf(request, 2, DER_TAGS.bitString);
  // CertificationRequestInfo: version, subject, subjectPKInfo, [0] attributes (RFC 2986 4.1).
  childOf(information, 0, DER_TAGS.integer);
  const subject = childOf(information, 1, DER_TAGS.sequence);
  const spki = childOf(information, 2, DER_TAGS.sequence);
  const identifier = childOf(algorithm, 0, DER_TAGS.objectId);
  const hash = SIGNATURE_HASHES[Buffer.from(identifier.content).toString('hex')];
  if (hash === undefined) throw invalid('signature algorithm');
  // The first octet of a BIT STRING counts unused bits, none here.
  if (signature.content[0] !== 0) throw invalid('signature');
  // The signature covers the inner part only, so a NULL in the outer algorithm does not touch it.
  const valid = verify(hash, information.whole, publicKeyOf(spki.whole), signature.content.subarray(1));
  if (!valid) throw invalid('signature');
  return {
    der: Uint8Array.from(der),
    publicKeySpki: Uint8Array.from(spki.whole),
    subjectDer: Uint8Array.from(subject.whole),
    nullParameter: algorithm.content.length > identifier.whole.length,
    derWithNullParameter: encodeSequence([
      information.whole,
      encodeSequence([identifier.whole, Uint8Array.of(0x05, 0x00)]),
      signature.whole,
    ]),
  };
}
