// What the authority's tests share: a clock that stands still, real randomness, throw-away folders, and a CA that
// Keyline did not make, built with the ASN.1 library alone.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  type GeneralName,
  KeyIdentifier,
  KeyUsage,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { onTestFinished } from 'vitest';
import { openAuthority } from '../../../core/authority/authority.ts';
import { createAuthority } from '../../../core/authority/ceremony.ts';
import { encryptKey, exportPkcs8 } from '../../../core/authority/encryptedKey.ts';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { toPem } from '../../../core/der/pem.ts';
import { newCertificateSerial } from '../../../core/domain/certificateSerial.ts';
import type { Clock, Random } from '../../../core/domain/clock.ts';
import { type Profile, parseProfile } from '../../../core/domain/profile.ts';
import { Secret } from '../../../core/domain/secret.ts';
import { type ErrorCode, type ErrorDetails, StationError } from '../../../core/domain/stationError.ts';

export const NOW_MS = Date.UTC(2027, 2, 4, 5, 6, 7, 890);
export const DAY_MS = 86_400_000;
export const SITE = 'Plant 1';
export const PASSPHRASE = 'correct horse battery staple';
/** Key files of tests that are not about key files. */
export const FEW_ROUNDS = 1000;

export const random: Random = { bytes: (sizeBytes) => Uint8Array.from(randomBytes(sizeBytes)) };
export const fixedClock = (nowMs: number = NOW_MS): Clock => ({ nowMs: () => nowMs });
export const passphrase = (text: string = PASSPHRASE): Secret => Secret.fromText(text);

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyline-authority-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A site's authority made with few rounds; returns its folder. */
export function quickCeremony(
  folder: string = join(temporaryFolder(), 'authority'),
  clock: Clock = fixedClock(),
): string {
  createAuthority({ folder, passphrase: passphrase(), site: SITE, clock, random, pbkdf2Rounds: FEW_ROUNDS });
  return folder;
}

/** An opened and unlocked authority in `folder`. */
export function unlocked(folder: string, clock: Clock = fixedClock()) {
  const authority = openAuthority({ folder, clock, random });
  authority.unlock(passphrase());
  return authority;
}

export const clientProfile = (changes: object = {}): Profile =>
  parseProfile(
    {
      name: 'client',
      version: 1,
      description: '',
      subject: [
        { attribute: 'O', value: '{site}' },
        { attribute: 'CN', value: '{deviceSerial}' },
      ],
      subjectAltName: { uris: ['urn:keyline:device:{deviceSerial}'] },
      validity: { days: 365 },
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['clientAuth'],
      ...changes,
    },
    'client.json',
  );

export const DEVICE_KEY = new StationKeyMaker().generate('P-256');

/** What the station asks for one device. */
export const clientRequest = (changes: object = {}) => ({
  profile: clientProfile(),
  certificateSerial: newCertificateSerial(random),
  publicKeySpki: DEVICE_KEY.publicKeySpki,
  values: { site: SITE, deviceSerial: 'SN-0001' },
  ...changes,
});

/** Code and details of the StationError that `work` throws; fails the test when it throws anything else, or nothing. */
export function refusal(work: () => unknown): { readonly code: ErrorCode; readonly details: ErrorDetails } {
  try {
    work();
  } catch (error) {
    if (!(error instanceof StationError)) throw error;
    return { code: error.code, details: error.details };
  }
  throw new Error('nothing was thrown');
}

export interface ForeignKey {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly digest: string | null;
  readonly algorithm: AlgorithmIdentifier;
}

const ecdsa = (hash: 2 | 3): AlgorithmIdentifier =>
  new AlgorithmIdentifier({ algorithm: `1.2.840.10045.4.3.${hash}` });

