import { describe, expect, it } from 'vitest';
import { importCa } from '../../../../core/authority/import/caImport.ts';
import { orderChain } from '../../../../core/authority/import/chainCheck.ts';
import { signIssuingRequest } from '../../../../core/authority/import/issuingRequest.ts';
import { lintCertificate } from '../../../../core/authority/lint/lint.ts';
import { readCertificate } from '../../../../core/authority/x509/certificate.ts';
import { toPem, toPemChain } from '../../../../core/der/pem.ts';
import { Secret } from '../../../../core/domain/secret.ts';
import { systemRandom } from '../../../support/batchFixture.ts';
import {
  authorityKeyId,
  basicConstraints,
  DAY_MS,
  keyUsage,
  name,
  subjectKeyId,
  testIssuing,
  testKey,
  testLeaf,
  testRoot,
} from '../../../support/testAuthority.ts';
import { requestDer } from '../../../support/testRequest.ts';

const nowMs = Date.now();
const root = testRoot();
const issuing = testIssuing(root);
const broken = (reason: string) =>
  expect.objectContaining({ code: 'chain_invalid', details: expect.objectContaining({ reason }) });

describe('an imported chain', () => {
  it('is put in order, whatever else lies around', () => {
    const pool = [testRoot().certificateDer, root.certificateDer, testIssuing(root).certificateDer];
    expect(orderChain(issuing.certificateDer, pool, nowMs)).toEqual([
      issuing.certificateDer,
      root.certificateDer,
    ]);
    expect(orderChain(root.certificateDer, [], nowMs)).toEqual([root.certificateDer]);
  });

  it('is refused without its root, expired, or signed by another', () => {
    expect(() => orderChain(issuing.certificateDer, [], nowMs)).toThrow(broken('issuer-missing'));
    expect(() =>
      orderChain(issuing.certificateDer, [root.certificateDer], nowMs + 11 * 365 * DAY_MS),
    ).toThrow(broken('expired'));
    expect(() => orderChain(issuing.certificateDer, [root.certificateDer], nowMs - 3 * DAY_MS)).toThrow(
      broken('not-yet-valid'),
    );
    expect(() => orderChain(issuing.certificateDer, [testRoot().certificateDer], nowMs)).toThrow(
      broken('signature'),
    );
    const leaf = testLeaf(issuing, 'leaf');
    expect(() =>
      orderChain(leaf.certificateDer, [issuing.certificateDer, root.certificateDer], nowMs),
    ).toThrow(broken('basic-constraints'));
  });

  it('is refused when it loops', () => {
    // Two CAs that certify each other and no root.
    const [keyA, keyB] = [testKey(), testKey()];
    const make = (own: typeof keyA, by: typeof keyA, ownName: string, byName: string) =>
      testIssuing(
        { ...root, key: by, subjectDer: name(byName) },
        {
          key: own,
          subjectDer: name(ownName),
          extensions: [basicConstraints(true), keyUsage(5, 6), subjectKeyId(own), authorityKeyId(by)],
          // Of one second, so that neither outlives the other.
          notAfterMs: nowMs + 365 * DAY_MS,
        },
      );
    const a = make(keyA, keyB, 'A', 'B');
    const b = make(keyB, keyA, 'B', 'A');
    expect(() => orderChain(a.certificateDer, [a.certificateDer, b.certificateDer], nowMs)).toThrow(
      broken('loop'),
    );
  });

  it('is refused when it is too long for devices', () => {
    const extensions = (own: ReturnType<typeof testKey>, by: ReturnType<typeof testKey>) => [
      basicConstraints(true),
      keyUsage(5, 6),
      subjectKeyId(own),
      authorityKeyId(by),
    ];
    const all = [testRoot()];
    for (let level = 1; level < 5; level += 1) {
      const above = all.at(-1);
      if (above === undefined) throw new Error('unreachable');
      const key = testKey();
      all.push(
        testIssuing(above, {
          key,
          subjectDer: name(`level ${level}`),
          extensions: extensions(key, above.key),
        }),
      );
    }
    const ders = all.map((one) => one.certificateDer);
    expect(orderChain(ders[3] ?? new Uint8Array(), ders, nowMs)).toHaveLength(4);
    expect(() => orderChain(ders[4] ?? new Uint8Array(), ders, nowMs)).toThrow(broken('too-long'));
  });
});

