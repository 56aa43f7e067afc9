// A certificate must say what was decided, and nothing else: every bit of it.

import { createPrivateKey } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { StationKeyMaker } from '../../../../core/authority/keys.ts';
import { checkToBeSigned } from '../../../../core/authority/lint/lint.ts';
import { bareSigner } from '../../../../core/authority/signing/signer.ts';
import { encodeName } from '../../../../core/authority/x509/nameEncoder.ts';
import { buildToBeSigned, type CertificateContent } from '../../../../core/authority/x509/tbsBuilder.ts';
import { OID } from '../../../../core/der/oids.ts';
import { childrenOf, readElement } from '../../../../core/der/reader.ts';
import { boolean, explicit, NULL, octetString, oid, sequence } from '../../../../core/der/writer.ts';
import { newCertificateSerial } from '../../../../core/domain/certificateSerial.ts';
import { toHex } from '../../../../core/domain/hex.ts';
import { DAY_MS, NOW_MS, random, refusal } from '../fixtures.ts';

const keys = new StationKeyMaker();
const signer = bareSigner(
  keys
    .generate('P-256')
    .privateKeyPkcs8.use((key) => createPrivateKey({ key: Buffer.from(key), format: 'der', type: 'pkcs8' })),
);
const content: CertificateContent = {
  certificateSerial: newCertificateSerial(random),
  issuerNameDer: encodeName([{ attribute: 'CN', value: 'Issuing CA' }]),
  subject: [
    { attribute: 'C', value: 'DE' },
    { attribute: 'O', value: 'Plant é' },
    { attribute: 'CN', value: 'SN-1' },
  ],
  notBeforeMs: Math.floor(NOW_MS / 1000) * 1000,
  notAfterMs: Math.floor(NOW_MS / 1000) * 1000 + 30 * 365 * DAY_MS,
  publicKeySpki: keys.generate('P-256').publicKeySpki,
  extensions: {
    certificateAuthority: undefined,
    keyUsage: ['digitalSignature', 'keyAgreement'],
    extendedKeyUsage: ['clientAuth', 'serverAuth'],
    authorityKeyIdentifier: Uint8Array.of(1, 2, 3, 4),
    altNames: [
      { kind: 'uri', value: 'urn:a' },
      { kind: 'dns', value: 'a.example' },
      { kind: 'ip', value: '::1' },
    ],
  },
};
const extensions = (changes: Partial<CertificateContent['extensions']>) => ({
  extensions: { ...content.extensions, ...changes },
});

