import { describe, expect, it } from 'vitest';
import { INTENT_RULES } from '../../../../core/authority/lint/intentRules.ts';
import {
  LINT_RULES,
  lintCertificate,
  lintToBeSigned,
  refuseFindings,
} from '../../../../core/authority/lint/lint.ts';
import { profileSizes } from '../../../../core/authority/lint/sizes.ts';
import { OID } from '../../../../core/der/oids.ts';
import { childrenOf, readElement } from '../../../../core/der/reader.ts';
import {
  boolean,
  element,
  explicit,
  ia5String,
  implicit,
  integer,
  namedBits,
  octetString,
  oid,
  printableString,
  sequence,
  TAG,
  time,
  utf8String,
} from '../../../../core/der/writer.ts';
import {
  authorityKeyId,
  basicConstraints,
  DAY_MS,
  extendedKeyUsage,
  keyUsage,
  name,
  subjectKeyId,
  type TestCertificate,
  type TestExtension,
  testIssuing,
  testKey,
  testRoot,
  toBeSigned,
} from '../../../support/testAuthority.ts';

const root = testRoot();
const issuing = testIssuing(root);
const key = testKey();
const good = (own = key): TestExtension[] => [
  basicConstraints(false),
  keyUsage(0),
  extendedKeyUsage(OID.clientAuth),
  subjectKeyId(own),
  authorityKeyId(issuing.key),
];
const leaf = (changes: Partial<TestCertificate> = {}): Uint8Array =>
  toBeSigned({
    subjectDer: name('SN-1'),
    issuerDer: issuing.subjectDer,
    key,
    issuerKey: issuing.key.privateKey,
    extensions: good(),
    ...changes,
  });
const ca = (changes: Partial<TestCertificate> = {}): Uint8Array =>
  toBeSigned({
    subjectDer: name('CA'),
    issuerDer: root.subjectDer,
    key,
    issuerKey: root.key.privateKey,
    extensions: [basicConstraints(true, 0), keyUsage(5, 6), subjectKeyId(key), authorityKeyId(root.key)],
    ...changes,
  });
const rulesOf = (tbs: Uint8Array, kind: 'leaf' | 'ca' = 'leaf'): string[] =>
  lintToBeSigned(tbs, {
    kind,
    issuerDer: kind === 'leaf' ? issuing.certificateDer : root.certificateDer,
  }).map((one) => one.rule);
const replaced = (list: readonly TestExtension[], ...changes: TestExtension[]): TestExtension[] => [
  ...list.filter((one) => !changes.some((change) => change.oid === one.oid)),
  ...changes,
];
const rdn = (type: string, value: Uint8Array): Uint8Array =>
  sequence(element(TAG.set, sequence(oid(type), value)));
const altName = (critical: boolean, ...names: Uint8Array[]): TestExtension => ({
  oid: OID.subjectAltName,
  critical,
  value: sequence(...names),
});
/** A sound key, in an encoding that Keyline does not certify. */
const P521 = testKey('P-521');
const uri = implicit(6, Buffer.from('urn:x'));

/** The good leaf with one field of its TBSCertificate put in by hand. */
const withField = (index: number, field: Uint8Array): Uint8Array =>
  sequence(...childrenOf(readElement(leaf())).map(({ raw }, at) => (at === index ? field : raw)));

