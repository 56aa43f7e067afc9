// The paper that goes on the stick in an offline ceremony: an issuing CA asks, the root answers. Bytes in, bytes out; what
// reads and writes the folders is offlineCeremony.ts.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { ATTRIBUTE_OIDS, OID, type SubjectAttribute } from '../../der/oids.ts';
import {
  boolean,
  element,
  explicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  TAG,
} from '../../der/writer.ts';
import type { Clock, Random } from '../../domain/clock.ts';
import { issuingCertificate } from '../caCertificate.ts';
import { readRequest, requestInvalid } from '../request/requestReader.ts';
import { assembleSigned, bareSigner, type CaSigner, signatureSchemeOf } from '../signing/signer.ts';
import { basicConstraintsOf } from '../x509/certificate.ts';
import { distinguishedName, type NameAttribute, readName } from '../x509/name.ts';
import { importPublicKey } from '../x509/publicKey.ts';

/** A key that can sign a request for itself, in memory or on a token. */
export interface RequestKey {
  readonly publicKeySpki: Uint8Array;
  sign(toBeSigned: Uint8Array): Uint8Array;
}

export const requestKeyOf = (key: KeyObject): RequestKey => ({
  publicKeySpki: createPublicKey(key).export({ type: 'spki', format: 'der' }),
  sign: bareSigner(key).sign,
});

/** A PKCS#10 request for an issuing CA (path length 0), signed with its key. */
export function issuingRequestDer(subject: readonly NameAttribute[], key: RequestKey): Uint8Array {
  const { algorithmDer } = signatureSchemeOf(importPublicKey(key.publicKeySpki));
  const extension = (type: string, value: Uint8Array): Uint8Array =>
    sequence(oid(type), boolean(true), octetString(value));
  const extensions = sequence(
    extension(OID.basicConstraints, sequence(boolean(true), integer(0))),
    extension(OID.keyUsage, namedBits([5, 6])),
  );
  const info = sequence(
    integer(0),
    distinguishedName(subject),
    key.publicKeySpki,
    explicit(0, sequence(oid(OID.extensionRequest), element(TAG.set, extensions))),
  );
  return assembleSigned(info, algorithmDer, key.sign(info));
}

/**
 * The issuing CA's certificate, signed by the root, for `years` at most. `request` is as it came from the other machine, PEM
 * or DER. Throws `request_invalid` for one that asks for anything but an issuing CA below a root, and what
 * {@link issuingCertificate} throws.
 */
export function signIssuingRequest(
  at: { readonly clock: Clock; readonly random: Random },
  request: Uint8Array,
  root: CaSigner,
  years: number,
): Uint8Array {
  const { requestedExtensions, subjectDer, publicKeySpki } = readRequest(request);
  const asked = basicConstraintsOf({ extensions: requestedExtensions });
  if (asked?.certificateAuthority !== true) throw requestInvalid('asks-for-no-ca');
  if (asked.pathLength !== 0) throw requestInvalid('path-length');
  const subject = readName(subjectDer).map(asSubjectAttribute);
  return issuingCertificate(at, { subject, publicKeySpki }, root, years);
}

function asSubjectAttribute({ attribute, value }: { attribute: string; value: string }): NameAttribute {
  if (!(attribute in ATTRIBUTE_OIDS)) throw requestInvalid('subject', { attribute });
  return { attribute: attribute as SubjectAttribute, value };
}
