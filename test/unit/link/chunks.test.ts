import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutIntoChunks } from '../../../core/link/zephyr/chunks.ts';

const spelled = (argument: string): string =>
  argument.startsWith("'") ? argument.slice(1, -1).replaceAll('\\x0a', '\n') : argument;

const base64Text = fc.string({
  unit: fc.constantFrom(...'loadcerABCxyz0189+/'),
  minLength: 1,
  maxLength: 400,
});
const pemText = fc.string({ unit: fc.constantFrom(...'loadcer -\n+/='), minLength: 1, maxLength: 400 });

test('joined again the chunks are the text, none is too long, none spells a subcommand', () => {
  fc.assert(
    fc.property(fc.oneof(base64Text, pemText), fc.integer({ min: 12, max: 250 }), (text, limit) => {
      const chunks = cutIntoChunks(text, limit);
      expect(chunks.map(({ argument }) => spelled(argument)).join('')).toBe(text);
      for (const { argument, sizeBytes } of chunks) {
        expect(argument.length).toBeLessThanOrEqual(limit);
        expect(spelled(argument)).toHaveLength(sizeBytes);
        expect(['load', 'clear']).not.toContain(spelled(argument));
        expect(sizeBytes).toBeGreaterThan(0);
      }
    }),
  );
});

test.each(['load', 'clear', 'AAAAAAAAAAAAload', 'AAAAAAAAAAAAclear', 'loadloadload', 'clearclear'])(
  '%s is cut elsewhere',
  (text) => {
    for (const limit of [4, 5, 12]) {
      const chunks = cutIntoChunks(text, limit);
      expect(chunks.map(({ argument }) => argument).join('')).toBe(text);
      for (const { argument } of chunks) expect(['load', 'clear']).not.toContain(argument);
    }
  },
);

test('base64 uses the whole line; text with a line feed is quoted', () => {
  expect(cutIntoChunks('A'.repeat(500), 246).map(({ sizeBytes }) => sizeBytes)).toEqual([246, 246, 8]);
  expect(cutIntoChunks('a b\n', 246)).toEqual([{ argument: "'a b\\x0a'", sizeBytes: 4 }]);
});
