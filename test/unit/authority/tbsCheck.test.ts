import { beforeAll, describe, expect, it } from 'vitest';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { checkToBeSigned, type IssuerFacts } from '../../../core/authority/tbsCheck.ts';
import { readToBeSigned } from '../../../core/authority/x509/certificateReader.ts';
import { readChildren, readDer } from '../../../core/authority/x509/derReader.ts';
import { sequence, TAG } from '../../../core/authority/x509/derWriter.ts';
import { encodeName } from '../../../core/authority/x509/nameEncoder.ts';
import { signatureSchemeOf } from '../../../core/authority/x509/signature.ts';
import { buildToBeSigned, type CertificateContent } from '../../../core/authority/x509/tbsBuilder.ts';
import { newCertificateSerial } from '../../../core/domain/certificateSerial.ts';
import { toHex } from '../../../core/domain/hex.ts';
import { DAY_MS, NOW_MS, random, refusal } from './fixtures.ts';

const keys = new StationKeyMaker();
const issuerSpki = keys.generate('P-256').publicKeySpki;
const scheme = signatureSchemeOf(issuerSpki);
const issuer: IssuerFacts = {
  subjectDer: encodeName([{ attribute: 'CN', value: 'Issuing CA' }]),
  subjectKeyIdentifier: Uint8Array.of(1, 2, 3, 4),
  signatureAlgorithmDer: scheme.algorithmDer,
};
const content: CertificateContent = {
  certificateSerial: newCertificateSerial(random),
  issuerNameDer: issuer.subjectDer,
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
    authorityKeyIdentifier: issuer.subjectKeyIdentifier,
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
    expect(() => checkToBeSigned(buildToBeSigned(content, scheme), content, issuer)).not.toThrow();
  });

  it('refuses every single flipped bit', () => {
    const good = buildToBeSigned(content, scheme);
    const overlooked = Array.from({ length: good.length * 8 }, (_, bit) => bit).filter((bit) => {
      const bad = good.slice();
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      try {
        checkToBeSigned(bad, content, issuer);
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
    const good = buildToBeSigned(content, scheme);
    for (let sizeBytes = 0; sizeBytes < good.length; sizeBytes++) {
      const rule = refusal(() => checkToBeSigned(good.subarray(0, sizeBytes), content, issuer)).details.rule;
      expect(rule).toBe('der');
    }
    expect(refusal(() => checkToBeSigned(Uint8Array.of(...good, 0), content, issuer)).details.rule).toBe(
      'der',
    );
  });

  const other: readonly (readonly [rule: string, changes: Partial<CertificateContent>])[] = [
    ['serial-as-reserved', { certificateSerial: newCertificateSerial(random) }],
    ['issuer-copied', { issuerNameDer: encodeName([{ attribute: 'CN', value: 'Issuing CB' }]) }],
    ['validity', { notBeforeMs: content.notAfterMs }],
    ['not-before', { notBeforeMs: content.notBeforeMs - 1000 }],
    ['not-after', { notAfterMs: content.notAfterMs + 1000 }],
    ['subject', { subject: [{ attribute: 'CN', value: 'SN-1' }] }],
    ['subject', { subject: [...content.subject].reverse() }],
    ['public-key-copied', { publicKeySpki: keys.generate('P-256').publicKeySpki }],
    ['extensions', extensions({ extendedKeyUsage: [] })],
    ['extensions', extensions({ altNames: [] })],
    ['extensions', extensions({ authorityKeyIdentifier: undefined })],
    ['extensions', extensions({ certificateAuthority: { pathLength: 0 } })],
    ['key-usage', extensions({ keyUsage: ['digitalSignature'] })],
    ['extended-key-usage', extensions({ extendedKeyUsage: ['serverAuth', 'clientAuth'] })],
    ['authority-key-identifier', extensions({ authorityKeyIdentifier: Uint8Array.of(1, 2, 3, 5) })],
    ['subject-alt-name', extensions({ altNames: content.extensions.altNames.slice(1) })],
    ['subject-alt-name', extensions({ altNames: [...content.extensions.altNames].reverse() })],
  ];
  it.each(other)('names the rule %s', (rule, changes) => {
    const wrong = buildToBeSigned({ ...content, ...changes }, scheme);
    expect(refusal(() => checkToBeSigned(wrong, content, issuer)).details.rule).toBe(rule);
  });

  it('refuses what was wrongly decided, although the bytes say it', () => {
    for (const [rule, changes] of [
      ['serial-positive', { certificateSerial: '00'.repeat(20) }],
      ['serial-length', { certificateSerial: `${'ff'.repeat(20)}` }],
      ['validity', { notAfterMs: content.notBeforeMs }],
      ['key-usage-of-algorithm', extensions({ keyUsage: ['digitalSignature', 'keyEncipherment'] })],
      ['key-usage-of-algorithm', extensions({ keyUsage: ['keyCertSign'] })],
      ['public-key', { publicKeySpki: keys.generate('P-256').publicKeySpki.fill(0x11, 30, 60) }],
    ] as const) {
      const wrong = { ...content, ...(changes as Partial<CertificateContent>) };
      expect(refusal(() => checkToBeSigned(buildToBeSigned(wrong, scheme), wrong, issuer)).details.rule).toBe(
        rule,
      );
    }
  });

  describe('of parts put together by hand', () => {
    let parts: readonly Uint8Array[];
    beforeAll(() => {
      parts = readChildren(readDer(buildToBeSigned(content, scheme)), TAG.sequence).map(({ raw }) => raw);
    });

    it('reads the parts it was given', () => {
      expect(readToBeSigned(sequence(...parts)).raw).toEqual(buildToBeSigned(content, scheme));
    });

    it('refuses a version 1 certificate, a missing part, one more, and another algorithm', () => {
      const rule = (changed: readonly Uint8Array[]) =>
        refusal(() => checkToBeSigned(sequence(...changed), content, issuer)).details.rule;
      expect(rule(parts.slice(1))).toBe('der');
      expect(rule(parts.slice(0, -1))).toBe('extensions');
      expect(rule([...parts, sequence()])).toBe('der');
      expect(rule(parts.map((part, i) => (i === 2 ? sequence() : part)))).toBe('signature-algorithm');
    });
  });
});
