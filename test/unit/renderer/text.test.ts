import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LINT_RULES } from '../../../core/authority/lint/lint.ts';
import { CONDITION_KINDS } from '../../../core/contract/schemas/session.ts';
import { PHASES } from '../../../core/domain/run.ts';
import { ERROR_SIDES } from '../../../core/domain/stationError.ts';
import { IMPORT_MEANINGS } from '../../../core/host/existingAuthority.ts';
import { CME_MEANINGS } from '../../../core/link/nrf91/credentialSlots.ts';

type Tree = { readonly [key: string]: string | readonly string[] | Tree };

const read = (language: string): Tree =>
  JSON.parse(
    readFileSync(new URL(`../../../resources/text/${language}.json`, import.meta.url), 'utf8'),
  ) as Tree;

function leaves(tree: Tree, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    if (typeof value === 'string') return [[here, value] as const];
    if (Array.isArray(value)) return value.map((text, index) => [`${here}.${index}`, String(text)] as const);
    return leaves(value as Tree, here);
  });
}

const fieldsOf = (text: string): readonly string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
const english = leaves(read('en'));
const german = new Map(leaves(read('de')));

describe('the texts', () => {
  it('have the same keys in every language', () => {
    expect([...german.keys()].sort()).toEqual(english.map(([key]) => key).sort());
  });

  it.each(english)('%s names the same details in every language', (key, text) => {
    expect(fieldsOf(german.get(key) ?? '')).toEqual(fieldsOf(text));
  });

  it.each([...english, ...german])('%s is well formed', (_, text) => {
    const outside = text.replace(/\[[^[\]]*\]/g, '').replace(/\{\w+\}/g, '');
    expect(outside).not.toMatch(/[[\]{}]/);
    for (const [, part] of text.matchAll(/\[([^\]]*)\]/g)) expect(part).toMatch(/\{\w+\}/);
    expect(text).not.toMatch(/ {2}|^ | $/);
  });

  it('say for every failure what happened and what to do next, in whole sentences', () => {
    for (const texts of [read('en'), read('de')]) {
      const failures = texts.failures as {
        readonly [code: string]: { readonly what: string; readonly next: string };
      };
      expect(Object.keys(failures).sort()).toEqual(Object.keys(ERROR_SIDES).sort());
      for (const [code, { what, next }] of Object.entries(failures)) {
        expect(what, code).toMatch(/[.…]$/);
        expect(next, code).toMatch(/[.]$/);
      }
    }
  });

  it('have words of their own for every known meaning of a failure', () => {
    const known = [
      ...Object.values(CME_MEANINGS),
      'read-only-file-system',
      'nothing-read',
      'no-password',
      'matter-not-of-issuer',
      'matter-not-of-root',
      'matter-id-form',
      'pai-for-one-profile',
      'profile-value-missing',
      'outside-name-constraints',
      'root-list-unfit',
      ...Object.values(IMPORT_MEANINGS),
    ];
    for (const texts of [read('en'), read('de')]) {
      const meanings = texts.meanings as Record<string, { readonly what: string; readonly next: string }>;
      expect(Object.keys(meanings).sort()).toEqual([...known].sort());
      for (const { what, next } of Object.values(meanings))
        expect([what, next].join(' ')).toMatch(/\. .*\.$/);
    }
  });

  it('say in words which rule of the linter is broken', () => {
    // Two that the linter has no rule object for: it cannot read the bytes, and the key is not the profile's.
    const known = [...LINT_RULES.map(({ id }) => id), 'encoding', 'public-key-algorithm'];
    for (const texts of [read('en'), read('de')]) {
      expect(Object.keys(texts.rules as Tree).sort()).toEqual([...known].sort());
    }
  });

  it('name every phase and every condition', () => {
    const texts = read('en') as unknown as { phases: object; phasesDoing: object; conditions: object };
    expect(Object.keys(texts.phases)).toEqual([...PHASES]);
    expect(Object.keys(texts.phasesDoing)).toEqual([...PHASES]);
    expect(Object.keys(texts.conditions).sort()).toEqual([...CONDITION_KINDS].sort());
  });
});
