// The certificate extensions Keyline writes, each with the criticality that RFC 5280 4.2 gives it.

import { createHash } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage as ExtendedKeyUsageValue,
  Extension,
  GeneralName,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  OtherName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { readBitString, readChildren, readDer } from './derReader.ts';
import { der, objectIdentifier, sequence, TAG } from './derWriter.ts';
import {
  EXTENDED_KEY_USAGE_OIDS,
  EXTENSION_OIDS,
  type ExtendedKeyUsage,
  HARDWARE_MODULE_NAME_OID,
  type KeyUsageBit,
} from './oids.ts';
import type { AltName } from './subjectAltName.ts';

/** What the extensions of one certificate say. */
export interface ExtensionContent {
  /** Undefined: an end entity. */
  readonly certificateAuthority: { readonly pathLength: number } | undefined;
  readonly keyUsage: readonly KeyUsageBit[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  /** The issuer's own identifier, copied and never computed anew; undefined on a self-signed certificate. */
  readonly authorityKeyIdentifier: Uint8Array | undefined;
  readonly altNames: readonly AltName[];
}

/** RFC 5280 4.2.1.2 method 1: SHA-1 over the BIT STRING's octets. A name for the key, not a protection. */
export function keyIdentifierOf(publicKeySpki: Uint8Array): Uint8Array {
  const [, key] = readChildren(readDer(publicKeySpki), TAG.sequence);
  return Uint8Array.from(createHash('sha1').update(readBitString(key).bytes).digest());
}

/** The extensions in the order in which they are written. The subject is never empty, so the SAN is never critical. */
export function buildExtensions(content: ExtensionContent, publicKeySpki: Uint8Array): readonly Extension[] {
  const { certificateAuthority, keyUsage, extendedKeyUsage, authorityKeyIdentifier, altNames } = content;
  const list: Extension[] = [
    extension(
      EXTENSION_OIDS.basicConstraints,
      certificateAuthority !== undefined,
      new BasicConstraints(
        certificateAuthority ? { cA: true, pathLenConstraint: certificateAuthority.pathLength } : {},
      ),
    ),
    extension(
      EXTENSION_OIDS.keyUsage,
      true,
      new KeyUsage(keyUsage.reduce((bits, usage) => bits | KeyUsageFlags[usage], 0)),
    ),
  ];
  if (extendedKeyUsage.length > 0) {
    const oids = extendedKeyUsage.map((usage) => EXTENDED_KEY_USAGE_OIDS[usage]);
    list.push(extension(EXTENSION_OIDS.extendedKeyUsage, false, new ExtendedKeyUsageValue(oids)));
  }
  const subjectKeyIdentifier = new SubjectKeyIdentifier(keyIdentifierOf(publicKeySpki));
  list.push(extension(EXTENSION_OIDS.subjectKeyIdentifier, false, subjectKeyIdentifier));
  if (authorityKeyIdentifier) {
    const keyIdentifier = new KeyIdentifier(authorityKeyIdentifier);
    const value = new AuthorityKeyIdentifier({ keyIdentifier });
    list.push(extension(EXTENSION_OIDS.authorityKeyIdentifier, false, value));
  }
  if (altNames.length > 0) {
    const value = new SubjectAlternativeName(altNames.map(generalName));
    list.push(extension(EXTENSION_OIDS.subjectAltName, false, value));
  }
  return list;
}

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function generalName(name: AltName): GeneralName {
  const { value } = name;
  switch (name.kind) {
    case 'uri':
      return new GeneralName({ uniformResourceIdentifier: value });
    case 'dns':
      return new GeneralName({ dNSName: value });
    case 'ip':
      return new GeneralName({ iPAddress: value });
    case 'hardware-module':
      return new GeneralName({
        otherName: new OtherName({
          typeId: HARDWARE_MODULE_NAME_OID,
          value: Uint8Array.from(
            sequence(objectIdentifier(name.typeOid), der(TAG.octetString, Buffer.from(value, 'latin1'))),
          ).buffer,
        }),
      });
  }
}
