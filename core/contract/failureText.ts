// Fills the sentences of resources/text with an error's details. Every interface (window, CLI) uses this one, so that
// the same failure reads the same everywhere. It knows no sentences itself.

import type { ErrorDetails } from '../domain/stationError.ts';

/** What happened and what to do next, as templates: `{field}` is a detail, `[…]` is left out when a detail in it is missing. */
export interface FailureTemplate {
  readonly what: string;
  readonly next: string;
}

const MISSING = '…';

/** Fills `{field}` from `details`; a bracketed part that names a missing detail disappears with its brackets. */
export function fillText(template: string, details: ErrorDetails = {}): string {
  const value = (field: string): string | undefined => {
    const detail = details[field];
    return detail === undefined || detail === '' ? undefined : String(detail);
  };
  const fill = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, field: string) => value(field) ?? MISSING);
  // One pass over the template only, so that brackets and braces inside a value are never read as template.
  return template.replace(/\[([^\]]*)\]|\{(\w+)\}/g, (_, optional: string | undefined, field: string) => {
    if (optional === undefined) return value(field) ?? MISSING;
    const fields = [...optional.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    return fields.every((name) => value(name) !== undefined) ? fill(optional) : '';
  });
}

/** Milliseconds are for programs: `limitMs: 60000` can also be named `{limitSeconds}`. */
const withSeconds = (details: ErrorDetails): ErrorDetails =>
  Object.fromEntries(
    Object.entries(details).flatMap(([name, value]) =>
      name.endsWith('Ms') && typeof value === 'number'
        ? [[name, value] as const, [`${name.slice(0, -2)}Seconds`, Math.round(value / 100) / 10] as const]
        : [[name, value] as const],
    ),
  );

/** Words for the values of a detail: `{ reason: { encoding: 'it is not UTF-8' }, phase: { key: 'Key' } }`. */
export type DetailWords = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The tables of a language's texts that have words for details. */
export interface DetailTables {
  readonly reasons: Readonly<Record<string, string>>;
  /** For the linter's rules, which also come as reasons. */
  readonly rules: Readonly<Record<string, string>>;
  readonly phases: Readonly<Record<string, string>>;
  readonly items: Readonly<Record<string, string>>;
}

/** Which table has the words for which detail. */
export const detailWords = ({ reasons, rules, phases, items }: DetailTables): DetailWords => ({
  reason: { ...rules, ...reasons },
  rule: rules,
  limit: reasons,
  phase: phases,
  item: items,
});

const withWords = (details: ErrorDetails, words: DetailWords): ErrorDetails =>
  Object.fromEntries(
    Object.entries(details).map(([name, value]) => {
      const known = words[name];
      const word =
        known !== undefined && Object.hasOwn(known, String(value)) ? known[String(value)] : undefined;
      return [name, word ?? value];
    }),
  );

/** The language's templates: by code, and for what a device's answer is known to mean, which says more than that it refused. */
export interface FailureTexts<Code extends string> {
  readonly failures: Readonly<Record<Code, FailureTemplate>>;
  readonly meanings: Readonly<Record<string, FailureTemplate>>;
}

/** The template for one failure. */
export function failureTemplate<Code extends string>(
  texts: FailureTexts<Code>,
  code: Code,
  { meaning }: ErrorDetails,
): FailureTemplate {
  const known = typeof meaning === 'string' && Object.hasOwn(texts.meanings, meaning);
  return (known ? texts.meanings[meaning] : undefined) ?? texts.failures[code];
}

/** The two sentences of a failure. */
export function describeFailure(
  template: FailureTemplate,
  details: ErrorDetails,
  words: DetailWords = {},
): FailureTemplate {
  const named = withWords(withSeconds(details), words);
  return { what: fillText(template.what, named), next: fillText(template.next, named) };
}
