// Object identifiers by the names that RFC 5280 and its neighbours give them.

import type { EXTENDED_KEY_USAGES, SUBJECT_ATTRIBUTES } from '../domain/profile.ts';

export const OID = {
  // keys and signatures: RFC 3279, RFC 5480, RFC 5758, RFC 8410
  ecPublicKey: '1.2.840.10045.2.1',
  prime256v1: '1.2.840.10045.3.1.7',
  secp384r1: '1.3.132.0.34',
  rsaEncryption: '1.2.840.113549.1.1.1',
  ed25519: '1.3.101.112',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ecdsaWithSha384: '1.2.840.10045.4.3.3',
  ecdsaWithSha512: '1.2.840.10045.4.3.4',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  sha384WithRsa: '1.2.840.113549.1.1.12',
  sha512WithRsa: '1.2.840.113549.1.1.13',
  // extensions: RFC 5280 4.2 and 5.2
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  issuingDistributionPoint: '2.5.29.28',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  anyExtendedKeyUsage: '2.5.29.37.0',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ipsecIke: '1.3.6.1.5.5.7.3.17',
  hardwareModuleName: '1.3.6.1.5.5.7.8.4',
  // requests: RFC 2985
  extensionRequest: '1.2.840.113549.1.9.14',
} as const;

/** RFC 5280 4.2.1.3, by bit number. */
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
  serverAuth: OID.serverAuth,
  clientAuth: OID.clientAuth,
  ipsecIKE: OID.ipsecIke,
};
