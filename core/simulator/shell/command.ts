// A command of the shell and the tree of them: how a line finds its handler, and the help that is printed instead.

import { EINVAL, ENOEXEC, HELP_PRINTED } from '../errno.ts';
import type { Terminal } from './terminal.ts';
import { readToken } from './tokenizer.ts';

export interface Command {
  readonly name: string;
  readonly help: string;
  readonly subcommands?: readonly Command[];
  /** Gets the words from this command's own name on; returns 0 or a negative error number. */
  readonly run?: (words: readonly string[]) => number;
  /** How many words are needed, the command's own name included; undefined: not checked. */
  readonly mandatory?: number;
  readonly optional?: number;
}

export interface CommandSettings {
  readonly argumentsMax: number;
  /** CONFIG_SHELL_HELP and CONFIG_SHELL_WILDCARD, both off in a minimal shell. */
  readonly help: boolean;
}

const wildcardPattern = (word: string): RegExp =>
  new RegExp(
    `^${word
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

export class CommandTree {
  readonly roots: readonly Command[];
  /** CONFIG_SHELL_CMD_ROOT: every line goes to this command. */
  selected: Command | undefined;
  #terminal: Terminal;
  #settings: CommandSettings;

  constructor(roots: readonly Command[], terminal: Terminal, settings: CommandSettings) {
    this.roots = [...roots].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#terminal = terminal;
    this.#settings = settings;
  }

  /** Runs a line and returns what `retval` will show. */
  execute(line: string): number {
    const words: string[] = this.selected ? [this.selected.name] : [];
    let parent = this.selected;
    let handler = this.selected;
    let handlerLevel = 0;
    let helpOf = this.selected;
    let searching = true;
    let rest = line;
    let hasMore = true;
    while (hasMore && words.length < this.#settings.argumentsMax) {
      const token = readToken(rest);
      if (token === undefined) return ENOEXEC;
      ({ rest, hasMore } = token);
      const { word } = token;
      if (!hasMore && token.unterminated !== undefined) {
        this.#terminal.print('red', `not terminated: ${token.unterminated}\n`);
        return ENOEXEC;
      }
      if (words.length > 0 && this.#settings.help) {
        if ((word === '-h' || word === '--help') && helpOf) return this.#printHelp(helpOf);
        if (/[*?]/.test(word)) {
          const matches = (parent?.subcommands ?? []).filter((one) => wildcardPattern(word).test(one.name));
          if (matches.length === 0) {
            hasMore = false;
            break;
          }
          words.push(...matches.map((one) => one.name));
          continue;
        }
      }
      const found: Command | undefined = searching
        ? (parent ? (parent.subcommands ?? []) : this.roots).find((one) => one.name === word)
        : undefined;
      if (found) {
        if (found.run) {
          handler = found;
          handlerLevel = words.length;
        }
        helpOf = found;
        parent = found;
      } else {
        if (words.length === 0) this.#terminal.print('red', `${word}: command not found\n`);
        searching = false;
      }
      words.push(word);
    }
    if (hasMore && words.length >= this.#settings.argumentsMax) {
      this.#terminal.print('red', 'Too many arguments in the command.\n\n');
      return ENOEXEC;
    }
    return this.#run(handler, words.slice(handlerLevel), helpOf);
  }

  #run(handler: Command | undefined, words: readonly string[], helpOf: Command | undefined): number {
    if (handler?.run === undefined) {
      if (this.#settings.help) return helpOf ? this.#printHelp(helpOf) : ENOEXEC;
      this.#terminal.print('red', 'Please specify a subcommand.\n');
      return ENOEXEC;
    }
    const { mandatory, optional = 0 } = handler;
    if (mandatory !== undefined && (words.length < mandatory || words.length > mandatory + optional)) {
      this.#terminal.print('red', `${handler.name}: wrong parameter count\n`);
      if (this.#settings.help) this.#printHelp(handler);
      return EINVAL;
    }
    return handler.run(words);
  }

  #printHelp(command: Command): number {
    this.#terminal.write(`${command.name} - `);
    this.#printFolded(command.help, command.name.length + 3);
    this.printList('Subcommands:\n', command.subcommands ?? []);
    return HELP_PRINTED;
  }

  /** Prints commands below each other with their help. */
  printList(title: string, commands: readonly Command[]): void {
    if (commands.length === 0) return;
    this.#terminal.write(title);
    const width = Math.max(...commands.map((one) => one.name.length));
    for (const { name, help } of commands) {
      this.#terminal.write(`  ${name.padEnd(width)}  : `);
      this.#printFolded(help, width + 5);
    }
  }

  /** Breaks text between words so that it fits to the right of `margin`. */
  #printFolded(text: string, margin: number): void {
    const room = this.#terminal.width - margin;
    let rest = text;
    while (rest.length > room) {
      const cut = rest.lastIndexOf(' ', room);
      this.#terminal.write(`${rest.slice(0, cut < 1 ? room : cut)}\n`);
      this.#terminal.moveHorizontally(margin);
      rest = rest.slice(cut < 1 ? room : cut).trimStart();
    }
    this.#terminal.write(`${rest}\n`);
  }
}
