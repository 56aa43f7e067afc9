// A root, an issuing CA and leaves made with the DER writer and node:crypto alone, so that a test can get any of their
// fields wrong on purpose.

import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { type CaSigner, keySigner, signatureSchemeOf } from '../../core/authority/signing/signer.ts';
import { distinguishedName } from '../../core/authority/x509/name.ts';
import { OID } from '../../core/der/oids.ts';
import {
  bitString,
  boolean,
  element,
  explicit,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  time,
  unsignedInteger,
} from '../../core/der/writer.ts';

export interface TestKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly spki: Uint8Array;
}

export function testKey(
  algorithm: 'P-256' | 'P-384' | 'P-521' | 'Ed25519' | 'RSA-2048' | 'RSA-1024' = 'P-256',
): TestKey {
  const pair =
    algorithm === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : algorithm.startsWith('RSA')
        ? generateKeyPairSync('rsa', { modulusLength: Number(algorithm.slice(4)) })
        : generateKeyPairSync('ec', { namedCurve: algorithm });
  return { ...pair, spki: pair.publicKey.export({ type: 'spki', format: 'der' }) };
}

export const keyIdentifier = (spki: Uint8Array): Uint8Array =>
  // RFC 5280 4.2.1.2 method 1 over the BIT STRING of the key; JWK tells its octets for P-256 without parsing.
  createHash('sha1')
    .update(spki.subarray(spki.length - 65))
    .digest();

export interface TestExtension {
  readonly oid: string;
  readonly critical?: boolean;
  readonly value: Uint8Array;
}

export interface TestCertificate {
  readonly subjectDer: Uint8Array;
  readonly issuerDer?: Uint8Array;
  readonly key: TestKey;
  readonly issuerKey: KeyObject;
  readonly serialBytes?: Uint8Array;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly extensions: readonly TestExtension[];
  readonly version?: number;
}

export const extensionDer = ({ oid: type, critical, value }: TestExtension): Uint8Array =>
  sequence(oid(type), ...(critical === true ? [boolean(true)] : []), octetString(value));

export const DAY_MS = 86_400_000;

export function toBeSigned(certificate: TestCertificate): Uint8Array {
  const nowMs = Date.now();
  return sequence(
    explicit(0, integer((certificate.version ?? 3) - 1)),
    certificate.serialBytes === undefined
      ? unsignedInteger(Uint8Array.of(0x40 | ((randomBytes(1)[0] ?? 0) >> 2), ...randomBytes(19)))
      : element(0x02, certificate.serialBytes),
    signatureSchemeOf(certificate.issuerKey).algorithmDer,
    certificate.issuerDer ?? certificate.subjectDer,
    sequence(
      time(certificate.notBeforeMs ?? nowMs - DAY_MS),
      time(certificate.notAfterMs ?? nowMs + 365 * DAY_MS),
    ),
    certificate.subjectDer,
    certificate.key.spki,
    ...(certificate.extensions.length > 0
      ? [explicit(3, sequence(...certificate.extensions.map(extensionDer)))]
      : []),
  );
}

export function certificateDer(certificate: TestCertificate): Uint8Array {
  const tbs = toBeSigned(certificate);
  const { digest, algorithmDer } = signatureSchemeOf(certificate.issuerKey);
  return sequence(tbs, algorithmDer, bitString(sign(digest ?? null, tbs, certificate.issuerKey)));
}

export const name = (commonName: string, organization = 'Keyline test'): Uint8Array =>
  distinguishedName([
    { attribute: 'O', value: organization },
    { attribute: 'CN', value: commonName },
  ]);

export const basicConstraints = (ca: boolean, pathLength?: number): TestExtension => ({
  oid: OID.basicConstraints,
  critical: ca,
  value: sequence(...(ca ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
});
export const keyUsage = (...bits: number[]): TestExtension => ({
  oid: OID.keyUsage,
  critical: true,
  value: namedBits(bits),
});
export const subjectKeyId = (key: TestKey): TestExtension => ({
  oid: OID.subjectKeyIdentifier,
  value: octetString(keyIdentifier(key.spki)),
});
export const authorityKeyId = (key: TestKey): TestExtension => ({
  oid: OID.authorityKeyIdentifier,
  value: sequence(implicit(0, keyIdentifier(key.spki))),
});
export const extendedKeyUsage = (...oids: string[]): TestExtension => ({
  oid: OID.extendedKeyUsage,
  value: sequence(...oids.map(oid)),
});

export interface TestCa {
  readonly key: TestKey;
  readonly certificateDer: Uint8Array;
  readonly subjectDer: Uint8Array;
  readonly signer: CaSigner;
}

export function testRoot(commonName = 'Test root', overrides: Partial<TestCertificate> = {}): TestCa {
  const key = overrides.key ?? testKey();
  const subjectDer = overrides.subjectDer ?? name(commonName);
  const der = certificateDer({
    subjectDer,
    key,
    issuerKey: key.privateKey,
    notAfterMs: Date.now() + 20 * 365 * DAY_MS,
    extensions: [basicConstraints(true), keyUsage(5, 6), subjectKeyId(key)],
    ...overrides,
  });
  return { key, certificateDer: der, subjectDer, signer: keySigner(der, key.privateKey) };
}

export function testIssuing(root: TestCa, overrides: Partial<TestCertificate> = {}): TestCa {
  const key = overrides.key ?? testKey();
  const subjectDer = overrides.subjectDer ?? name('Test issuing');
  const der = certificateDer({
    subjectDer,
    issuerDer: root.subjectDer,
    key,
    issuerKey: root.key.privateKey,
    notAfterMs: Date.now() + 10 * 365 * DAY_MS,
    extensions: [basicConstraints(true, 0), keyUsage(5, 6), subjectKeyId(key), authorityKeyId(root.key)],
    ...overrides,
  });
  return { key, certificateDer: der, subjectDer, signer: keySigner(der, key.privateKey) };
}

export interface TestLeaf {
  readonly key: TestKey;
  readonly certificateDer: Uint8Array;
}

export function testLeaf(
  issuing: TestCa,
  commonName: string,
  overrides: Partial<TestCertificate> = {},
): TestLeaf {
  const key = overrides.key ?? testKey();
  const der = certificateDer({
    subjectDer: name(commonName),
    issuerDer: issuing.subjectDer,
    key,
    issuerKey: issuing.key.privateKey,
    extensions: [
      basicConstraints(false),
      keyUsage(0),
      extendedKeyUsage(OID.clientAuth),
      subjectKeyId(key),
      authorityKeyId(issuing.key),
    ],
    ...overrides,
  });
  return { key, certificateDer: der };
}

export const publicKeyOf = (spki: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
