// A site's PKI made on the spot for tests: root, issuing CA, device and server credentials, and the wrong ones too.
// Independent of core/authority on purpose, so that neither can hide the other's mistakes.

import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import type { KeyAlgorithm } from '../../core/domain/profile.ts';
import { Secret } from '../../core/domain/secret.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const ALGORITHMS = {
  'P-256': { key: { name: 'ECDSA', namedCurve: 'P-256' }, signature: { name: 'ECDSA', hash: 'SHA-256' } },
  'P-384': { key: { name: 'ECDSA', namedCurve: 'P-384' }, signature: { name: 'ECDSA', hash: 'SHA-384' } },
  Ed25519: { key: { name: 'Ed25519' }, signature: { name: 'Ed25519' } },
} as const satisfies Partial<Record<KeyAlgorithm, unknown>>;

export type TestKeyAlgorithm = keyof typeof ALGORITHMS;
export const TEST_KEY_ALGORITHMS = Object.keys(ALGORITHMS) as readonly TestKeyAlgorithm[];

export interface TestCredential {
  readonly certificateDer: Uint8Array;
  readonly certificateSha256: string;
  /** Lower-case hex. */
  readonly certificateSerial: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** A fresh copy each time, so that a test may wipe it. */
  privateKeyPkcs8(): Secret;
}

export interface LeafOptions {
  readonly commonName?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Empty: no such extension, any purpose. */
  readonly purposes?: readonly ('clientAuth' | 'serverAuth')[];
  readonly subjectAltName?: JsonGeneralNames;
  readonly algorithm?: TestKeyAlgorithm;
}

export interface TestPki {
  readonly rootDer: Uint8Array;
  readonly issuingDer: Uint8Array;
  readonly rootPem: string;
  readonly issuingPem: string;
  device(options?: LeafOptions): Promise<TestCredential>;
  server(options?: LeafOptions): Promise<TestCredential>;
  /** The same root with its next issuing CA, as after a roll-over. */
  rolledOver(): Promise<TestPki>;
  /** A device's certificate that is its own issuer. */
  selfSigned(): Promise<TestCredential>;
  /** A device below a CA that the issuing CA, whose path length is 0, had no right to make. */
  tooDeep(): Promise<{ readonly device: TestCredential; readonly betweenDer: Uint8Array }>;
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

export const SERVER_NAME = 'edge.test';

/** Makes a root and an issuing CA; all keys use `algorithm` unless a leaf asks for another. */
export async function createTestPki(
  options: { readonly name?: string; readonly algorithm?: TestKeyAlgorithm } = {},
): Promise<TestPki> {
  const { name = 'Test site', algorithm = 'P-256' } = options;
  const signature = ALGORITHMS[algorithm].signature;

  const certify = async (
    subject: string,
    keys: webcrypto.CryptoKeyPair,
    issuer: Authority | undefined,
    extensions: readonly Extension[],
    validity: { notBefore?: Date | undefined; notAfter?: Date | undefined } = {},
  ): Promise<X509Certificate> =>
    X509CertificateGenerator.create({
      subject: [{ CN: [subject] }],
      issuer: issuer?.certificate.subjectName ?? [{ CN: [subject] }],
      publicKey: keys.publicKey,
      signingKey: (issuer?.keys ?? keys).privateKey,
      signingAlgorithm: signature,
      notBefore: validity.notBefore ?? new Date(Date.now() - DAY_MS),
      notAfter: validity.notAfter ?? new Date(Date.now() + 365 * DAY_MS),
      extensions: [
        ...extensions,
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
        ...(issuer ? [await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)] : []),
      ],
    });

  const createAuthority = async (subject: string, issuer?: Authority): Promise<Authority> => {
    const keys = await generateKeys(algorithm);
    const certificate = await certify(subject, keys, issuer, [
      new BasicConstraintsExtension(true, issuer ? 0 : 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ]);
    return { certificate, keys };
  };

  const leafBelow = async (
    issuer: Authority | undefined,
    defaults: Required<Pick<LeafOptions, 'commonName' | 'purposes'>>,
    own: LeafOptions,
  ): Promise<TestCredential> => {
    const {
      commonName,
      purposes,
      subjectAltName,
      algorithm: leafAlgorithm,
      ...validity
    } = { ...defaults, ...own };
    const keys = await generateKeys(leafAlgorithm ?? algorithm);
    const certificate = await certify(
      commonName,
      keys,
      issuer,
      [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        ...(purposes.length > 0
          ? [new ExtendedKeyUsageExtension(purposes.map((purpose) => ExtendedKeyUsage[purpose]))]
          : []),
        ...(subjectAltName ? [new SubjectAlternativeNameExtension(subjectAltName)] : []),
      ],
      validity,
    );
    return credentialOf(certificate, keys);
  };

  const deviceBelow = (issuer: Authority | undefined, own: LeafOptions = {}): Promise<TestCredential> =>
    leafBelow(issuer, { commonName: 'KL-0001', purposes: ['clientAuth'] }, own);

  const site = (root: Authority, issuing: Authority): TestPki => ({
    rootDer: new Uint8Array(root.certificate.rawData),
    issuingDer: new Uint8Array(issuing.certificate.rawData),
    rootPem: root.certificate.toString('pem'),
    issuingPem: issuing.certificate.toString('pem'),
    device: (options) => deviceBelow(issuing, options),
    server: (options = {}) =>
      leafBelow(
        issuing,
        { commonName: SERVER_NAME, purposes: ['serverAuth'] },
        { subjectAltName: [{ type: 'dns', value: SERVER_NAME }], ...options },
      ),
    rolledOver: async () => site(root, await createAuthority(`${name} issuing 2`, root)),
    selfSigned: () => deviceBelow(undefined),
    async tooDeep() {
      const between = await createAuthority(`${name} below`, issuing);
      return {
        device: await deviceBelow(between),
        betweenDer: new Uint8Array(between.certificate.rawData),
      };
    },
  });

  const root = await createAuthority(`${name} root`);
  return site(root, await createAuthority(`${name} issuing`, root));
}

const generateKeys = (algorithm: TestKeyAlgorithm): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHMS[algorithm].key, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>;

async function credentialOf(
  certificate: X509Certificate,
  keys: webcrypto.CryptoKeyPair,
): Promise<TestCredential> {
  const certificateDer = new Uint8Array(certificate.rawData);
  const pkcs8 = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const base64 = Buffer.from(pkcs8).toString('base64');
  return {
    certificateDer,
    certificateSha256: createHash('sha256').update(certificateDer).digest('hex'),
    certificateSerial: certificate.serialNumber,
    certificatePem: certificate.toString('pem'),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${base64.replace(/(.{64})/g, '$1\n').trimEnd()}\n-----END PRIVATE KEY-----\n`,
    privateKeyPkcs8: () => new Secret(Uint8Array.from(pkcs8)),
  };
}
