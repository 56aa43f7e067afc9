// A page of docs/ as it was written: headings, paragraphs, tables, commands. As much of Markdown as those pages use.

import type { ReactNode } from 'react';

/** `code`, **strong** and [links](…), whose words alone are shown: the window opens no address. */
function inline(text: string): ReactNode {
  const parts = text.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').split(/(`[^`]+`|\*\*[^*]+\*\*)/);
  return parts.map((part, index) => {
    const key = `${index}`;
    if (part.startsWith('`')) return <code key={key}>{part.slice(1, -1)}</code>;
    if (part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>;
    return part;
  });
}

const cells = (row: string): readonly string[] =>
  row
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

function Table({ rows }: { rows: readonly string[] }): ReactNode {
  const [head = '', , ...body] = rows;
  return (
    <table className="plain-table">
      <thead>
        <tr>
          {cells(head).map((cell) => (
            <th key={cell}>{inline(cell)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {body.map((row) => (
          <tr key={row}>
            {cells(row).map((cell) => (
              <td key={cell}>{inline(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `text` without its first heading, which the dialog's title says. */
export function Prose({ text }: { text: string }): ReactNode {
  const blocks = text
    .replace(/^# .*\n/, '')
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== '');
  return (
    <div className="prose" lang="en">
      {blocks.map((block) => {
        const lines = block.split('\n').filter((line) => line !== '');
        if (lines[0]?.startsWith('|')) return <Table key={block} rows={lines} />;
        if (lines.every((line) => line.startsWith('    ')))
          return (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a long command scrolls, and must do so without a mouse
            <pre key={block} tabIndex={0}>
              {lines.map((line) => line.slice(4)).join('\n')}
            </pre>
          );
        if (block.startsWith('#')) return <h3 key={block}>{inline(block.replace(/^#+ /, ''))}</h3>;
        return <p key={block}>{inline(lines.join(' '))}</p>;
      })}
    </div>
  );
}