describe('the check before signing', () => {
  it('passes what was decided', () => {
    expect(() => checkToBeSigned(buildToBeSigned(content, signer), content, signer)).not.toThrow();
  });

  it('refuses every single flipped bit', () => {
    const good = buildToBeSigned(content, signer);
    const overlooked = Array.from({ length: good.length * 8 }, (_, bit) => bit).filter((bit) => {
      const bad = good.slice();
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      try {
        checkToBeSigned(bad, content, signer);
        return true;
      } catch (error) {
        expect(error).toMatchObject({ code: 'certificate_check_failed' });
        return false;
      }
    });
    expect(
      overlooked.map((bit) => `bit ${bit & 7} of ${toHex(good.subarray((bit >> 3) - 4, (bit >> 3) + 4))}`),
    ).toEqual([]);
  });

  it('refuses every truncation, and anything appended', () => {
    const good = buildToBeSigned(content, signer);
    for (let sizeBytes = 0; sizeBytes < good.length; sizeBytes++) {
      const rule = refusal(() => checkToBeSigned(good.subarray(0, sizeBytes), content, signer)).details.rule;
      expect(rule).toBe('encoding');
    }
    expect(refusal(() => checkToBeSigned(Uint8Array.of(...good, 0), content, signer)).details.rule).toBe(
      'encoding',
    );
  });

  const other: readonly (readonly [rule: string, changes: Partial<CertificateContent>])[] = [
    ['serial-as-reserved', { certificateSerial: newCertificateSerial(random) }],
    ['issuer-as-decided', { issuerNameDer: encodeName([{ attribute: 'CN', value: 'Issuing CB' }]) }],
    ['validity-order', { notBeforeMs: content.notAfterMs }],
    ['not-before-as-decided', { notBeforeMs: content.notBeforeMs - 1000 }],
    ['not-after-as-decided', { notAfterMs: content.notAfterMs + 1000 }],
    ['subject-as-decided', { subject: [{ attribute: 'CN', value: 'SN-1' }] }],
    ['subject-as-decided', { subject: [...content.subject].reverse() }],
    ['public-key-copied', { publicKeySpki: keys.generate('P-256').publicKeySpki }],
    ['extensions-as-decided', extensions({ extendedKeyUsage: [] })],
    ['extensions-as-decided', extensions({ altNames: [] })],
    ['authority-key-identifier-missing', extensions({ authorityKeyIdentifier: undefined })],
    ['basic-constraints', extensions({ certificateAuthority: { pathLength: 0 } })],
    ['key-usage-as-decided', extensions({ keyUsage: ['digitalSignature'] })],
    ['extended-key-usage-as-decided', extensions({ extendedKeyUsage: ['serverAuth', 'clientAuth'] })],
    [
      'authority-key-identifier-as-decided',
      extensions({ authorityKeyIdentifier: Uint8Array.of(1, 2, 3, 5) }),
    ],
    ['subject-alt-name-as-decided', extensions({ altNames: content.extensions.altNames.slice(1) })],
    ['subject-alt-name-as-decided', extensions({ altNames: [...content.extensions.altNames].reverse() })],
  ];
  it.each(other)('names the rule %s', (rule, changes) => {
    const wrong = buildToBeSigned({ ...content, ...changes }, signer);
    expect(refusal(() => checkToBeSigned(wrong, content, signer)).details.rule).toBe(rule);
  });

  it('refuses what was wrongly decided, although the bytes say it', () => {
    for (const [rule, changes] of [
      ['serial-positive', { certificateSerial: '00'.repeat(20) }],
      ['serial-length', { certificateSerial: `${'ff'.repeat(20)}` }],
      ['validity-order', { notAfterMs: content.notBeforeMs }],
      ['key-usage-of-algorithm', extensions({ keyUsage: ['digitalSignature', 'keyEncipherment'] })],
      ['key-usage-of-algorithm', extensions({ keyUsage: ['keyCertSign'] })],
      ['public-key-weak', { publicKeySpki: keys.generate('P-256').publicKeySpki.fill(0x11, 30, 60) }],
    ] as const) {
      const wrong = { ...content, ...(changes as Partial<CertificateContent>) };
      expect(refusal(() => checkToBeSigned(buildToBeSigned(wrong, signer), wrong, signer)).details.rule).toBe(
        rule,
      );
    }
  });

  describe('of parts put together by hand', () => {
    let parts: readonly Uint8Array[];
    beforeAll(() => {
      parts = childrenOf(readElement(buildToBeSigned(content, signer))).map(({ raw }) => raw);
    });

    it('reads the parts it was given', () => {
      expect(Buffer.compare(sequence(...parts), buildToBeSigned(content, signer))).toBe(0);
    });

    it('refuses a version 1 certificate, a missing part, one more, and another algorithm', () => {
      const rule = (changed: readonly Uint8Array[]) =>
        refusal(() => checkToBeSigned(sequence(...changed), content, signer)).details.rule;
      expect(rule(parts.slice(1))).toBe('version-3');
      expect(rule(parts.slice(0, -1))).toBe('key-usage-missing');
      expect(rule([...parts, sequence()])).toBe('encoding');
      expect(rule(parts.map((part, i) => (i === 2 ? sequence() : part)))).toBe('signature-algorithm');
      const p384 = sequence(oid(OID.ecdsaWithSha384));
      expect(rule(parts.map((part, i) => (i === 2 ? p384 : part)))).toBe('signature-algorithm-of-issuer');
    });

    it('refuses a key identifier that is not the key’s, an extension too many, and one made critical', () => {
      const tagged = readElement(parts.at(-1) ?? new Uint8Array());
      const list = childrenOf(childrenOf(tagged)[0] ?? tagged).map(({ raw }) => raw);
      const rule = (changed: readonly Uint8Array[]) => {
        const bytes = sequence(...parts.slice(0, -1), explicit(3, sequence(...changed)));
        return refusal(() => checkToBeSigned(bytes, content, signer)).details.rule;
      };
      const made = (type: string, value: Uint8Array, ...flag: readonly Uint8Array[]) =>
        sequence(oid(type), ...flag, octetString(value));
      const instead = (type: string, one: Uint8Array) =>
        list.map((raw) => (Buffer.from(raw).includes(Buffer.from(oid(type))) ? one : raw));
      const other = made(OID.subjectKeyIdentifier, octetString(new Uint8Array(20)));
      expect(rule(instead(OID.subjectKeyIdentifier, other))).toBe('subject-key-identifier-as-decided');
      expect(rule([...list, made('1.2.3.4', NULL)])).toBe('extensions-as-decided');
      const critical = made(
        OID.extendedKeyUsage,
        sequence(oid(OID.clientAuth), oid(OID.serverAuth)),
        boolean(true),
      );
      expect(rule(instead(OID.extendedKeyUsage, critical))).toBe('extensions-as-decided');
    });

    it('refuses a CA with another path length than decided', () => {
      const decided = {
        ...content,
        ...extensions({
          certificateAuthority: { pathLength: 0 },
          keyUsage: ['keyCertSign', 'cRLSign'],
          extendedKeyUsage: [],
          altNames: [],
        }),
      };
      const wider = {
        ...decided,
        extensions: { ...decided.extensions, certificateAuthority: { pathLength: 1 } },
      };
      expect(() => checkToBeSigned(buildToBeSigned(decided, signer), decided, signer)).not.toThrow();
      const { details } = refusal(() => checkToBeSigned(buildToBeSigned(wider, signer), decided, signer));
      expect(details.rule).toBe('basic-constraints-as-decided');
    });
  });
});
