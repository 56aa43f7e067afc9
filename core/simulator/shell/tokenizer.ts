// Splits a command line into words as Zephyr's shell does: quotes, backslashes, and `\xNN` or `\0NNN` inside quotes.

export interface Token {
  readonly word: string;
  /** What follows, from the start of the next word. */
  readonly rest: string;
  readonly hasMore: boolean;
  /** The quote character that was never closed. */
  readonly unterminated: string | undefined;
}

const BACKSLASH = '\\';
const isSpace = (character: string): boolean => /[\t-\r ]/.test(character);

interface Escape {
  readonly value: string;
  readonly length: number;
}

/** The escape that starts at `text[index]`, a backslash inside `quote`; undefined: the backslash stands for itself. */
function readEscape(text: string, index: number, quote: string): Escape | undefined {
  const tail = text.slice(index + 1);
  if (tail.startsWith(quote)) return { value: quote, length: 2 };
  const number = /^0([0-7]{1,3})/.exec(tail) ?? /^x([0-9a-fA-F]{1,2})/.exec(tail);
  if (number?.[1] === undefined) return undefined;
  const value = Number.parseInt(number[1], number[0].startsWith('x') ? 16 : 8) & 0xff;
  return { value: String.fromCharCode(value), length: 1 + number[0].length };
}

/** Reads the next word; undefined where only white space is left. */
export function readToken(text: string): Token | undefined {
  let index = 0;
  while (index < text.length && isSpace(text.charAt(index))) index += 1;
  if (index === text.length) return undefined;
  let word = '';
  let quote = '';
  while (index < text.length) {
    const character = text.charAt(index);
    if (quote === '') {
      if (isSpace(character)) break;
      if (character === BACKSLASH) {
        word += text.charAt(index + 1);
        index += 2;
        continue;
      }
      if (character === '"' || character === "'") quote = character;
      else word += character;
      index += 1;
      continue;
    }
    if (character === quote) {
      quote = '';
      index += 1;
      continue;
    }
    const special = character === BACKSLASH ? readEscape(text, index, quote) : undefined;
    word += special?.value ?? character;
    index += special?.length ?? 1;
  }
  const rest = text.slice(index).trimStart();
  // In C a NUL that an escape put into the word ends it.
  const end = word.indexOf('\0');
  return {
    word: end < 0 ? word : word.slice(0, end),
    rest,
    hasMore: rest !== '',
    unterminated: quote === '' ? undefined : quote,
  };
}
