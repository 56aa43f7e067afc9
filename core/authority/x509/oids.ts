// Object identifiers by the names that profiles and reports use.

import type { EXTENDED_KEY_USAGES, SUBJECT_ATTRIBUTES } from '../../domain/profile.ts';

export type SubjectAttribute = (typeof SUBJECT_ATTRIBUTES)[number];
export type ExtendedKeyUsage = (typeof EXTENDED_KEY_USAGES)[number];

/** RFC 4519 and RFC 5280 appendix A. */
export const ATTRIBUTE_OIDS: Readonly<Record<SubjectAttribute, string>> = {
  C: '2.5.4.6',
  ST: '2.5.4.8',
  L: '2.5.4.7',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  CN: '2.5.4.3',
  serialNumber: '2.5.4.5',
  dnQualifier: '2.5.4.46',
  DC: '0.9.2342.19200300.100.1.25',
  // The Connectivity Standards Alliance's arc (Matter 6.2.2).
  matterVendorId: '1.3.6.1.4.1.37244.2.1',
  matterProductId: '1.3.6.1.4.1.37244.2.2',
};

/** RFC 5280 4.2.1.12 and RFC 4945 5.1.3.12. */
export const EXTENDED_KEY_USAGE_OIDS: Readonly<Record<ExtendedKeyUsage, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ipsecIKE: '1.3.6.1.5.5.7.3.17',
};

export const EXTENSION_OIDS = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** RFC 4108 5: the form of an otherName. */
export const HARDWARE_MODULE_NAME_OID = '1.3.6.1.5.5.7.8.4';

/** RFC 5280 4.2.1.3: the bits of keyUsage, the first being bit 0. */
export const KEY_USAGE_BITS = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsageBit = (typeof KEY_USAGE_BITS)[number];
