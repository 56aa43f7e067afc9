// Distinguished names in DER, by the same rules as on the plain path (x509/nameEncoder.ts): values pass through unchanged
// or are refused.

import { ATTRIBUTE_RULES, checkNameValue, type NameAttribute } from '../x509/nameEncoder.ts';
import { ATTRIBUTE_OIDS, type SubjectAttribute } from '../x509/oids.ts';
import { childrenOf, type DerElement, encodingInvalid, readElement, readOid, Sequence } from './reader.ts';
import { element, ia5String, oid, printableString, sequence, TAG, utf8String } from './writer.ts';

const STRINGS = { utf8String, printableString, ia5String } as const;

/** One RelativeDistinguishedName with one attribute; `name_value_invalid` says which rule a value breaks. */
export function relativeName(attribute: SubjectAttribute, value: string): Uint8Array {
  checkNameValue(attribute, value);
  const text = STRINGS[ATTRIBUTE_RULES[attribute].stringType](value);
  return element(TAG.set, sequence(oid(ATTRIBUTE_OIDS[attribute]), text));
}

/** A whole name; attributes in the order given. */
export const distinguishedName = (attributes: readonly NameAttribute[]): Uint8Array =>
  sequence(...attributes.map((one) => relativeName(one.attribute, one.value)));

export interface ReadAttribute {
  /** The short name where it is known, else the dotted object identifier. */
  readonly attribute: string;
  readonly value: string;
  /** The string's tag. */
  readonly tag: number;
}

const SHORT_NAMES = new Map(Object.entries(ATTRIBUTE_OIDS).map(([name, dotted]) => [dotted, name]));

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
