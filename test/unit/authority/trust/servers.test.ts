import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { writeCrl } from '../../../../core/authority/revocation/crlWriter.ts';
import { TRUST_CONSUMERS, type TrustConsumer } from '../../../../core/authority/trust/consumers.ts';
import type { TrustMaterial } from '../../../../core/authority/trust/files.ts';
import { readPem } from '../../../../core/der/pem.ts';
import { DAY_MS, testIssuing, testKey, testRoot } from '../../../support/testAuthority.ts';

const root = testRoot();
const issuing = testIssuing(root);
const next = testIssuing(root, {});
const nowMs = Date.now();
const dates = { crlNumber: 1, thisUpdateMs: nowMs - 1000, nextUpdateMs: nowMs + 7 * DAY_MS, entries: [] };
const material: TrustMaterial = {
  rootDer: root.certificateDer,
  issuingDer: [issuing.certificateDer],
  crlsDer: [writeCrl(issuing.signer, dates), writeCrl(root.signer, dates)],
  nowMs,
};
const text = (consumer: TrustConsumer, fileName: string, from: TrustMaterial = material): string => {
  const file = TRUST_CONSUMERS[consumer](from).find((one) => one.fileName === fileName);
  return file === undefined ? '' : Buffer.from(file.bytes).toString();
};
const fingerprints = (pem: string): string[] =>
  readPem(pem).map((one) => new X509Certificate(one.der).fingerprint256);
const printOf = (der: Uint8Array): string => new X509Certificate(der).fingerprint256;

const SERVERS = ['nginx', 'apache', 'haproxy', 'envoy', 'mosquitto', 'emqx', 'rabbitmq'] as const;

describe('an export for a server', () => {
  it.each(SERVERS)(
    'for %s trusts root and issuing CA, so that devices may send their leaf alone',
    (consumer) => {
      expect(fingerprints(text(consumer, 'device-cas.pem'))).toEqual(
        [root, issuing].map((ca) => printOf(ca.certificateDer)),
      );
    },
  );

  it.each(['nginx', 'apache', 'haproxy', 'envoy', 'mosquitto'] as const)(
    'for %s has a list for every CA and names it in the settings, or neither',
    (consumer) => {
      expect(readPem(text(consumer, 'device-crls.pem')).map((one) => one.label)).toEqual([
        'X509 CRL',
        'X509 CRL',
      ]);
      const settings = (from: TrustMaterial): string =>
        TRUST_CONSUMERS[consumer](from)
          .filter((one) => !one.fileName.endsWith('.pem'))
          .map((one) => Buffer.from(one.bytes).toString())
          .join('');
      expect(settings(material)).toContain('device-crls.pem');
      const without = { ...material, crlsDer: [] };
      expect(settings(without)).not.toMatch(/crl|revocation/i);
      expect(text(consumer, 'device-crls.pem', without)).toBe('');
      const [issuingOnly] = material.crlsDer;
      if (issuingOnly === undefined) throw new Error('unreachable');
      expect(() => TRUST_CONSUMERS[consumer]({ ...material, crlsDer: [issuingOnly] })).toThrow('crl-missing');
      expect(() => TRUST_CONSUMERS[consumer]({ ...material, nowMs: nowMs + 8 * DAY_MS })).toThrow(
        'crl-expired',
      );
    },
  );

  it('for any consumer is the root alone, or the chain in sending order', () => {
    expect(fingerprints(text('root', 'root.pem'))).toEqual([printOf(root.certificateDer)]);
    const two = { ...material, issuingDer: [issuing.certificateDer, next.certificateDer] };
    expect(fingerprints(text('chain', 'chain.pem', two))).toEqual(
      [issuing, next, root].map((ca) => printOf(ca.certificateDer)),
    );
  });

  it('names files plainly, never with a folder', () => {
    for (const consumer of Object.keys(TRUST_CONSUMERS) as TrustConsumer[]) {
      for (const file of TRUST_CONSUMERS[consumer](material)) expect(file.fileName).toMatch(/^[a-z0-9.-]+$/);
    }
  });

  it('for AWS is the issuing CA alone, and refuses a key that AWS does not take', () => {
    expect(fingerprints(text('aws-iot', 'aws-ca.pem'))).toEqual([printOf(issuing.certificateDer)]);
    const edwards = testIssuing(root, { key: testKey('Ed25519') });
    expect(() => TRUST_CONSUMERS['aws-iot']({ ...material, issuingDer: [edwards.certificateDer] })).toThrow(
      expect.objectContaining({
        code: 'trust_limit',
        details: expect.objectContaining({ limit: 'key-algorithm' }),
      }),
    );
  });
});
