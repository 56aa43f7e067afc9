// Completion with Tab: one candidate is filled in, several are shown below the line.

import type { Command, CommandTree } from './command.ts';
import type { LineEditor } from './lineEditor.ts';
import type { Terminal } from './terminal.ts';
import { readToken } from './tokenizer.ts';

export interface CompletionParts {
  readonly terminal: Terminal;
  readonly editor: LineEditor;
  readonly tree: CommandTree;
}

/** The commands that the word before the cursor may become, and that word. */
function candidates({ editor, tree }: CompletionParts): { found: readonly Command[]; word: string } {
  const head = editor.text.slice(0, editor.position);
  let commands: readonly Command[] = tree.selected ? (tree.selected.subcommands ?? []) : tree.roots;
  let token = readToken(head);
  while (token && (token.hasMore || head.endsWith(' '))) {
    const { word, rest } = token;
    commands = commands.find((one) => one.name === word)?.subcommands ?? [];
    token = readToken(rest);
  }
  const word = token?.word ?? '';
  return { found: commands.filter((one) => one.name.startsWith(word)), word };
}

function commonStart(names: readonly string[]): string {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}

export function completeLine(parts: CompletionParts): void {
  const { editor, terminal } = parts;
  const { found, word } = candidates(parts);
  const [only, ...others] = found;
  if (only === undefined) return;
  if (others.length === 0) {
    if (only.name !== word) editor.insert(only.name.slice(word.length));
    if (editor.text.charAt(editor.position) === ' ') editor.move(1);
    else editor.insert(' ');
    return;
  }
  const width = Math.max(...found.map((one) => one.name.length)) + 2;
  const columns = Math.floor((terminal.width - 2) / width);
  found.forEach((one, index) => {
    terminal.write(index % columns === 0 ? `\n  ${one.name}` : one.name);
    terminal.moveHorizontally(width - one.name.length);
  });
  terminal.write('\n');
  editor.draw();
  const common = commonStart(found.map((one) => one.name));
  if (common.length > word.length) editor.insert(common.slice(word.length));
}
