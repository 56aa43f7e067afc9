// The texts of every language, checked by the compiler against the English ones.

import type { Settings } from '../../core/contract/schemas/session.ts';
import de from '../../resources/text/de.json' with { type: 'json' };
import en from '../../resources/text/en.json' with { type: 'json' };

export type Text = typeof en;
export type Language = Settings['language'];

export const TEXTS: Readonly<Record<Language, Text>> = { en, de };
export const LANGUAGES = Object.keys(TEXTS) as readonly Language[];
export const languageName = (language: Language): string => TEXTS[language].language;