describe('the linter', () => {
  it('finds nothing wrong with a good leaf, issuing CA and root', () => {
    expect(rulesOf(leaf())).toEqual([]);
    expect(rulesOf(ca(), 'ca')).toEqual([]);
    expect(lintCertificate(issuing.certificateDer, { kind: 'ca', issuerDer: root.certificateDer })).toEqual(
      [],
    );
    expect(lintCertificate(root.certificateDer, { kind: 'ca', issuerDer: root.certificateDer })).toEqual([]);
    const rsa = testKey('RSA-2048');
    expect(rulesOf(leaf({ key: rsa, extensions: replaced(good(rsa), keyUsage(0, 2)) }))).toEqual([]);
  });

  const extension = (...changes: TestExtension[]): Partial<TestCertificate> => ({
    extensions: replaced(good(), ...changes),
  });
  const without = (...oids: string[]): Partial<TestCertificate> => ({
    extensions: good().filter((one) => !oids.includes(one.oid)),
  });
  const cases: readonly (readonly [rule: string, changes: Partial<TestCertificate>])[] = [
    ['version-3', { version: 2 }],
    ['serial-positive', { serialBytes: Uint8Array.of(0) }],
    ['serial-positive', { serialBytes: Uint8Array.from({ length: 20 }, () => 0xc1) }],
    ['serial-length', { serialBytes: Uint8Array.of(0, ...Array.from({ length: 20 }, () => 0xff)) }],
    ['serial-entropy', { serialBytes: Uint8Array.of(1, 2) }],
    ['issuer-name-copied', { issuerDer: name('Test issuing', 'Other') }],
    ['issuer-empty', { issuerDer: sequence() }],
    ['validity-order', { notBeforeMs: 2000, notAfterMs: 1000 }],
    ['outlives-issuer', { notAfterMs: Date.now() + 11 * 365 * DAY_MS }],
    ['begins-before-issuer', { notBeforeMs: Date.now() - 9 * DAY_MS }],
    ['name-string-type', { subjectDer: rdn('2.5.4.5', utf8String('1')) }],
    ['name-string-type', { subjectDer: rdn('2.5.4.3', element(0x14, Buffer.from('teletex'))) }],
    ['name-string-type', { subjectDer: rdn('2.5.4.3', ia5String('ia5')) }],
    ['name-string-type', { subjectDer: rdn('0.9.2342.19200300.100.1.25', utf8String('dc')) }],
    ['name-empty-value', { subjectDer: rdn('2.5.4.3', utf8String('')) }],
    ['name-length', { subjectDer: rdn('2.5.4.3', utf8String('x'.repeat(65))) }],
    ['name-country', { subjectDer: rdn('2.5.4.6', printableString('de')) }],
    ['name-control-character', { subjectDer: rdn('2.5.4.3', utf8String('a\u0007')) }],
    ['public-key-weak', { key: testKey('RSA-1024'), extensions: good(testKey('RSA-1024')) }],
    ['public-key-weak', { key: { ...key, spki: Uint8Array.from(key.spki).fill(7, 40) } }],
    ['public-key-encoding', { key: P521, extensions: good(P521) }],
    ['extension-twice', { extensions: [...good(), keyUsage(0)] }],
    ['extension-unknown-critical', extension({ oid: '1.2.3.4', critical: true, value: sequence() })],
    ['basic-constraints', extension(basicConstraints(true))],
    ['basic-constraints', extension({ oid: OID.basicConstraints, value: sequence(integer(0)) })],
    ['key-usage-missing', without(OID.keyUsage)],
    ['key-usage-critical', extension({ ...keyUsage(0), critical: false })],
    ['key-usage-of-algorithm', extension(keyUsage(0, 2))],
    ['key-usage-of-algorithm', extension(keyUsage(0, 5))],
    ['extended-key-usage-empty', extension(extendedKeyUsage())],
    ['extended-key-usage-any', extension(extendedKeyUsage(OID.anyExtendedKeyUsage))],
    ['key-identifier-critical', extension({ ...subjectKeyId(key), critical: true })],
    ['authority-key-identifier-missing', without(OID.authorityKeyIdentifier)],
    ['authority-key-identifier-copied', extension(authorityKeyId(root.key))],
    ['subject-alt-name-empty', extension(altName(false))],
    ['subject-alt-name-critical', extension(altName(true, uri))],
    ['subject-alt-name-critical', { subjectDer: sequence(), extensions: [...good(), altName(false, uri)] }],
    ['name-constraints', extension({ oid: OID.nameConstraints, critical: true, value: sequence() })],
  ];
  it.each(cases)('finds %s', (rule, changes) => {
    expect(rulesOf(leaf(changes))).toContain(rule);
  });

  const caExtensions = [
    basicConstraints(true, 0),
    keyUsage(5, 6),
    subjectKeyId(key),
    authorityKeyId(root.key),
  ];
  const caCases: readonly (readonly [rule: string, changes: Partial<TestCertificate>])[] = [
    ['basic-constraints', { extensions: caExtensions.slice(1) }],
    [
      'basic-constraints-critical',
      { extensions: replaced(caExtensions, { ...basicConstraints(true, 0), critical: false }) },
    ],
    ['key-usage-of-ca', { extensions: replaced(caExtensions, keyUsage(5)) }],
    [
      'subject-key-identifier-missing',
      { extensions: caExtensions.filter((one) => one.oid !== OID.subjectKeyIdentifier) },
    ],
    ['subject-empty', { subjectDer: sequence() }],
    ['name-constraints', { extensions: [...caExtensions, { oid: OID.nameConstraints, value: sequence() }] }],
  ];
  it.each(caCases)('finds %s in a CA', (rule, changes) => {
    expect(rulesOf(ca(changes), 'ca')).toContain(rule);
  });

  it('finds a CA below one that allows none', () => {
    const context = { kind: 'ca', issuerDer: issuing.certificateDer } as const;
    const below = ca({
      issuerDer: issuing.subjectDer,
      extensions: replaced(caExtensions, authorityKeyId(issuing.key)),
    });
    expect(lintToBeSigned(below, context).map((one) => one.rule)).toEqual(['path-length']);
  });

  it('finds a default that was written, a time of the wrong type and a weak digest', () => {
    const written = sequence(oid(OID.keyUsage), boolean(false), octetString(namedBits([0])));
    expect(rulesOf(withField(7, explicit(3, sequence(written))))).toContain('extension-default-written');
    const generalized = element(TAG.generalizedTime, Buffer.from('20290101000000Z'));
    expect(rulesOf(withField(4, sequence(time(Date.now()), generalized)))).toContain('time-type');
    const ecdsaWithSha1 = sequence(oid('1.2.840.10045.4.1'));
    expect(rulesOf(withField(2, ecdsaWithSha1))).toContain('signature-algorithm');
  });

  it('lets an IDevID outlive its issuer', () => {
    const forever = leaf({ notAfterMs: Date.UTC(9999, 11, 31, 23, 59, 59) });
    expect(rulesOf(forever)).toEqual(['outlives-issuer']);
    expect(
      lintToBeSigned(forever, { kind: 'leaf', issuerDer: issuing.certificateDer, mayOutliveIssuer: true }),
    ).toEqual([]);
  });

  it('answers with a finding whatever bytes it is given', () => {
    const tbs = leaf();
    for (let at = 0; at < tbs.length; at += 1) {
      const damaged = Uint8Array.from(tbs);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      const findings = lintToBeSigned(damaged, { kind: 'leaf', issuerDer: issuing.certificateDer });
      expect(Array.isArray(findings)).toBe(true);
    }
    expect(lintToBeSigned(new Uint8Array(), { kind: 'leaf' })).toEqual([
      { rule: 'encoding', severity: 'error', found: 'truncated' },
    ]);
  });

  it('refuses errors, not warnings, and has each rule once', () => {
    const context = { kind: 'leaf', issuerDer: issuing.certificateDer } as const;
    refuseFindings(lintToBeSigned(leaf({ serialBytes: Uint8Array.of(1, 2) }), context));
    expect(() => refuseFindings(lintToBeSigned(leaf({ version: 2 }), context))).toThrow(
      expect.objectContaining({
        code: 'certificate_check_failed',
        details: expect.objectContaining({ rule: 'version-3' }),
      }),
    );
    const ids = LINT_RULES.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    const covered = new Set([...cases, ...caCases].map(([rule]) => rule));
    const elsewhere = [
      ...['signature-algorithm', 'time-type', 'path-length', 'extension-default-written'],
      // Both in test/interop/authority/matter.test.ts.
      ...['matter-vendor-of-issuer', 'matter-product-of-issuer'],
      // Each in intent.test.ts.
      ...INTENT_RULES.map((one) => one.id),
    ];
    expect(ids.filter((id) => !covered.has(id) && !elsewhere.includes(id))).toEqual([]);
  });
});

describe('sizes', () => {
  it.each([
    ['P-256', 429, 877],
    ['Ed25519', 366, 811],
  ] as const)(
    'of a %s handshake are within two per cent of what was measured',
    (algorithm, leafBytes, measured) => {
      const sizes = profileSizes(algorithm, { leafBytes, issuingBytes: 400, rootBytes: 380 });
      expect(Math.abs(sizes.handshakeLeafBytes - measured) / measured).toBeLessThan(0.02);
      expect(sizes.handshakeChainBytes - sizes.handshakeLeafBytes).toBe(405);
      expect(sizes.flashBytes).toBe(leafBytes + 780 + (algorithm === 'P-256' ? 138 : 48));
    },
  );

  it('warn past Matter and past small stores', () => {
    const warnings = (leafBytes: number) =>
      profileSizes('P-256', { leafBytes, issuingBytes: 0, rootBytes: 0 }).warnings;
    expect(warnings(600)).toEqual([]);
    expect(warnings(601)).toEqual(['over-600']);
    expect(warnings(1025)).toEqual(['over-600', 'over-1024']);
  });
});
