// Certificate requests (PKCS#10, RFC 2986) as devices, servers and other tools write them. What comes in here is hostile:
// it is bounded first, read strictly, and its key is believed only after it has signed.

import { verify } from 'node:crypto';
import { OID } from '../../der/oids.ts';
import { readPemOrDer } from '../../der/pem.ts';
import {
  childrenOf,
  type DerElement,
  readElement,
  readOid,
  readSmallInteger,
  Sequence,
} from '../../der/reader.ts';
import { TAG } from '../../der/writer.ts';
import { StationError } from '../../domain/stationError.ts';
import { weakKey } from '../lint/fieldRules.ts';
import { type ReadExtension, readExtensions, readSigned } from '../x509/certificate.ts';
import { importPublicKey } from '../x509/publicKey.ts';

export interface CertificateRequestFile {
  readonly subjectDer: Uint8Array;
  /** SubjectPublicKeyInfo, DER; whoever made the request holds its private half. */
  readonly publicKeySpki: Uint8Array;
  /** What the request asks for; what it gets is the profile's to say. */
  readonly requestedExtensions: readonly ReadExtension[];
}

/** An RSA-4096 request with a dozen names has 2 KB. */
export const REQUEST_MAX_SIZE_BYTES = 16_384;
const EXTENSION_MAX_SIZE_BYTES = 4096;

/** RFC 2986 4.2 with the digests that are still sound; undefined: the algorithm has its own. */
const SIGNATURE_DIGESTS: ReadonlyMap<string, string | null> = new Map([
  [OID.ecdsaWithSha256, 'sha256'],
  [OID.ecdsaWithSha384, 'sha384'],
  [OID.ecdsaWithSha512, 'sha512'],
  [OID.sha256WithRsa, 'sha256'],
  [OID.sha384WithRsa, 'sha384'],
  [OID.sha512WithRsa, 'sha512'],
  [OID.ed25519, null],
]);

/**
 * Reads a request, PEM or DER. Throws `request_invalid` (too large, a signature that proves nothing), `key_weak`, or
 * `encoding_invalid`.
 */
export function readRequest(file: Uint8Array): CertificateRequestFile {
  if (file.length > REQUEST_MAX_SIZE_BYTES) {
    throw requestInvalid('request-too-large', { sizeBytes: file.length, limit: REQUEST_MAX_SIZE_BYTES });
  }
  const der = readPemOrDer(file, ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']);
  const signed = readSigned(der, 'request');
  const info = new Sequence(readElement(signed.toBeSigned), 'request');
  if (readSmallInteger(info.take(TAG.integer)) !== 0) throw requestInvalid('version');
  const subjectDer = info.take(TAG.sequence).raw;
  const publicKeySpki = info.take(TAG.sequence).raw;
  // RFC 2986 4.1 demands the attributes; some tools leave them out when there are none.
  const attributes = info.optional(0xa0);
  info.end();
  const weakness = weakKey(publicKeySpki);
  if (weakness !== undefined) throw new StationError('key_weak', { reason: weakness });
  checkPossession(signed, publicKeySpki);
  return {
    subjectDer,
    publicKeySpki,
    requestedExtensions: attributes === undefined ? [] : requestedExtensions(attributes),
  };
}

/** RFC 2986 3: the request is signed with the key that it is for. */
function checkPossession(signed: ReturnType<typeof readSigned>, spki: Uint8Array): void {
  const algorithm = readOid(new Sequence(readElement(signed.algorithmDer), 'algorithm').take());
  const digest = SIGNATURE_DIGESTS.get(algorithm);
  if (digest === undefined) throw requestInvalid('signature-algorithm', { algorithm });
  const key = importPublicKey(spki);
  let holds = false;
  try {
    holds = verify(digest, signed.toBeSigned, key, signed.signature);
  } catch {
    // An algorithm that does not go with the key.
  }
  if (!holds) throw requestInvalid('not-signed-by-its-key');
}

function requestedExtensions(attributes: DerElement): readonly ReadExtension[] {
  const found: ReadExtension[] = [];
  for (const attribute of childrenOf(attributes)) {
    const fields = new Sequence(attribute, 'attribute');
    const type = readOid(fields.take(TAG.oid));
    const values = childrenOf(fields.take(TAG.set));
    fields.end();
    // RFC 2985 5.4.2: single-valued. Challenge passwords and the like are passed over.
    if (type !== OID.extensionRequest) continue;
    const [list, ...more] = values;
    if (list === undefined || more.length > 0 || found.length > 0) throw requestInvalid('extension-request');
    found.push(...readExtensions(list));
  }
  const large = found.find((one) => one.value.length > EXTENSION_MAX_SIZE_BYTES);
  if (large !== undefined) throw requestInvalid('extension-too-large', { found: large.oid });
  return found;
}

export const requestInvalid = (reason: string, facts: Record<string, string | number> = {}): StationError =>
  new StationError('request_invalid', { reason, ...facts });