describe('importing a CA from PEM', () => {
  const chain = Buffer.from(toPemChain([root.certificateDer, issuing.certificateDer]));
  const plainKey = Buffer.from(issuing.key.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const passphrase = () => Secret.fromText('correct horse battery');

  it('takes key and certificates from any files in any order', () => {
    const sec1 = Buffer.from(issuing.key.privateKey.export({ type: 'sec1', format: 'pem' }));
    const encrypted = Buffer.from(
      issuing.key.privateKey.export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'correct horse battery',
      }),
    );
    for (const key of [plainKey, sec1, encrypted]) {
      const imported = importCa({ files: [chain, key], passphrase: passphrase(), nowMs });
      expect(imported.chainDer.map((der) => Buffer.from(der))).toEqual(
        [issuing, root].map((ca) => Buffer.from(ca.certificateDer)),
      );
      expect(imported.key.equals(issuing.key.privateKey)).toBe(true);
    }
    const wrong = Secret.fromText('wrong');
    expect(() => importCa({ files: [chain, encrypted], passphrase: wrong, nowMs })).toThrow(
      'passphrase_wrong',
    );
    expect(() => importCa({ files: [chain, encrypted], passphrase: undefined, nowMs })).toThrow(
      'passphrase_missing',
    );
  });

  it.each([
    ['no-key', () => [chain]],
    ['several-keys', () => [chain, plainKey, plainKey]],
    [
      'no-certificate-for-the-key',
      () => [chain, Buffer.from(testKey().privateKey.export({ type: 'pkcs8', format: 'pem' }))],
    ],
    ['key-unreadable', () => [chain, Buffer.from(toPem('PRIVATE KEY', new Uint8Array(40)))]],
    ['neither-pem-nor-pkcs12', () => [chain, plainKey, Buffer.from('a note')]],
    ['too-large', () => [new Uint8Array(300_000)]],
  ])('refuses %s', (reason, files) => {
    expect(() => importCa({ files: files(), passphrase: undefined, nowMs })).toThrow(
      expect.objectContaining({ code: 'authority_invalid', details: expect.objectContaining({ reason }) }),
    );
  });

  it('refuses a weak key', () => {
    const weak = testKey('RSA-1024').privateKey.export({ type: 'pkcs8', format: 'pem' });
    expect(() => importCa({ files: [chain, Buffer.from(weak)], passphrase: undefined, nowMs })).toThrow(
      'key_weak',
    );
  });
});

describe('the root, asked to sign', () => {
  const key = testKey();
  const at = { clock: { nowMs: () => nowMs }, random: systemRandom };
  const request = (extensions = [basicConstraints(true, 0), keyUsage(5, 6)]) =>
    requestDer({ key, subjectDer: name('Issuing 2', 'Plant'), extensions });

  it('makes an issuing CA that the linter and the chain check accept', () => {
    const der = signIssuingRequest(at, request(), root.signer, 3);
    expect(lintCertificate(der, { kind: 'ca', issuerDer: root.certificateDer })).toEqual([]);
    expect(orderChain(der, [root.certificateDer], nowMs)).toHaveLength(2);
  });

  it('never lets it live longer than the root', () => {
    const der = signIssuingRequest(at, request(), root.signer, 90);
    expect(readCertificate(der).notAfterMs).toBe(readCertificate(root.certificateDer).notAfterMs);
  });

  it('refuses a request for anything else', () => {
    const sign = (...extensions: Parameters<typeof request>[0] & object) =>
      signIssuingRequest(at, request(extensions), root.signer, 3);
    expect(() => sign(basicConstraints(false))).toThrow('asks-for-no-ca');
    expect(() => sign()).toThrow('asks-for-no-ca');
    expect(() => sign(basicConstraints(true))).toThrow('path-length');
    expect(() => signIssuingRequest(at, request(), issuing.signer, 3)).toThrow('path-length');
  });
});
