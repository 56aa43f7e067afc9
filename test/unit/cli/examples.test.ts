// Whatever help texts and documents tell people to type is understood by the program as it is today.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../../cli/program.ts';
import {
  commandsInDocuments,
  commandsInHelp,
  type DocumentedCommand,
  scriptsInDocuments,
  shellCommands,
} from '../../support/documentedCommands.ts';

const packageFile = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

const withChildren = (command: Command): readonly Command[] => [
  command,
  ...command.commands.flatMap(withChildren),
];

/** Reads the words as the program would, and does nothing; throws with commander's own words for a mistake. */
async function understand(words: readonly string[]): Promise<void> {
  const program = await createProgram();
  for (const command of withChildren(program)) {
    command
      .exitOverride((error) => {
        throw error;
      })
      .configureOutput({ writeOut: () => {}, writeErr: () => {} });
    if (command.commands.length === 0 || command.name() === 'simulate') command.action(() => {});
  }
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'commander.helpDisplayed') throw thrown;
  }
}

/** The program's arguments, however it is called; undefined for another program. */
function argumentsOf({ words: [first, ...rest] }: DocumentedCommand): readonly string[] | undefined {
  if (first === 'keyline') return rest;
  if (first === 'npm' && rest[0] === 'run' && rest[1] === 'keyline' && rest[2] === '--') return rest.slice(3);
  return undefined;
}

const helpOf = (command: Command): string => {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
};

const inHelp = withChildren(await createProgram()).flatMap((command) => {
  const names: string[] = [];
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name());
  return commandsInHelp(`${names.join(' ')} --help`, helpOf(command));
});

describe('an example', () => {
  const examples = [...inHelp, ...commandsInDocuments()].flatMap((command) => {
    const words = argumentsOf(command);
    return words === undefined ? [] : [[command.place, words.join(' '), words] as const];
  });

  test.each(examples)('in %s: keyline %s', async (_, __, words) => {
    await understand(words);
  });

  test('stands in every command’s help and in the README', async () => {
    const places = new Set(examples.map(([place]) => place));
    const commands = (await createProgram()).commands.map((command) => `keyline ${command.name()} --help`);
    expect([...commands, 'keyline --help', 'README.md'].filter((place) => !places.has(place))).toEqual([]);
  });

  test('is understood by the commands that its words name alone', async () => {
    const all = (await createProgram()).commands.map((command) => command.name());
    const loaded = async (...words: readonly string[]) =>
      (await createProgram(words)).commands.map((command) => command.name());
    expect(await loaded('--data', 'order', 'run', 'WO-1')).toEqual(['order', 'run']);
    expect(await loaded('order', '--help')).toEqual(['order']);
    expect(await loaded('--version')).toEqual([]);
    for (const words of [[], ['--help', 'order'], ['help', 'order'], ['odrer']])
      expect(await loaded(...words)).toEqual(all);
  });

  test('that is wrong would be noticed', async () => {
    for (const words of [
      ['fly'],
      ['provision', '--serial', 'SN-1'],
      ['order', 'create', 'WO-1', '--amount', '3'],
      ['order', 'create', 'WO-1', '--quantity', 'three'],
      ['audit', 'verify', 'everything'],
    ]) {
      await expect(understand(words), words.join(' ')).rejects.toThrow();
    }
  });
});

test('every npm script that a document names is there', () => {
  const named = scriptsInDocuments();
  expect(named).toContain('README.md: demo');
  expect(named.filter((one) => !((one.split(': ')[1] ?? '') in packageFile.scripts))).toEqual([]);
});

test.each<[string, readonly (readonly string[])[]]>([
  ['keyline ports   # which one is it?', [['keyline', 'ports']]],
  ['keyline init --site "Plant 7"', [['keyline', 'init', '--site', 'Plant 7']]],
  [
    `printf '%s' "$PASS" | keyline init --passphrase-fd 0`,
    [
      ['printf', '%s', '$PASS'],
      ['keyline', 'init', '--passphrase-fd', '0'],
    ],
  ],
  [
    'keyline crl --out a/ && keyline ports',
    [
      ['keyline', 'crl', '--out', 'a/'],
      ['keyline', 'ports'],
    ],
  ],
  ['keyline x --fd 3 3<pass.txt >out.txt y', [['keyline', 'x', '--fd', '3', 'y']]],
  ['say "$(openssl rand -hex 16)" $(date)', [['say', '$(openssl rand -hex 16)', '$(date)']]],
  ['# only words', []],
])('a shell would take %j apart the same way', (line, commands) => {
  expect(shellCommands(line)).toEqual(commands);
});
