import { expect, test } from 'vitest';
import { codeLines } from '../../support/lineCount.ts';

test.each([
  ['', 0],
  ['\n \n\t\n', 0],
  ['const a = 1;', 1],
  ['// only words\nconst a = 1; // words behind code\n', 1],
  ['/** one */\nexport const a = 1;\n', 1],
  ['/*\n * several\n\n */\nexport const a = 1;', 1],
  ['/* in front */ const a = 1;', 1],
  ['/* ends\n here */ const a = 1;', 1],
  ["const url = 'https://example';\n/* open for ever\nconst a = 1;", 1],
])('%j has so many lines with code: %i', (source, count) => {
  expect(codeLines(source)).toBe(count);
});
