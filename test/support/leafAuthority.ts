// A CA for tests: signs whatever public key a device shows or a test makes.

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { type KeyPair, StationKeyMaker } from '../../core/authority/keys.ts';
import type { KeyAlgorithm } from '../../core/domain/profile.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const crypto = webcrypto;

export interface LeafAuthority {
  readonly caDer: Uint8Array;
  certify(publicKeySpki: Uint8Array, commonName?: string): Promise<Uint8Array>;
  makeKey(algorithm?: KeyAlgorithm): Promise<KeyPair>;
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
      const publicKey = new x509.PublicKey(Uint8Array.from(publicKeySpki));
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
    makeKey: async (algorithm = 'P-256') => new StationKeyMaker().generate(algorithm),
  };
}
