// A Name in the X.509 library's encoding, for the plain path to a certificate.

import { AsnConvert } from '@peculiar/asn1-schema';
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from '@peculiar/asn1-x509';
import { ATTRIBUTE_OIDS } from '../../der/oids.ts';
import { ATTRIBUTE_RULES, checkNameValue, type NameAttribute } from './name.ts';

/** The DER of a Name with one attribute to each RDN, in the given order. Throws `name_value_invalid`. */
export function encodeName(attributes: readonly NameAttribute[]): Uint8Array {
  const relativeNames = attributes.map(({ attribute, value }) => {
    checkNameValue(attribute, value);
    const { stringType } = ATTRIBUTE_RULES[attribute];
    return new RelativeDistinguishedName([
      new AttributeTypeAndValue({
        type: ATTRIBUTE_OIDS[attribute],
        value: new AttributeValue({ [stringType]: value }),
      }),
    ]);
  });
  return new Uint8Array(AsnConvert.serialize(new Name(relativeNames)));
}
