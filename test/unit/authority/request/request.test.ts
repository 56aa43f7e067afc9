import { describe, expect, it } from 'vitest';
import { decideNames } from '../../../../core/authority/content.ts';
import { checkRequest } from '../../../../core/authority/request/requestCheck.ts';
import { REQUEST_MAX_SIZE_BYTES, readRequest } from '../../../../core/authority/request/requestReader.ts';
import { generalName } from '../../../../core/authority/x509/subjectAltName.ts';
import { OID } from '../../../../core/der/oids.ts';
import { toPem } from '../../../../core/der/pem.ts';
import { sequence } from '../../../../core/der/writer.ts';
import { toHex } from '../../../../core/domain/hex.ts';
import { deviceProfile } from '../../../support/batchFixture.ts';
import {
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  name,
  subjectKeyId,
  type TestExtension,
  testKey,
} from '../../../support/testAuthority.ts';
import { requestDer, type TestRequest } from '../../../support/testRequest.ts';

const key = testKey();
const profile = deviceProfile();
const names = decideNames(profile, { deviceSerial: 'SN-1' });
const refused = (reason: string) =>
  expect.objectContaining({ code: 'request_invalid', details: expect.objectContaining({ reason }) });
const altName = (...values: string[]): TestExtension => ({
  oid: OID.subjectAltName,
  value: sequence(...values.map((value) => generalName({ kind: 'uri', value }))),
});

describe('reading a request', () => {
  it.each(['P-256', 'P-384', 'Ed25519', 'RSA-2048'] as const)(
    'takes a %s key that has signed',
    (algorithm) => {
      const own = testKey(algorithm);
      const request = readRequest(requestDer({ key: own, extensions: [basicConstraints(false)] }));
      expect(toHex(request.publicKeySpki)).toBe(toHex(own.spki));
      expect(request.requestedExtensions.map((one) => one.oid)).toEqual([OID.basicConstraints]);
    },
  );

  it('takes PEM by both of its labels, and a request without attributes', () => {
    for (const label of ['CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST']) {
      expect(readRequest(Buffer.from(toPem(label, requestDer({ key })))).requestedExtensions).toEqual([]);
    }
  });

  it('refuses what does not prove possession', () => {
    const other = testKey();
    expect(() => readRequest(requestDer({ key, signingKey: other.privateKey }))).toThrow(
      refused('not-signed-by-its-key'),
    );
    const rsa = testKey('RSA-2048');
    expect(() => readRequest(requestDer({ key, signingKey: rsa.privateKey }))).toThrow(
      refused('not-signed-by-its-key'),
    );
    const der = requestDer({ key });
    const damaged = Uint8Array.from(der);
    damaged[30] = (damaged[30] ?? 0) ^ 1;
    expect(() => readRequest(damaged)).toThrow(/request_invalid|encoding_invalid/);
  });

  it('refuses what is too large, before it reads it', () => {
    expect(() => readRequest(new Uint8Array(REQUEST_MAX_SIZE_BYTES + 1))).toThrow(
      refused('request-too-large'),
    );
    const huge = { oid: '1.2.3', value: new Uint8Array(5000) };
    expect(() => readRequest(requestDer({ key, extensions: [huge] }))).toThrow(
      refused('extension-too-large'),
    );
  });

  it('refuses weak keys, other versions, and things that are no request', () => {
    const weak = testKey('RSA-1024');
    expect(() => readRequest(requestDer({ key: weak, signingKey: testKey('RSA-2048').privateKey }))).toThrow(
      expect.objectContaining({ code: 'key_weak' }),
    );
    expect(() => readRequest(requestDer({ key, version: 1 }))).toThrow(refused('version'));
    expect(() => readRequest(Buffer.from('hello'))).toThrow(
      expect.objectContaining({ code: 'encoding_invalid' }),
    );
    expect(() => readRequest(Buffer.from(toPem('CERTIFICATE', requestDer({ key }))))).toThrow('pem-label');
    const der = requestDer({ key });
    for (let size = 0; size < der.length; size += 7)
      expect(() => readRequest(der.subarray(0, size))).toThrow();
  });
});

describe('a request held against its profile', () => {
  const check = (changes: Partial<TestRequest>) => () =>
    checkRequest(readRequest(requestDer({ key, ...changes })), profile, names);

  it('may ask for what the profile gives, or for less', () => {
    check({})();
    check({ subjectDer: sequence() })();
    check({ subjectDer: name('SN-1', 'Acme') })();
    check({
      extensions: [
        basicConstraints(false),
        keyUsage(0),
        extendedKeyUsage(OID.clientAuth),
        subjectKeyId(key),
        altName('urn:dev:SN-1'),
      ],
    })();
  });

  it.each<[string, Partial<TestRequest>]>([
    ['asks-for-a-ca', { extensions: [basicConstraints(true)] }],
    ['key-usage', { extensions: [keyUsage(0, 5)] }],
    ['extended-key-usage', { extensions: [extendedKeyUsage(OID.serverAuth)] }],
    ['subject-alt-name', { extensions: [altName('urn:dev:SN-2')] }],
    ['extension', { extensions: [{ oid: OID.nameConstraints, value: sequence() }] }],
    ['subject', { subjectDer: name('SN-2', 'Acme') }],
    ['subject', { subjectDer: name('SN-1', 'Evil') }],
    ['key-algorithm', { key: testKey('P-384') }],
  ])('is refused for %s', (reason, changes) => {
    expect(check(changes)).toThrow(refused(reason));
  });
});