export const FOREIGN_KEYS = {
  'P-256': (): ForeignKey => ({
    ...generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    digest: 'sha256',
    algorithm: ecdsa(2),
  }),
  'P-384': (): ForeignKey => ({
    ...generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    digest: 'sha384',
    algorithm: ecdsa(3),
  }),
  Ed25519: (): ForeignKey => ({
    ...generateKeyPairSync('ed25519'),
    digest: null,
    algorithm: new AlgorithmIdentifier({ algorithm: '1.3.101.112' }),
  }),
  RSA: (): ForeignKey => ({
    ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
    digest: 'sha256',
    algorithm: new AlgorithmIdentifier({ algorithm: '1.2.840.113549.1.1.11', parameters: null }),
  }),
} as const;

export interface ForeignCa {
  readonly name: Name;
  readonly key: ForeignKey;
  readonly certificateDer: Uint8Array;
}

export interface ForeignCaOptions {
  readonly value: ConstructorParameters<typeof AttributeValue>[0];
  readonly key?: ForeignKey;
  readonly issuer?: ForeignCa;
  readonly isCa?: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: number;
  readonly subjectKeyIdentifier?: Uint8Array | undefined;
  readonly notAfterMs?: number;
  readonly altNames?: readonly GeneralName[];
}

export const KEY_CERT_SIGN = 32;
/** Not the SHA-1 of anything: what a CA put there has to be copied. */
export const ODD_IDENTIFIER = Uint8Array.of(1, 2, 3, 4, 5);

/** A CA certificate with any string type in its name and anything left out. */
export function foreignCa(options: ForeignCaOptions): ForeignCa {
  const { issuer, isCa = true, keyUsage = KEY_CERT_SIGN, key = FOREIGN_KEYS['P-256']() } = options;
  const identifier = 'subjectKeyIdentifier' in options ? options.subjectKeyIdentifier : ODD_IDENTIFIER;
  const value = new AttributeValue(options.value);
  const name = new Name([
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type: '2.5.4.3', value })]),
  ]);
  const extension = (extnID: string, critical: boolean, content: object) =>
    new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(content)) });
  const pathLength = options.pathLength === undefined ? {} : { pathLenConstraint: options.pathLength };
  const signer = issuer?.key ?? key;
  const spki = key.publicKey.export({ format: 'der', type: 'spki' });
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: Uint8Array.from([0x41, ...randomBytes(8)]).buffer,
    signature: signer.algorithm,
    issuer: issuer?.name ?? name,
    validity: new Validity({
      notBefore: new Date(NOW_MS - 365 * DAY_MS),
      notAfter: new Date(options.notAfterMs ?? NOW_MS + 3650 * DAY_MS),
    }),
    subject: name,
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    extensions: new Extensions([
      extension('2.5.29.19', true, new BasicConstraints({ cA: isCa, ...pathLength })),
      extension('2.5.29.15', true, new KeyUsage(keyUsage)),
      ...(identifier ? [extension('2.5.29.14', false, new SubjectKeyIdentifier(identifier))] : []),
      ...(options.altNames
        ? [extension('2.5.29.17', false, new SubjectAlternativeName([...options.altNames]))]
        : []),
      ...(issuer
        ? [
            extension(
              '2.5.29.35',
              false,
              new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(ODD_IDENTIFIER) }),
            ),
          ]
        : []),
    ]),
  });
  const signatureValue = new Uint8Array(
    sign(signer.digest, new Uint8Array(AsnConvert.serialize(tbsCertificate)), signer.privateKey),
  ).buffer;
  const certificate = new Certificate({
    tbsCertificate,
    signatureAlgorithm: signer.algorithm,
    signatureValue,
  });
  return { name, key, certificateDer: new Uint8Array(AsnConvert.serialize(certificate)) };
}

/** Lays a foreign CA pair out as an authority's folder; the root's key is not in it. */
export function foreignAuthority(root: ForeignCa, issuing: ForeignCa): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'root.pem'), toPem('CERTIFICATE', root.certificateDer));
  writeFileSync(join(folder, 'issuing.pem'), toPem('CERTIFICATE', issuing.certificateDer));
  const encrypted = encryptKey(exportPkcs8(issuing.key.privateKey), passphrase(), random, FEW_ROUNDS);
  writeFileSync(join(folder, 'issuing.key.pem'), toPem('ENCRYPTED PRIVATE KEY', encrypted));
  return folder;
}
