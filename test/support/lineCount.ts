// How much test there is for how much core: lines that are neither blank nor comment. A figure to look at, not a gate.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

const root = join(import.meta.dirname, '../..');

/** Counts a source text's lines with code on them. A comment behind code, or inside a template's text, makes no difference. */
export function codeLines(source: string): number {
  let count = 0;
  let inComment = false;
  for (const raw of source.split('\n')) {
    let line = raw.trim();
    if (!inComment && line.startsWith('/*')) inComment = true;
    if (inComment) {
      const end = line.indexOf('*/');
      if (end === -1) continue;
      inComment = false;
      line = line.slice(end + 2).trim();
    }
    if (line !== '' && !line.startsWith('//')) count += 1;
  }
  return count;
}

export const codeLinesIn = (folder: string): number =>
  globSync(`${folder}/**/*.{ts,tsx}`, { cwd: root }).reduce(
    (sum, path) => sum + codeLines(readFileSync(join(root, path), 'utf8')),
    0,
  );

/** Vitest calls what this returns at the very end, whether or not the tests passed; only a whole run measures coverage. */
export default (project: TestProject) => () => {
  if (!project.config.coverage.enabled) return;
  const [test, core] = [codeLinesIn('test'), codeLinesIn('core')];
  console.log(
    `\nLines of code, without blanks and comments: test ${test}, core ${core}; ${(test / core).toFixed(2)} of test to 1 of core`,
  );
};
