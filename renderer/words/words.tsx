// All visible text, in the language of the settings. A screen names a text by its place in resources/text, so a text that
// is missing or misspelt does not compile.

import { createContext, type ReactNode, useContext, useMemo } from 'react';
import {
  describeFailure,
  detailWords,
  type FailureTemplate,
  failureTemplate,
  fillText,
} from '../../core/contract/failureText.ts';
import type { Failure } from '../../core/contract/schemas/common.ts';
import type { ErrorDetails } from '../../core/domain/stationError.ts';
import { durationIn } from './duration.ts';
import { type Language, TEXTS, type Text } from './text.ts';

export interface Words {
  readonly t: Text;
  readonly language: Language;
  readonly fill: typeof fillText;
  /** Picks the form for `n` and fills `{n}` and the rest. */
  plural(forms: { readonly one: string; readonly other: string }, n: number, details?: ErrorDetails): string;
  failure(failure: Pick<Failure, 'code' | 'details'>): FailureTemplate;
  number(value: number, fractionDigits?: number): string;
  percent(ratio: number | undefined): string;
  /** “a, b or c”. */
  either(values: readonly string[]): string;
  date(atMs: number): string;
  time(atMs: number): string;
  /** Date and time, to the minute. */
  moment(atMs: number): string;
  /** A rough length of time. */
  duration(ms: number): string;
  bytes(sizeBytes: number): string;
}

export function wordsIn(language: Language): Words {
  const t = TEXTS[language];
  const locale = language === 'en' ? 'en-GB' : language;
  const choices = new Intl.ListFormat(locale, { type: 'disjunction' });
  const plurals = new Intl.PluralRules(locale);
  const dateFormat = new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', day: 'numeric' });
  const timeFormat = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const number = (value: number, fractionDigits = 0): string =>
    new Intl.NumberFormat(locale, {
      minimumFractionDigits: fractionDigits,
      maximumFractionDigits: fractionDigits,
    }).format(value);
  return {
    t,
    language,
    fill: fillText,
    plural: (forms, n, details = {}) =>
      fillText(plurals.select(n) === 'one' ? forms.one : forms.other, { ...details, n: number(n) }),
    failure: ({ code, details }) =>
      describeFailure(failureTemplate(t, code, details), details, detailWords(t)),
    number,
    percent: (ratio) =>
      ratio === undefined
        ? '–'
        : new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(ratio),
    either: (values) => choices.format(values),
    date: (atMs) => dateFormat.format(atMs),
    time: (atMs) => timeFormat.format(atMs),
    moment: (atMs) => `${dateFormat.format(atMs)}, ${timeFormat.format(atMs)}`,
    duration: durationIn(locale),
    bytes: (sizeBytes) =>
      sizeBytes < 1_000_000 ? `${number(sizeBytes / 1_000, 1)} kB` : `${number(sizeBytes / 1_000_000, 1)} MB`,
  };
}

const Context = createContext<Words>(wordsIn('en'));
export const useWords = (): Words => useContext(Context);

export function WordsProvider({
  language,
  children,
}: {
  language: Language;
  children: ReactNode;
}): ReactNode {
  const words = useMemo(() => wordsIn(language), [language]);
  return <Context value={words}>{children}</Context>;
}
