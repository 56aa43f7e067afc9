// What a terminal shows of a program's output, as a page: enough of a terminal to follow lines that are redrawn in place.

type Style = string;
interface Cell {
  readonly character: string;
  readonly style: Style;
}

/** SGR parameters that switch a style on; the colours keep a contrast of 4.5 to 1 on the page's ground. */
const STYLES: Readonly<Record<string, Style>> = {
  1: 'font-weight:bold;color:#fff',
  2: 'color:#8b949e',
  31: 'color:#ff7b72',
  32: 'color:#56d364',
  33: 'color:#e3b341',
  35: 'color:#d2a8ff',
  36: 'color:#56d4dd',
  90: 'color:#8b949e',
};
const ENDS = new Set(['', '0', '22', '39', '49']);
const CONTROL = /^\u001b\[([?\d;]*)([A-Za-z])/;

/** The lines that remain on the screen and above it when the program has ended. */
export function screenLines(output: string): readonly (readonly Cell[])[] {
  const lines: Cell[][] = [[]];
  let [row, column, style]: [number, number, Style] = [0, 0, ''];
  const line = (): Cell[] => {
    while (lines.length <= row) lines.push([]);
    return lines[row] ?? [];
  };
  for (let at = 0; at < output.length; ) {
    const control = CONTROL.exec(output.slice(at, at + 32));
    if (control === null) {
      const character = String.fromCodePoint(output.codePointAt(at) ?? 0);
      at += character.length;
      if (character === '\n') row += 1;
      else if (character === '\r') column = 0;
      else line()[column++] = { character, style };
      continue;
    }
    at += control[0].length;
    const [, parameters = '', kind] = control;
    const count = Math.max(1, Number.parseInt(parameters, 10) || 1);
    if (kind === 'm') style = ENDS.has(parameters) ? '' : (STYLES[parameters] ?? style);
    else if (kind === 'A') row = Math.max(0, row - count);
    else if (kind === 'B') row += count;
    else if (kind === 'C') column += count;
    else if (kind === 'D') column = Math.max(0, column - count);
    else if (kind === 'G') column = count - 1;
    else if (kind === 'K') line().length = parameters === '2' ? 0 : Math.min(line().length, column);
    else if (kind === 'J') {
      line().length = Math.min(line().length, column);
      lines.length = row + 1;
    }
  }
  return lines;
}

const escapeText = (text: string): string => text.replace(/[&<>]/g, (one) => `&#${one.charCodeAt(0)};`);

/** A page that is as large as what it shows. */
export function terminalPage(lines: readonly (readonly Cell[])[]): string {
  const body = lines
    .map((cells) =>
      Array.from(cells, (cell) => cell ?? { character: ' ', style: '' })
        .map(({ character, style }) =>
          style === '' ? escapeText(character) : `<b style="${style}">${escapeText(character)}</b>`,
        )
        .join(''),
    )
    .join('\n')
    .trim();
  return `<!doctype html><meta charset="utf-8"><style>
    html { background: #0d1117; overflow: hidden; }
    body { display: inline-block; margin: 0; padding: 24px 28px; }
    pre { margin: 0; color: #e6edf3; font: 14px/20px "DejaVu Sans Mono", monospace; }
    b { font-weight: normal; }
  </style><pre>${body}</pre>`;
}
