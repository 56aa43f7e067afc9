// Distinguished names: what may stand in one, writing and reading. Device serials and site names come from scanners and
// keyboards: what goes in is in the certificate byte for byte, or it is refused. Libraries that parse name strings rewrite
// quotes and backslashes.

import { ATTRIBUTE_OIDS, type SubjectAttribute } from '../../der/oids.ts';
import {
  childrenOf,
  type DerElement,
  encodingInvalid,
  expectTag,
  readElement,
  readOid,
  Sequence,
} from '../../der/reader.ts';
import {
  element,
  ia5String,
  isPrintable,
  oid,
  printableString,
  sequence,
  TAG,
  utf8String,
} from '../../der/writer.ts';
import { quoteForDisplay } from '../../domain/device.ts';
import { isMatterId } from '../../domain/matter.ts';
import { StationError } from '../../domain/stationError.ts';

export interface NameAttribute {
  readonly attribute: SubjectAttribute;
  readonly value: string;
}

const STRINGS = { utf8String, printableString, ia5String } as const;

export interface AttributeRule {
  readonly stringType: keyof typeof STRINGS;
  /** X.520 upper bound in characters. */
  readonly maxCharacters: number;
  readonly allows?: (value: string) => boolean;
  /** What a refusal says more than that the value cannot stand there. */
  readonly meaning?: string;
}

/** RFC 4519 2.4: one label of a host name. */
const isDnsLabel = (value: string): boolean => /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(value);
const MATTER_ID: AttributeRule = {
  stringType: 'utf8String',
  maxCharacters: 4,
  allows: isMatterId,
  meaning: 'matter-id-form',
};

/** RFC 5280 4.1.2.4 and appendix A.1; dnQualifier has no bound there and gets the common one. */
export const ATTRIBUTE_RULES: Readonly<Record<SubjectAttribute, AttributeRule>> = {
  C: { stringType: 'printableString', maxCharacters: 2, allows: (value) => /^[A-Z]{2}$/.test(value) },
  ST: { stringType: 'utf8String', maxCharacters: 128 },
  L: { stringType: 'utf8String', maxCharacters: 128 },
  O: { stringType: 'utf8String', maxCharacters: 64 },
  OU: { stringType: 'utf8String', maxCharacters: 64 },
  CN: { stringType: 'utf8String', maxCharacters: 64 },
  serialNumber: { stringType: 'printableString', maxCharacters: 64, allows: isPrintable },
  dnQualifier: { stringType: 'printableString', maxCharacters: 64, allows: isPrintable },
  DC: { stringType: 'ia5String', maxCharacters: 63, allows: isDnsLabel },
  matterVendorId: MATTER_ID,
  matterProductId: MATTER_ID,
};

/** Controls, line separators, and marks that make a name read otherwise than it is written. */
const CONTROL =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;
const ILL_FORMED = /\p{Surrogate}/u;

/** Refuses what cannot stand in a certificate as it is: `name_value_invalid` with attribute, value, reason, limit. */
export function checkNameValue(attribute: SubjectAttribute, value: string): void {
  const { maxCharacters, allows, meaning } = ATTRIBUTE_RULES[attribute];
  const refuse = (reason: string, limit?: number): never => {
    const shown = quoteForDisplay(value);
    throw new StationError('name_value_invalid', { attribute, value: shown, reason, limit, meaning });
  };
  if (value === '') refuse('empty');
  if (ILL_FORMED.test(value)) refuse('ill-formed-unicode');
  if (CONTROL.test(value)) refuse('control-character');
  // X.520 6.1 compares without outer spaces: two devices must not differ by nothing else.
  if (value.trim() !== value) refuse('space-at-edge');
  // Characters are code points, of which there are never more than UTF-16 units.
  if (value.length > maxCharacters && Array.from(value).length > maxCharacters)
    refuse('too-long', maxCharacters);
  if (allows?.(value) === false) refuse(attribute === 'C' ? 'country-code' : 'alphabet');
}

/** One RelativeDistinguishedName with one attribute; `name_value_invalid` says which rule a value breaks. */
export function relativeName(attribute: SubjectAttribute, value: string): Uint8Array {
  checkNameValue(attribute, value);
  return encodeRelativeName({ attribute, value });
}

/** {@link relativeName} of what has passed {@link checkNameValue}. */
export function encodeRelativeName({ attribute, value }: NameAttribute): Uint8Array {
  const text = STRINGS[ATTRIBUTE_RULES[attribute].stringType](value);
  return element(TAG.set, sequence(oid(ATTRIBUTE_OIDS[attribute]), text));
}

/** A whole name; attributes in the order given. */
export const distinguishedName = (attributes: readonly NameAttribute[]): Uint8Array =>
  sequence(...attributes.map((one) => relativeName(one.attribute, one.value)));

/** An attribute as it stands: the short name of its type where it is known, and the encoded string. */
export interface EncodedAttribute {
  readonly attribute: string;
  readonly text: DerElement;
}

export interface ReadAttribute {
  /** The short name where it is known, else the dotted object identifier. */
  readonly attribute: string;
  readonly value: string;
  /** The string's tag. */
  readonly tag: number;
}

const SHORT_NAMES = new Map(Object.entries(ATTRIBUTE_OIDS).map(([name, dotted]) => [dotted, name]));

/** The RDNs of a Name in their order, each with its attributes. */
export const readRelativeNames = (nameDer: Uint8Array): readonly (readonly EncodedAttribute[])[] =>
  childrenOf(expectTag(readElement(nameDer), TAG.sequence)).map((set) =>
    childrenOf(expectTag(set, TAG.set)).map((member) => {
      const fields = new Sequence(member, 'name');
      const type = readOid(fields.take(TAG.oid));
      const text = fields.take();
      fields.end();
      return { attribute: SHORT_NAMES.get(type) ?? type, text };
    }),
  );

/** Every attribute of a Name, in its order. */
export const readName = (nameDer: Uint8Array): readonly ReadAttribute[] =>
  readRelativeNames(nameDer)
    .flat()
    .map(({ attribute, text }) => ({ attribute, value: readText(text), tag: text.tag }));

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
