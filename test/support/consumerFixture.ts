// What every test against a real server needs: a site, an edge server's certificate, and devices that must be let in or
// kept out.

import { X509Certificate } from 'node:crypto';
import { writeCrl } from '../../core/authority/revocation/crlWriter.ts';
import type { TrustMaterial } from '../../core/authority/trust/files.ts';
import { readCertificate } from '../../core/authority/x509/certificate.ts';
import { generalName } from '../../core/authority/x509/subjectAltName.ts';
import { OID } from '../../core/der/oids.ts';
import { toPem, toPemChain } from '../../core/der/pem.ts';
import { sequence } from '../../core/der/writer.ts';
import { toHex } from '../../core/domain/hex.ts';
import {
  authorityKeyId,
  basicConstraints,
  DAY_MS,
  extendedKeyUsage,
  keyUsage,
  subjectKeyId,
  type TestLeaf,
  testIssuing,
  testKey,
  testLeaf,
  testRoot,
} from './testAuthority.ts';

export interface Identity {
  /** Leaf and issuing CA. */
  readonly certificate: string;
  readonly key: string;
}

const identity = (leaf: TestLeaf, issuingDer: Uint8Array): Identity => ({
  certificate: toPemChain([leaf.certificateDer, issuingDer]),
  key: leaf.key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
});

export function consumerFixture() {
  const nowMs = Date.now();
  const root = testRoot('Site root');
  const issuing = testIssuing(root);
  const foreign = testIssuing(testRoot('Site root'));
  const revoked = testLeaf(issuing, 'revoked');
  const serverLeaf = (ca: typeof issuing): TestLeaf => {
    const key = testKey();
    return testLeaf(ca, 'localhost', {
      key,
      extensions: [
        basicConstraints(false),
        keyUsage(0),
        extendedKeyUsage(OID.serverAuth),
        subjectKeyId(key),
        authorityKeyId(ca.key),
        { oid: OID.subjectAltName, value: sequence(generalName({ kind: 'dns', value: 'localhost' })) },
      ],
    });
  };
  const dates = { crlNumber: 1, thisUpdateMs: nowMs - 60_000, nextUpdateMs: nowMs + 7 * DAY_MS };
  const revocation = {
    certificateSerial: toHex(readCertificate(revoked.certificateDer).serialBytes),
    revokedAtMs: nowMs - 60_000,
    reason: 'keyCompromise' as const,
  };
  const material: TrustMaterial = {
    rootDer: root.certificateDer,
    issuingDer: [issuing.certificateDer],
    crlsDer: [
      writeCrl(issuing.signer, { ...dates, entries: [revocation] }),
      writeCrl(root.signer, { ...dates, entries: [] }),
    ],
    nowMs,
  };
  return {
    material,
    rootPem: toPem('CERTIFICATE', root.certificateDer),
    server: identity(serverLeaf(issuing), issuing.certificateDer),
    foreignServer: identity(serverLeaf(foreign), foreign.certificateDer),
    devices: {
      good: identity(testLeaf(issuing, 'good'), issuing.certificateDer),
      revoked: identity(revoked, issuing.certificateDer),
      foreign: identity(testLeaf(foreign, 'foreign'), foreign.certificateDer),
      expired: identity(
        testLeaf(issuing, 'expired', { notBeforeMs: nowMs - 9 * DAY_MS, notAfterMs: nowMs - DAY_MS }),
        issuing.certificateDer,
      ),
    },
    subjectOf: (one: Identity) => new X509Certificate(one.certificate).subject,
  };
}
