// The one way text becomes part of a Name. Device serials and site names come from scanners and keyboards: what goes in
// is in the certificate byte for byte, or it is refused. Libraries that parse name strings rewrite quotes and backslashes.

import { AsnConvert } from '@peculiar/asn1-schema';
import { AttributeTypeAndValue, AttributeValue, Name, RelativeDistinguishedName } from '@peculiar/asn1-x509';
import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import { ATTRIBUTE_OIDS, type SubjectAttribute } from './oids.ts';

export interface NameAttribute {
  readonly attribute: SubjectAttribute;
  readonly value: string;
}

type StringType = 'printableString' | 'ia5String' | 'utf8String';

export interface AttributeRule {
  readonly stringType: StringType;
  /** X.520 upper bound in characters. */
  readonly maxCharacters: number;
  readonly alphabet?: RegExp;
}

/** X.680 41.4. */
const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
/** RFC 4519 2.4: one label of a host name. */
const DNS_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/;

/** Matter 6.2.2: four hexadecimal digits, letters in upper case. */
const MATTER_ID = /^[0-9A-F]{4}$/;

/** RFC 5280 4.1.2.4 and appendix A.1; dnQualifier has no bound there and gets the common one. */
export const ATTRIBUTE_RULES: Readonly<Record<SubjectAttribute, AttributeRule>> = {
  C: { stringType: 'printableString', maxCharacters: 2, alphabet: /^[A-Z]{2}$/ },
  ST: { stringType: 'utf8String', maxCharacters: 128 },
  L: { stringType: 'utf8String', maxCharacters: 128 },
  O: { stringType: 'utf8String', maxCharacters: 64 },
  OU: { stringType: 'utf8String', maxCharacters: 64 },
  CN: { stringType: 'utf8String', maxCharacters: 64 },
  serialNumber: { stringType: 'printableString', maxCharacters: 64, alphabet: PRINTABLE },
  dnQualifier: { stringType: 'printableString', maxCharacters: 64, alphabet: PRINTABLE },
  DC: { stringType: 'ia5String', maxCharacters: 63, alphabet: DNS_LABEL },
  matterVendorId: { stringType: 'utf8String', maxCharacters: 4, alphabet: MATTER_ID },
  matterProductId: { stringType: 'utf8String', maxCharacters: 4, alphabet: MATTER_ID },
};

/** Controls, line separators, and marks that make a name read otherwise than it is written. */
const CONTROL =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const ILL_FORMED = /\p{Surrogate}/u;

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

/** Refuses what cannot stand in a certificate as it is: `name_value_invalid` with attribute, value, reason, limit. */
export function checkNameValue(attribute: SubjectAttribute, value: string): void {
  const { maxCharacters, alphabet } = ATTRIBUTE_RULES[attribute];
  const refuse = (reason: string, limit?: number): never => {
    throw new StationError('name_value_invalid', { attribute, value: quoteForDisplay(value), reason, limit });
  };
  if (value === '') refuse('empty');
  if (ILL_FORMED.test(value)) refuse('ill-formed-unicode');
  if (CONTROL.test(value)) refuse('control-character');
  // X.520 6.1 compares without outer spaces: two devices must not differ by nothing else.
  if (value.trim() !== value) refuse('space-at-edge');
  // Characters are code points, of which there are never more than UTF-16 units.
  if (value.length > maxCharacters && Array.from(value).length > maxCharacters)
    refuse('too-long', maxCharacters);
  if (alphabet && !alphabet.test(value)) refuse(attribute === 'C' ? 'country-code' : 'alphabet');
}
