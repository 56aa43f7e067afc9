// One name of a subjectAltName in DER (RFC 5280 4.2.1.6).

import { type AltName, addressOctets } from '../x509/subjectAltName.ts';
import { OID } from './oids.ts';
import { element, explicit, implicit, octetString, oid, sequence } from './writer.ts';

export function generalName(name: AltName): Uint8Array {
  switch (name.kind) {
    case 'uri':
      return implicit(6, Buffer.from(name.value, 'latin1'));
    case 'dns':
      return implicit(2, Buffer.from(name.value, 'latin1'));
    case 'ip':
      return implicit(7, addressOctets(name.value));
    case 'hardware-module':
      // RFC 4108 5, as an otherName.
      return element(
        0xa0,
        oid(OID.hardwareModuleName),
        explicit(0, sequence(oid(name.typeOid), octetString(Buffer.from(name.value, 'latin1')))),
      );
  }
}
