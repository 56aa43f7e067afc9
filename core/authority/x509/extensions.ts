// The certificate extensions Keyline writes, each with the criticality that RFC 5280 4.2 gives it.

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
import { EXTENDED_KEY_USAGE_OIDS, type ExtendedKeyUsage, type KeyUsageBit, OID } from '../../der/oids.ts';
import { octetString, oid, sequence } from '../../der/writer.ts';
import { keyIdentifierOf } from './publicKey.ts';
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

/** The extensions in the order in which they are written. The subject is never empty, so the SAN is never critical. */
export function buildExtensions(content: ExtensionContent, publicKeySpki: Uint8Array): readonly Extension[] {
  const { certificateAuthority, keyUsage, extendedKeyUsage, authorityKeyIdentifier, altNames } = content;
  const list: Extension[] = [
    extension(
      OID.basicConstraints,
      certificateAuthority !== undefined,
      new BasicConstraints(
        certificateAuthority ? { cA: true, pathLenConstraint: certificateAuthority.pathLength } : {},
      ),
    ),
    extension(
      OID.keyUsage,
      true,
      new KeyUsage(keyUsage.reduce((bits, usage) => bits | KeyUsageFlags[usage], 0)),
    ),
  ];
  if (extendedKeyUsage.length > 0) {
    const purposes = extendedKeyUsage.map((usage) => EXTENDED_KEY_USAGE_OIDS[usage]);
    list.push(extension(OID.extendedKeyUsage, false, new ExtendedKeyUsageValue(purposes)));
  }
  const subjectKeyIdentifier = new SubjectKeyIdentifier(keyIdentifierOf(publicKeySpki));
  list.push(extension(OID.subjectKeyIdentifier, false, subjectKeyIdentifier));
  if (authorityKeyIdentifier) {
    const keyIdentifier = new KeyIdentifier(authorityKeyIdentifier);
    const value = new AuthorityKeyIdentifier({ keyIdentifier });
    list.push(extension(OID.authorityKeyIdentifier, false, value));
  }
  if (altNames.length > 0) {
    const value = new SubjectAlternativeName(altNames.map(generalName));
    list.push(extension(OID.subjectAltName, false, value));
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
          typeId: OID.hardwareModuleName,
          value: Uint8Array.from(sequence(oid(name.typeOid), octetString(Buffer.from(value, 'latin1'))))
            .buffer,
        }),
      });
  }
}
