// Distinguished names in DER: string types and lengths by attribute (RFC 5280 appendix A, X.520). Values pass through
// unchanged or are refused.

import { quoteForDisplay } from '../../domain/device.ts';
import { StationError } from '../../domain/stationError.ts';
import { childrenOf, type DerElement, encodingInvalid, readElement, readOid, Sequence } from './reader.ts';
import {
  element,
  ia5String,
  isPrintable,
  oid,
  printableString,
  sequence,
  TAG,
  utf8String,
} from './writer.ts';

export interface AttributeRule {
  readonly oid: string;
  readonly string: 'utf8' | 'printable' | 'ia5';
  readonly maxLength: number;
}

/** Upper bounds of RFC 5280 appendix A.1; serialNumber and dnQualifier are PrintableString, domain parts IA5String. */
export const ATTRIBUTE_RULES: Readonly<Record<string, AttributeRule>> = {
  C: { oid: '2.5.4.6', string: 'printable', maxLength: 2 },
  ST: { oid: '2.5.4.8', string: 'utf8', maxLength: 128 },
  L: { oid: '2.5.4.7', string: 'utf8', maxLength: 128 },
  O: { oid: '2.5.4.10', string: 'utf8', maxLength: 64 },
  OU: { oid: '2.5.4.11', string: 'utf8', maxLength: 64 },
  CN: { oid: '2.5.4.3', string: 'utf8', maxLength: 64 },
  serialNumber: { oid: '2.5.4.5', string: 'printable', maxLength: 64 },
  dnQualifier: { oid: '2.5.4.46', string: 'printable', maxLength: 64 },
  DC: { oid: '0.9.2342.19200300.100.1.25', string: 'ia5', maxLength: 63 },
  // Matter 6.2.2: vendor and product id, four upper-case hex digits.
  matterVendorId: { oid: '1.3.6.1.4.1.37244.2.1', string: 'utf8', maxLength: 4 },
  matterProductId: { oid: '1.3.6.1.4.1.37244.2.2', string: 'utf8', maxLength: 4 },
};

/** One RelativeDistinguishedName with one attribute; `name_value_invalid` says which rule a value breaks. */
export function relativeName(attribute: string, value: string): Uint8Array {
  const rule = ATTRIBUTE_RULES[attribute];
  const refuse = (reason: string): StationError =>
    new StationError('name_value_invalid', { attribute, value: quoteForDisplay(value), reason });
  if (rule === undefined) throw refuse('attribute');
  if (value.length === 0) throw refuse('empty');
  if ([...value].length > rule.maxLength) throw refuse('too-long');
  if (/[\x00-\x1f\x7f-\x9f]/.test(value) || /\p{Surrogate}/u.test(value)) throw refuse('alphabet');
  if (rule.string === 'printable' && !isPrintable(value)) throw refuse('alphabet');
  if (rule.string === 'ia5' && !/^[\x20-\x7e]*$/.test(value)) throw refuse('alphabet');
  if (attribute === 'C' && !/^[A-Z]{2}$/.test(value)) throw refuse('country');
  if (attribute.startsWith('matter') && !/^[0-9A-F]{4}$/.test(value)) throw refuse('alphabet');
  const text = { utf8: utf8String, printable: printableString, ia5: ia5String }[rule.string](value);
  return element(TAG.set, sequence(oid(rule.oid), text));
}

/** A whole name; attributes in the order given. */
export const distinguishedName = (
  attributes: readonly { readonly attribute: string; readonly value: string }[],
): Uint8Array => sequence(...attributes.map((one) => relativeName(one.attribute, one.value)));

export interface ReadAttribute {
  /** The short name where it is known, else the dotted object identifier. */
  readonly attribute: string;
  readonly value: string;
  /** The string's tag. */
  readonly tag: number;
}

const SHORT_NAMES = new Map(Object.entries(ATTRIBUTE_RULES).map(([name, rule]) => [rule.oid, name]));

/** Every attribute of a Name, in its order. */
export function readName(nameDer: Uint8Array): readonly ReadAttribute[] {
  const outer = readElement(nameDer);
  if (outer.tag !== TAG.sequence) throw encodingInvalid('unexpected-tag', 'name');
  return childrenOf(outer).flatMap((set) => {
    if (set.tag !== TAG.set) throw encodingInvalid('unexpected-tag', 'name');
    return childrenOf(set).map((member) => {
      const fields = new Sequence(member, 'name');
      const type = readOid(fields.take(TAG.oid));
      const text = fields.take();
      fields.end();
      return { attribute: SHORT_NAMES.get(type) ?? type, value: readText(text), tag: text.tag };
    });
  });
}

/** The text of a directory string. Strings that are no longer allowed are shown as Latin-1, never guessed at. */
export function readText(text: DerElement): string {
  if (text.tag === TAG.utf8String) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text.content);
    } catch {
      throw encodingInvalid('utf8');
    }
  }
  return Buffer.from(text.content).toString('latin1');
}

/** The first value of `attribute`, if there is one. */
export const attributeOf = (nameDer: Uint8Array, attribute: string): string | undefined =>
  readName(nameDer).find((one) => one.attribute === attribute)?.value;

/** `CN=dev-1, O=Acme` for people to read; never parsed again. */
export const nameForDisplay = (nameDer: Uint8Array): string =>
  readName(nameDer)
    .map((one) => `${one.attribute}=${one.value}`)
    .join(', ');
