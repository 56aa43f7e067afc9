// Sentences broken between words, so that a narrow terminal does not break them inside.

/** Wraps plain text (no colours) to `columns`, every line behind `indent` spaces. */
export function wrapText(text: string, columns: number, indent: number): string {
  const room = Math.max(20, columns - indent);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map((one) => ' '.repeat(indent) + one).join('\n');
}

/** What fits a terminal; files and pipes get whole lines. */
export const columnsOf = (stream: NodeJS.WriteStream): number =>
  stream.isTTY === true ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;
