// Lines broken between words, so that a narrow terminal does not break them inside.

import { stripVTControlCharacters } from 'node:util';

/** What fits a terminal; files and pipes get whole lines. */
export const columnsOf = (stream: NodeJS.WriteStream): number =>
  stream.isTTY === true ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;

export const visibleLength = (text: string): number => stripVTControlCharacters(text).length;

/** A line may begin with blanks, a mark and a label of a list; what goes over to the next line stands below what follows. */
const LEAD = /^\s*(?:[✔✘!–↻▸…] )?(?:[A-Z][\w -]{1,18}? {2,})?/;
/** Pasted as a whole or not at all. */
const COMMAND = /^\s*(?:\$ )?(?:keyline|npm|npx|export|ssh) /;

/** Wraps each line of a text, coloured or not, to `columns`. A word that is too long for a line is left whole. */
export const wrapText = (text: string, columns: number): string =>
  text
    .split('\n')
    .map((line) => (visibleLength(line) <= columns ? line : wrapLine(line, columns)))
    .join('\n');

function wrapLine(text: string, columns: number): string {
  const plain = stripVTControlCharacters(text);
  if (COMMAND.test(plain)) return text;
  const indent = LEAD.exec(plain)?.[0].length ?? 0;
  const [first = '', ...words] = text.split(' ');
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    const longer = `${line} ${word}`;
    // Two blanks in a row give an empty word, which may stand over the edge: it is cut off.
    const isOver = word !== '' && visibleLength(longer) > columns;
    if (isOver && visibleLength(line.trimEnd()) > indent) {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent) + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join('\n');
}
