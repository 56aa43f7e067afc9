import { describe, expect, it } from 'vitest';
import { checkNameConstraints } from '../../../core/authority/issuing/nameConstraints.ts';
import { generalName } from '../../../core/authority/x509/subjectAltName.ts';
import { OID } from '../../../core/der/oids.ts';
import { element, sequence } from '../../../core/der/writer.ts';
import {
  authorityKeyId,
  basicConstraints,
  keyUsage,
  name,
  subjectKeyId,
  type TestExtension,
  testIssuing,
  testKey,
  testRoot,
  toBeSigned,
} from '../../support/testAuthority.ts';

const root = testRoot();
const raw = (tag: number, text: string | Uint8Array): Uint8Array =>
  element(tag, typeof text === 'string' ? Buffer.from(text) : text);

function issuing(permitted: readonly Uint8Array[], excluded: readonly Uint8Array[] = []): Uint8Array {
  const key = testKey();
  const list = (tag: number, bases: readonly Uint8Array[]) =>
    bases.length === 0 ? [] : [element(tag, Buffer.concat(bases.map((base) => sequence(base))))];
  const constraints: TestExtension = {
    oid: OID.nameConstraints,
    critical: true,
    value: sequence(...list(0xa0, permitted), ...list(0xa1, excluded)),
  };
  return testIssuing(root, {
    key,
    extensions: [
      basicConstraints(true, 0),
      keyUsage(5, 6),
      subjectKeyId(key),
      authorityKeyId(root.key),
      constraints,
    ],
  }).certificateDer;
}

function leaf(...alternative: readonly Uint8Array[]): Uint8Array {
  const key = testKey();
  return toBeSigned({
    ...{ subjectDer: name('SN-1', 'Acme'), key, issuerKey: key.privateKey },
    extensions: [{ oid: OID.subjectAltName, value: sequence(...alternative) }],
  });
}

const allowed = (caDer: Uint8Array, tbs: Uint8Array): boolean => {
  try {
    checkNameConstraints(tbs, caDer);
    return true;
  } catch (error) {
    expect(error).toMatchObject({
      code: 'name_value_invalid',
      details: { meaning: 'outside-name-constraints' },
    });
    return false;
  }
};
const dns = (value: string): Uint8Array => generalName({ kind: 'dns', value });

describe('name constraints of an issuing CA', () => {
  it('let host names of the permitted domain through, and none that only end alike', () => {
    const ca = issuing([raw(0x82, 'plant7.example')]);
    expect(allowed(ca, leaf(dns('plant7.example')))).toBe(true);
    expect(allowed(ca, leaf(dns('edge.plant7.example')))).toBe(true);
    expect(allowed(ca, leaf(dns('notplant7.example')))).toBe(false);
    expect(allowed(ca, leaf(dns('edge.plant7.example'), dns('other.example')))).toBe(false);
  });

  it('keep out what is excluded though it is permitted', () => {
    const ca = issuing([raw(0x82, 'example')], [raw(0x82, 'secret.example')]);
    expect(allowed(ca, leaf(dns('edge.example')))).toBe(true);
    expect(allowed(ca, leaf(dns('a.secret.example')))).toBe(false);
  });

  it('hold addresses against their mask and URIs by their host', () => {
    const ca = issuing([raw(0x87, Uint8Array.of(10, 1, 0, 0, 255, 255, 0, 0)), raw(0x86, '.plant7.example')]);
    expect(allowed(ca, leaf(raw(0x87, Uint8Array.of(10, 1, 9, 9))))).toBe(true);
    expect(allowed(ca, leaf(raw(0x87, Uint8Array.of(10, 2, 0, 1))))).toBe(false);
    expect(allowed(ca, leaf(raw(0x86, 'https://a.plant7.example/x')))).toBe(true);
    expect(allowed(ca, leaf(raw(0x86, 'urn:dev:SN-1')))).toBe(false);
  });

  it('hold the subject against directory names, and leave other kinds alone', () => {
    const organisation = (text: string) => {
      const first = name('x', text);
      // The first relative name alone: O.
      return sequence(first.subarray(2, 2 + (first[3] ?? 0) + 2));
    };
    expect(allowed(issuing([element(0xa4, organisation('Acme'))]), leaf(dns('any.example')))).toBe(true);
    expect(allowed(issuing([element(0xa4, organisation('Other'))]), leaf(dns('any.example')))).toBe(false);
    expect(allowed(root.certificateDer, leaf(dns('any.example')))).toBe(true);
  });
});
