// Random editing, seen through a terminal: whatever keys are pressed, the screen shows the line that will run.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBench } from './deviceBench.ts';
import { Screen } from './screen.ts';

const PROMPT = 'uart:~$ ';
const COLUMNS = 80;
/** Longer lines show a flaw of Zephyr's redrawing, which the simulator has too. */
const LINE_MAX = 150;

interface Line {
  readonly text: string;
  readonly position: number;
}

const clamp = (line: Line): Line => ({
  text: line.text,
  position: Math.min(Math.max(line.position, 0), line.text.length),
});

/** What each key should do to a line, said as simply as possible. */
const KEYS = new Map<string, (line: Line) => Line>(
  Object.entries({
    '\x7f': ({ text, position }) =>
      position === 0
        ? { text, position }
        : { text: text.slice(0, position - 1) + text.slice(position), position: position - 1 },
    '\x04': ({ text, position }) => ({ text: text.slice(0, position) + text.slice(position + 1), position }),
    '\x1b[D': ({ text, position }) => clamp({ text, position: position - 1 }),
    '\x1b[C': ({ text, position }) => clamp({ text, position: position + 1 }),
    '\x01': ({ text }) => ({ text, position: 0 }),
    '\x05': ({ text }) => ({ text, position: text.length }),
    '\x0b': ({ text, position }) => ({ text: text.slice(0, position), position }),
    '\x15': () => ({ text: '', position: 0 }),
  }),
);

const insert = (line: Line, addition: string): Line => ({
  text: line.text.slice(0, line.position) + addition + line.text.slice(line.position),
  position: line.position + addition.length,
});

const keystroke = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[a-z0-9+/=]{1,30}$/) },
  { weight: 3, arbitrary: fc.constantFrom(...[...KEYS.keys()].filter((key) => key !== '\x15')) },
  { weight: 1, arbitrary: fc.constant('\x15') },
);

function expectShown(screen: Screen, line: Line): void {
  const shown = PROMPT + line.text;
  const rows = Array.from({ length: Math.floor(shown.length / COLUMNS) + 1 }, (_, row) =>
    shown.slice(row * COLUMNS, (row + 1) * COLUMNS).trimEnd(),
  );
  const first = screen.cursor.row - Math.floor((PROMPT.length + line.position) / COLUMNS);
  expect(screen.rows.slice(first, first + rows.length)).toEqual(rows);
  expect(screen.cursor.column).toBe((PROMPT.length + line.position) % COLUMNS);
}

describe('the line on the screen', () => {
  test('is the line in memory, whatever is pressed', () => {
    fc.assert(
      fc.property(fc.array(keystroke, { maxLength: 25 }), (keys) => {
        const bench = openBench();
        try {
          const screen = new Screen();
          screen.write(bench.send('\r'));
          let line: Line = { text: '', position: 0 };
          for (const key of keys) {
            const next = KEYS.get(key)?.(line) ?? insert(line, key);
            if (next.text.length > LINE_MAX) continue;
            line = next;
            screen.write(bench.send(key));
            expectShown(screen, line);
          }
        } finally {
          bench.pipe.close();
        }
      }),
      {
        numRuns: 150,
        examples: [
          // Deleting leaves a line that exactly fills its row, the cursor before its end.
          [['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(13), '\x1b[D', '\x1b[D', '\x1b[D', '\x04']],
          [['a'.repeat(30), 'b'.repeat(30), 'c'.repeat(13), '\x7f', '\x01', 'd', '\x05', 'e']],
        ],
      },
    );
  });

  test('is drawn again below each log line', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,140}$/), fc.nat({ max: 140 }), (text, left) => {
        const bench = openBench({ build: 'immediate' });
        try {
          const screen = new Screen();
          screen.write(bench.send('\r'));
          for (let from = 0; from < text.length; from += 32)
            screen.write(bench.send(text.slice(from, from + 32)));
          for (let count = 0; count < left; count += 1) screen.write(bench.send('\x1b[D'));
          bench.pipe.board.setNoise(10);
          screen.write(bench.wait(25));
          expectShown(screen, { text, position: Math.max(text.length - left, 0) });
          expect(screen.rows.join('\n')).toContain('<inf> peer: background tick 0');
        } finally {
          bench.pipe.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});
