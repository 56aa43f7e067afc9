// Holds what a request asks for against what its profile gives. The certificate's content comes from the profile alone;
// a request that wants something else is refused, so that nobody believes to have got it.

import { EXTENDED_KEY_USAGE_OIDS, OID } from '../../der/oids.ts';
import { childrenOf, readElement } from '../../der/reader.ts';
import type { Profile } from '../../domain/profile.ts';
import type { HolderNames } from '../content.ts';
import {
  basicConstraintsOf,
  extendedKeyUsageOf,
  keyUsageOf,
  type ReadExtension,
} from '../x509/certificate.ts';
import { nameForDisplay, readName } from '../x509/name.ts';
import { publicKeyAlgorithm } from '../x509/publicKey.ts';
import { generalName } from '../x509/subjectAltName.ts';
import { type CertificateRequestFile, requestInvalid } from './requestReader.ts';

/** Throws `request_invalid` with what goes beyond the profile: key, subject, a name, a usage, an extension. */
export function checkRequest(request: CertificateRequestFile, profile: Profile, names: HolderNames): void {
  const algorithm = publicKeyAlgorithm(request.publicKeySpki);
  if (algorithm !== profile.keyAlgorithm) {
    throw requestInvalid('key-algorithm', { expected: profile.keyAlgorithm, found: algorithm ?? 'unknown' });
  }
  checkSubject(request.subjectDer, names);
  for (const one of request.requestedExtensions) checkExtension(one, profile, names);
}

/** Each attribute that the request names must be in the certificate with the same value; it may name none. */
function checkSubject(subjectDer: Uint8Array, { subject }: HolderNames): void {
  for (const { attribute, value } of readName(subjectDer)) {
    if (!subject.some((one) => one.attribute === attribute && one.value === value)) {
      throw requestInvalid('subject', { attribute, found: nameForDisplay(subjectDer).slice(0, 200) });
    }
  }
}

function checkExtension(extension: ReadExtension, profile: Profile, names: HolderNames): void {
  const alone = { extensions: [extension] };
  switch (extension.oid) {
    case OID.basicConstraints:
      if (basicConstraintsOf(alone)?.certificateAuthority === true) throw requestInvalid('asks-for-a-ca');
      return;
    case OID.keyUsage: {
      const allowed: readonly string[] = profile.keyUsage;
      const beyond = keyUsageOf(alone)?.find((usage) => !allowed.includes(usage));
      if (beyond !== undefined) throw requestInvalid('key-usage', { found: beyond });
      return;
    }
    case OID.extendedKeyUsage: {
      const allowed: readonly string[] = profile.extendedKeyUsage.map((one) => EXTENDED_KEY_USAGE_OIDS[one]);
      // A profile without any leaves the extension out, which means every purpose.
      const beyond = extendedKeyUsageOf(alone)?.find((one) => allowed.length > 0 && !allowed.includes(one));
      if (beyond !== undefined) throw requestInvalid('extended-key-usage', { found: beyond });
      return;
    }
    case OID.subjectAltName: {
      const given = names.altNames.map(generalName);
      const beyond = childrenOf(readElement(extension.value)).find(
        ({ raw }) => !given.some((one) => Buffer.compare(one, raw) === 0),
      );
      if (beyond !== undefined) {
        throw requestInvalid('subject-alt-name', {
          found: Buffer.from(beyond.raw).toString('hex').slice(0, 200),
        });
      }
      return;
    }
    case OID.subjectKeyIdentifier:
      // Decided by the authority; asking for another does no harm.
      return;
    default:
      throw requestInvalid('extension', { found: extension.oid });
  }
}
