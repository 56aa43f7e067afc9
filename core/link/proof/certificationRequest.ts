// A PKCS#10 request (RFC 2986) made by a device: its public key, and the proof that the device holds the private one.
// Written for what modems really send: the algorithm may carry a NULL parameter that RFC 5758 3.2 forbids.

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { OID } from '../../der/oids.ts';
import { type DerElement, readBitString, readElement, readOid, Sequence } from '../../der/reader.ts';
import { NULL, sequence, TAG } from '../../der/writer.ts';
import { StationError } from '../../domain/stationError.ts';

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

/** The hash that each algorithm signs with (RFC 5758 3.2). */
const SIGNATURE_HASHES: Readonly<Record<string, string>> = {
  [OID.ecdsaWithSha256]: 'sha256',
  [OID.ecdsaWithSha384]: 'sha384',
  [OID.ecdsaWithSha512]: 'sha512',
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

/** The parts of a request, still encoded. */
interface RequestParts {
  readonly information: DerElement;
  readonly subject: DerElement;
  readonly spki: DerElement;
  readonly identifier: DerElement;
  readonly nullParameter: boolean;
  readonly signature: DerElement;
}

function partsOf(der: Uint8Array): RequestParts {
  const request = new Sequence(readElement(der), 'request');
  const information = request.take(TAG.sequence);
  const algorithm = new Sequence(request.take(TAG.sequence), 'algorithm');
  const signature = request.take(TAG.bitString);
  request.end();
  // CertificationRequestInfo: version, subject, subjectPKInfo, [0] attributes (RFC 2986 4.1).
  const fields = new Sequence(information, 'information');
  fields.take(TAG.integer);
  const subject = fields.take(TAG.sequence);
  const spki = fields.take(TAG.sequence);
  const identifier = algorithm.take(TAG.oid);
  const nullParameter = algorithm.optional(TAG.null) !== undefined;
  algorithm.end();
  return { information, subject, spki, identifier, nullParameter, signature };
}

/** What the reader cannot make sense of is the device's fault. */
function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof StationError) || cause.code !== 'encoding_invalid') throw cause;
    throw invalid(String(cause.details.reason), cause);
  }
}

/**
 * Reads a request and checks its signature, which is the proof of possession. Throws `device_answer_invalid` when it is not
 * a request or the signature does not fit its own public key.
 */
export function readCertificationRequest(der: Uint8Array): CertificationRequest {
  if (der.length > MAX_SIZE_BYTES) throw invalid('too large');
  const parts = reading(() => partsOf(der));
  const { information, subject, spki, identifier, nullParameter, signature } = parts;
  const hash = SIGNATURE_HASHES[reading(() => readOid(identifier))];
  if (hash === undefined) throw invalid('signature algorithm');
  // The signature covers the inner part only, so a NULL in the outer algorithm does not touch it.
  const octets = reading(() => readBitString(signature));
  if (!verify(hash, information.raw, publicKeyOf(spki.raw), octets)) throw invalid('signature');
  return {
    der: Uint8Array.from(der),
    publicKeySpki: Uint8Array.from(spki.raw),
    subjectDer: Uint8Array.from(subject.raw),
    nullParameter,
    derWithNullParameter: sequence(information.raw, sequence(identifier.raw, NULL), signature.raw),
  };
}
