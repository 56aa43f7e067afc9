import { AsnConvert } from '@peculiar/asn1-schema';
import { GeneralName } from '@peculiar/asn1-x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressOctets,
  encodeUriValue,
  hostName,
  ipName,
  uriName,
} from '../../../../core/authority/x509/subjectAltName.ts';
import { toHex } from '../../../../core/domain/hex.ts';
import { StationError } from '../../../../core/domain/stationError.ts';
import { refusal } from '../fixtures.ts';

describe('URIs', () => {
  it('hold any value, and give it back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (value) => {
        try {
          const { value: uri } = uriName(`urn:keyline:device:${encodeUriValue(value)}`);
          expect(decodeURIComponent(uri.slice('urn:keyline:device:'.length))).toBe(value);
        } catch (error) {
          expect(error).toBeInstanceOf(StationError);
          expect(/\p{Surrogate}/u.test(value)).toBe(true);
        }
      }),
    );
  });

  it('keep apart what a delimiter could confuse', () => {
    expect(encodeUriValue("a:b/c?d#e[f]@!$&'()*+,;=%")).toBe(
      'a%3Ab%2Fc%3Fd%23e%5Bf%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25',
    );
    expect(encodeUriValue('SN-0001.a_b~')).toBe('SN-0001.a_b~');
  });

  it.each(['', 'urn:', 'no-scheme', '1a:b', 'urn:a b', 'urn:a%zz', 'urn:ü', 'urn:a\n', 'urn:<a>'])(
    'refuse %j',
    (uri) => {
      expect(refusal(() => uriName(uri)).code).toBe('name_value_invalid');
    },
  );
});

describe('hosts', () => {
  it.each(['localhost', 'a', 'mqtt.plant-1.example', 'A.B', '3com.example', 'a'.repeat(63)])(
    'take %s',
    (name) => {
      expect(hostName(name)).toEqual({ kind: 'dns', value: name });
    },
  );

  it.each(['192.168.1.10', '::1', 'fe80::1'])('write the address %s as an address', (name) => {
    expect(hostName(name)).toEqual({ kind: 'ip', value: name });
  });

  it.each([
    '',
    'a b',
    'a_b',
    '-a',
    'a-',
    'a..b',
    '.a',
    'a.',
    '*.a',
    'ü.example',
    'a'.repeat(64),
    `${'a.'.repeat(127)}aa`,
    '999.1.1.1',
    '1.2.3',
    'a\0.b',
    'fe80::1%eth0',
  ])('refuse %j', (name) => expect(refusal(() => hostName(name)).code).toBe('name_value_invalid'));
});

describe('addresses', () => {
  it.each([
    ['127.0.0.1', '7f000001'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['fe80::1:2', 'fe800000000000000000000000010002'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:192.168.1.2', '00000000000000000000ffffc0a80102'],
    ['2001:DB8::', '20010db8000000000000000000000000'],
  ])('%s is %s', (address, hex) => expect(toHex(addressOctets(address))).toBe(hex));

  it('agree with the encoder of the ASN.1 library', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6().filter((address) => !address.includes('.')),
        ),
        (address) => {
          const written = AsnConvert.serialize(new GeneralName({ iPAddress: ipName(address).value }));
          expect(toHex(new Uint8Array(written).subarray(2))).toBe(toHex(addressOctets(address)));
        },
      ),
    );
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', 'localhost', 'fe80::1%eth0', '1.2.3.4/8', '01.2.3.4'])(
    'refuse %j',
    (text) => {
      expect(refusal(() => ipName(text)).code).toBe('name_value_invalid');
    },
  );
});
