// Every driver in every situation, each over a real pseudo-terminal. A cell passes when the run ends in time, either with a
// device that really holds what was installed, or with an error that blames the device and never with a wrong "pass".

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { leafAuthority } from '../../support/familyBench.ts';
import { isAccepted, runAll } from './cells.ts';
import { contestants } from './contestants.ts';

const authority = leafAuthority();
const table = new Map<string, Map<string, string>>();
afterAll(() => {
  const columns = [...new Set([...table.values()].flatMap((row) => [...row.keys()]))];
  const rows = columns.map((situation) => [
    situation,
    ...[...table.values()].map((cells) => cells.get(situation) ?? '-'),
  ]);
  const all = [['situation', ...table.keys()], ...rows];
  const widths = all[0]?.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0))) ?? [];
  const text = all
    .map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  '))
    .join('\n');
  process.stdout.write(`\n${text}\n`);
  // Set by `KEYLINE_CONFORMANCE_PAGE=1`: the page holds what this run printed.
  if (process.env.KEYLINE_CONFORMANCE_PAGE === '1') writePage(text);
});

const page = fileURLToPath(new URL('../../../docs/targets/conformance.md', import.meta.url));

/** Puts the table between the fences of the page; the text around it is written by hand. */
function writePage(tableText: string): void {
  const [before, , after] = readFileSync(page, 'utf8').split(/^```.*$/m);
  writeFileSync(page, `${before}\`\`\`text\n${tableText.replace(/ +$/gm, '')}\n\`\`\`${after}`);
}

describe.concurrent.each(contestants)('$name', (contestant) => {
  it('holds its ground in every situation', { timeout: 600_000 }, async () => {
    const cells = new Map<string, string>();
    table.set(contestant.name, cells);
    const wrong: string[] = [];
    await runAll(contestant, authority(), (situation, outcome, expected) => {
      cells.set(situation, outcome);
      const right = expected === undefined ? isAccepted(outcome) : expected.includes(outcome);
      if (!right) wrong.push(`${situation}: ${outcome}`);
    });
    expect(wrong).toEqual([]);
  });
});
