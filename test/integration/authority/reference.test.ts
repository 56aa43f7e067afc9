// Keyline's encoder against @peculiar/x509, which encodes the same content on a path of its own: the to-be-signed bytes
// have to be the same.

import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Name,
  RelativeDistinguishedName,
} from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import { StationKeyMaker } from '../../../core/authority/keys.ts';
import { newCertificateSerial } from '../../../core/domain/certificateSerial.ts';
import { clientProfile, quickCeremony, random, SITE, unlocked } from '../../unit/authority/fixtures.ts';

const utf8 = (type: string, utf8String: string) =>
  new RelativeDistinguishedName([
    new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String }) }),
  ]);

describe('to-be-signed bytes', () => {
  it('are those of the reference, for 100 devices', async () => {
    const authority = unlocked(quickCeremony());
    const { publicKeySpki } = new StationKeyMaker().generate('P-256');
    const issuing = new x509.X509Certificate(Buffer.from(authority.issuingDer));
    const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
    const { privateKey } = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify']);
    const publicKey = new x509.PublicKey(Buffer.from(publicKeySpki));
    for (let i = 0; i < 100; i++) {
      const deviceSerial = `SN-${'x'.repeat(i % 50)}${i}`;
      const certificateSerial = newCertificateSerial(random);
      const prepared = authority.prepare(
        { profile: clientProfile(), certificateSerial, publicKeySpki, values: { site: SITE, deviceSerial } },
        undefined,
      );
      const reference = await x509.X509CertificateGenerator.create({
        serialNumber: certificateSerial,
        subject: new x509.Name(
          AsnConvert.serialize(new Name([utf8('2.5.4.10', SITE), utf8('2.5.4.3', deviceSerial)])),
        ),
        issuer: issuing.subjectName,
        notBefore: new Date(prepared.notBeforeMs),
        notAfter: new Date(prepared.notAfterMs),
        publicKey,
        signingKey: privateKey,
        signingAlgorithm: ecdsa,
        extensions: [
          new x509.BasicConstraintsExtension(false),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
          await x509.SubjectKeyIdentifierExtension.create(publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(issuing.publicKey),
          new x509.SubjectAlternativeNameExtension([
            { type: 'url', value: `urn:keyline:device:${deviceSerial}` },
          ]),
        ],
      });
      const { tbsCertificate } = AsnConvert.parse(reference.rawData, Certificate);
      const expected = Buffer.from(AsnConvert.serialize(tbsCertificate)).toString('hex');
      expect(Buffer.from(reference.rawData).toString('hex')).toContain(expected);
      expect(Buffer.from(prepared.toBeSigned).toString('hex')).toBe(expected);
    }
  });
});
