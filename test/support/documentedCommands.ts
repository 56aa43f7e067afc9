// The commands that help texts and documents show, as a shell would hand them to the program.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface DocumentedCommand {
  readonly place: string;
  /** The program's name first. */
  readonly words: readonly string[];
}

/** What stands behind a `$` in a help text. */
export const commandsInHelp = (place: string, help: string): readonly DocumentedCommand[] =>
  commandsIn(
    place,
    joined(help)
      .split('\n')
      .flatMap((line) => /(?:^|\s)\$ (.+)/.exec(line)?.[1] ?? []),
  );

/** What stands in the shell blocks of README and docs. */
export const commandsInDocuments = (): readonly DocumentedCommand[] =>
  documents().flatMap(([path, text]) => {
    const blocks = text.matchAll(/```(?:sh|shell|bash)\n(.*?)```/gs);
    return [...blocks].flatMap(([, block = '']) => commandsIn(path, joined(block).split('\n')));
  });

/** The npm scripts that README and docs name, in a block or in a sentence. */
export const scriptsInDocuments = (): readonly string[] =>
  documents().flatMap(([path, text]) =>
    [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => `${path}: ${script}`),
  );

const documents = (): readonly (readonly [string, string])[] =>
  ['README.md', ...globSync('docs/**/*.md', { cwd: root })].map((path) => [
    path,
    readFileSync(join(root, path), 'utf8'),
  ]);

/** Lines that end in a backslash go on. */
const joined = (text: string): string => text.replaceAll(/\\\n\s*/g, ' ');

const commandsIn = (place: string, lines: readonly string[]): readonly DocumentedCommand[] =>
  lines.flatMap((line) =>
    shellCommands(line)
      .map((words) => words.filter((word, index) => index > 0 || !/^[A-Z_]+=/.test(word)))
      .filter((words) => words.length > 0)
      .map((words) => ({ place, words })),
  );

/**
 * One line's commands with their words: quotes, comments, pipes and redirections as in a POSIX shell; what is inside `$(…)`
 * counts as one word.
 */
export function shellCommands(line: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  let skipsNext = false;
  const endWord = (): void => {
    if (word !== undefined && !skipsNext) commands.at(-1)?.push(word);
    if (word !== undefined) skipsNext = false;
    word = undefined;
  };
  for (let at = 0; at < line.length; at += 1) {
    const rest = line.slice(at);
    const quoted = /^"((?:[^"\\]|\\.)*)"|^'([^']*)'/.exec(rest);
    const substitution = /^\$\([^)]*\)/.exec(rest);
    const redirection = word === undefined ? /^\d?[<>]+&?/.exec(rest) : /^[<>]+&?/.exec(rest);
    const separator = /^(?:&&|\|\||[|;])/.exec(rest);
    if (quoted !== null) {
      word = (word ?? '') + (quoted[1] ?? quoted[2] ?? '');
      at += quoted[0].length - 1;
    } else if (substitution !== null) {
      word = (word ?? '') + substitution[0];
      at += substitution[0].length - 1;
    } else if (redirection !== null) {
      endWord();
      skipsNext = true;
      at += redirection[0].length - 1;
    } else if (separator !== null) {
      endWord();
      commands.push([]);
      at += separator[0].length - 1;
    } else if (word === undefined && rest.startsWith('#')) {
      break;
    } else if (/^\s/.test(rest)) {
      endWord();
    } else {
      word = (word ?? '') + rest.charAt(0);
    }
  }
  endWord();
  return commands.filter((words) => words.length > 0);
}
