// A CA for tests: signs whatever public key a device shows or a test makes.

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { Secret } from '../../core/domain/secret.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const crypto = webcrypto;

export interface LeafAuthority {
  readonly caDer: Uint8Array;
  certify(publicKeySpki: Uint8Array, commonName?: string): Promise<Uint8Array>;
  makeKey(): Promise<{ readonly publicKeySpki: Uint8Array; readonly privateKeyPkcs8: Secret }>;
}

export async function makeLeafAuthority(): Promise<LeafAuthority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notBefore = new Date('2026-01-01');
  const notAfter = new Date('2036-01-01');
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'O=Keyline test,CN=Conformance CA',
    keys,
    notBefore,
    notAfter,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    caDer: new Uint8Array(ca.rawData),
    async certify(publicKeySpki, commonName = 'device-1') {
      const publicKey = await crypto.subtle.importKey(
        'spki',
        Uint8Array.from(publicKeySpki),
        ALGORITHM,
        true,
        ['verify'],
      );
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer: ca.subject,
        publicKey,
        signingKey: keys.privateKey,
        notBefore,
        notAfter,
        signingAlgorithm: ALGORITHM,
        extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)],
      });
      return new Uint8Array(leaf.rawData);
    },
    async makeKey() {
      const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      return {
        publicKeySpki: new Uint8Array(await crypto.subtle.exportKey('spki', pair.publicKey)),
        privateKeyPkcs8: new Secret(new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))),
      };
    },
  };
}
