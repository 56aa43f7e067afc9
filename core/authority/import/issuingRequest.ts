// The paper that goes on the stick in an offline ceremony: an issuing CA asks, the root answers. Bytes in, bytes out; what
// reads and writes the folders is offlineCeremony.ts.

import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { CertificateSerial } from '../../domain/certificateSerial.ts';
import { StationError } from '../../domain/stationError.ts';
import { basicConstraintsOf, readCertificate, subjectKeyIdentifierOf } from '../der/certificate.ts';
import { distinguishedName, readName } from '../der/name.ts';
import { OID } from '../der/oids.ts';
import {
  bitString,
  boolean,
  element,
  explicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  TAG,
} from '../der/writer.ts';
import { lintCertificate, lintToBeSigned, refuseFindings } from '../lint/lint.ts';
import { readRequest, requestInvalid } from '../request/requestReader.ts';
import { type CaSigner, signatureSchemeOf } from '../signing/signer.ts';
import type { NameAttribute } from '../x509/nameEncoder.ts';
import { ATTRIBUTE_OIDS, type SubjectAttribute } from '../x509/oids.ts';
import { buildToBeSigned } from '../x509/tbsBuilder.ts';

/** A key that can sign a request for itself, in memory or on a token. */
export interface RequestKey {
  readonly publicKeySpki: Uint8Array;
  sign(toBeSigned: Uint8Array): Uint8Array;
}

export const requestKeyOf = (key: KeyObject): RequestKey => ({
  publicKeySpki: createPublicKey(key).export({ type: 'spki', format: 'der' }),
  sign: (toBeSigned) => sign(signatureSchemeOf(key).digest ?? null, toBeSigned, key),
});

/** A PKCS#10 request for an issuing CA (path length 0), signed with its key. */
export function issuingRequestDer(subject: readonly NameAttribute[], key: RequestKey): Uint8Array {
  const publicKey = createPublicKey({ key: Buffer.from(key.publicKeySpki), format: 'der', type: 'spki' });
  const { algorithmDer } = signatureSchemeOf(publicKey);
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
  return sequence(info, algorithmDer, bitString(key.sign(info)));
}

export interface IssuingSignature {
  /** As it came from the other machine, PEM or DER. */
  readonly request: Uint8Array;
  readonly root: CaSigner;
  readonly certificateSerial: CertificateSerial;
  /** Whole seconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/**
 * The issuing CA's certificate, signed by the root. Throws `request_invalid` for a request that asks for anything but an
 * issuing CA below a root, `key_weak`, `leaf_outlives_issuer`, `certificate_check_failed`, `signature_check_failed`.
 */
export function signIssuingRequest(order: IssuingSignature): Uint8Array {
  const request = readRequest(order.request);
  const asked = basicConstraintsOf({ extensions: request.requestedExtensions });
  if (asked?.certificateAuthority !== true) throw requestInvalid('asks-for-no-ca');
  if (asked.pathLength !== 0) throw requestInvalid('path-length');
  const root = readCertificate(order.root.certificateDer);
  if (order.notAfterMs > root.notAfterMs) {
    throw new StationError('leaf_outlives_issuer', {
      profile: 'issuing-ca',
      notAfterMs: order.notAfterMs,
      issuerNotAfterMs: root.notAfterMs,
    });
  }
  if (basicConstraintsOf(root)?.pathLength === 0) {
    throw new StationError('chain_invalid', { reason: 'path-length' });
  }
  const toBeSigned = buildToBeSigned(
    {
      certificateSerial: order.certificateSerial,
      issuerNameDer: root.subjectDer,
      subject: readName(request.subjectDer).map(asSubjectAttribute),
      notBeforeMs: order.notBeforeMs,
      notAfterMs: order.notAfterMs,
      publicKeySpki: request.publicKeySpki,
      extensions: {
        certificateAuthority: { pathLength: 0 },
        keyUsage: ['keyCertSign', 'cRLSign'],
        extendedKeyUsage: [],
        authorityKeyIdentifier: subjectKeyIdentifierOf(root),
        altNames: [],
      },
    },
    { algorithmDer: order.root.algorithmDer, digest: null, maxSignatureSizeBytes: 0 },
  );
  refuseFindings(lintToBeSigned(toBeSigned, { kind: 'ca', issuerDer: order.root.certificateDer }));
  const signature = order.root.sign(toBeSigned);
  if (!order.root.verify(toBeSigned, signature)) throw new StationError('signature_check_failed');
  const certificateDer = sequence(toBeSigned, order.root.algorithmDer, bitString(signature));
  refuseFindings(lintCertificate(certificateDer, { kind: 'ca', issuerDer: order.root.certificateDer }));
  return certificateDer;
}

function asSubjectAttribute({ attribute, value }: { attribute: string; value: string }): NameAttribute {
  if (!(attribute in ATTRIBUTE_OIDS)) throw requestInvalid('subject', { attribute });
  return { attribute: attribute as SubjectAttribute, value };
}
