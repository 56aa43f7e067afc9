// What is refused as an authority before anything is signed under it.

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openAuthority } from '../../../core/authority/authority.ts';
import { pemBlocks, toPem } from '../../../core/der/pem.ts';
import { toHex } from '../../../core/domain/hex.ts';
import {
  DAY_MS,
  type ForeignCa,
  fixedClock,
  foreignAuthority,
  foreignCa,
  NOW_MS,
  quickCeremony,
  random,
  refusal,
  temporaryFolder,
} from '../../unit/authority/fixtures.ts';

const open = (folder: string) => openAuthority({ folder, clock: fixedClock(), random });
const root = foreignCa({ value: { utf8String: 'Root' } });
const issuing = foreignCa({ value: { utf8String: 'Issuing' }, issuer: root });
const reason = (pair: readonly [root: ForeignCa, issuing: ForeignCa]) =>
  refusal(() => open(foreignAuthority(...pair))).details.reason;

describe('an authority', () => {
  it('of a root and an issuing CA opens', () => {
    const authority = open(foreignAuthority(root, issuing));
    expect(toHex(authority.rootDer)).toBe(toHex(root.certificateDer));
    expect(toHex(authority.issuingDer)).toBe(toHex(issuing.certificateDer));
  });

  it('ends with the one of its CAs that ends first', () => {
    const notAfterMs = Math.floor((NOW_MS + 10 * DAY_MS) / 1000) * 1000;
    const shortRoot = foreignCa({ value: { utf8String: 'Root' }, notAfterMs });
    const long = foreignCa({ value: { utf8String: 'Issuing' }, issuer: shortRoot });
    expect(open(foreignAuthority(shortRoot, long)).notAfterMs).toBe(notAfterMs);
  });

  it.each<readonly [reason: string, pair: readonly [ForeignCa, ForeignCa]]>([
    ['not-a-ca', [root, foreignCa({ value: { utf8String: 'Issuing' }, issuer: root, isCa: false })]],
    ['not-a-ca', [foreignCa({ value: { utf8String: 'Root' }, isCa: false }), issuing]],
    ['key-usage', [root, foreignCa({ value: { utf8String: 'Issuing' }, issuer: root, keyUsage: 1 })]],
    [
      'no-key-identifier',
      [root, foreignCa({ value: { utf8String: 'Issuing' }, issuer: root, subjectKeyIdentifier: undefined })],
    ],
    ['issuer-name', [root, foreignCa({ value: { utf8String: 'Self' } })]],
    ['signature', [foreignCa({ value: { utf8String: 'Root' } }), issuing]],
    ['issuer-name', [foreignCa({ value: { printableString: 'Root' } }), issuing]],
    ['issuer-name', [issuing, issuing]],
  ])('is refused: %s', (expected, pair) => {
    expect(reason(pair)).toBe(expected);
  });

  it('is refused when the root allows no CA below it', () => {
    const strict = foreignCa({ value: { utf8String: 'Root' }, pathLength: 0 });
    expect(reason([strict, foreignCa({ value: { utf8String: 'Issuing' }, issuer: strict })])).toBe(
      'path-length',
    );
    // Its own leaves it may sign.
    expect(() => open(foreignAuthority(strict, strict))).not.toThrow();
  });

  it.each(['root.pem', 'issuing.pem'])('names %s when it is missing', (name) => {
    const folder = quickCeremony();
    rmSync(join(folder, name));
    expect(refusal(() => open(folder))).toEqual({
      code: 'authority_missing',
      details: { path: join(folder, name) },
    });
  });

  it('is missing where there is no folder', () => {
    expect(refusal(() => open(join(temporaryFolder(), 'none'))).code).toBe('authority_missing');
  });

  it.each([
    ['is empty', ''],
    ['is no PEM', 'hello'],
    ['holds another thing', toPem('PRIVATE KEY', Uint8Array.of(0x30, 0))],
    ['holds rubbish', toPem('CERTIFICATE', Uint8Array.of(0x30, 0))],
    ['holds two', toPem('CERTIFICATE', root.certificateDer) + toPem('CERTIFICATE', root.certificateDer)],
  ])('is refused when a certificate file %s', (_, text) => {
    const folder = quickCeremony();
    writeFileSync(join(folder, 'issuing.pem'), text);
    expect(refusal(() => open(folder))).toMatchObject({
      code: 'authority_invalid',
      details: { path: join(folder, 'issuing.pem') },
    });
  });

  it('is refused when any one bit of a certificate changed', () => {
    const folder = foreignAuthority(root, issuing);
    for (let i = 0; i < issuing.certificateDer.length; i += 3) {
      const damaged = issuing.certificateDer.slice();
      damaged[i] = (damaged[i] ?? 0) ^ (1 << (i % 8));
      writeFileSync(join(folder, 'issuing.pem'), toPem('CERTIFICATE', damaged));
      expect(pemBlocks('CERTIFICATE', toPem('CERTIFICATE', damaged)).map(toHex)).toEqual([toHex(damaged)]);
      expect(refusal(() => open(folder)).code, `octet ${i}`).toBe('authority_invalid');
    }
  });
});
