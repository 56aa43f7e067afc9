// Sessions recorded on Zephyr 4.3.0 (native simulator board), replayed byte for byte.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DeviceOptionsInput } from '../../../core/simulator/options.ts';
import { openBench } from './deviceBench.ts';

interface Exchange {
  readonly input: string;
  readonly output: string;
  /** The recording was cut: only the beginning is known. */
  readonly cut: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  e: '\x1b',
  r: '\r',
  n: '\n',
  b: '\b',
  t: '\t',
  '\\': '\\',
};

function readNotation(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function readTranscript(name: string): readonly Exchange[] {
  const lines = readFileSync(new URL(`transcripts/${name}.txt`, import.meta.url), 'utf8').split('\n');
  const exchanges: Exchange[] = [];
  let input = '';
  for (const line of lines) {
    const [, mark, text = ''] = /^(>|<~|<)(?: (.*))?$/.exec(line) ?? [];
    if (mark === '>') input = readNotation(text);
    else if (mark !== undefined) {
      exchanges.push({ input, output: readNotation(text), cut: mark === '<~' });
      input = '';
    }
  }
  return exchanges;
}

const SESSIONS: readonly (readonly [name: string, count: number, options: DeviceOptionsInput])[] = [
  ['syntax', 67, {}],
  ['install', 23, {}],
  ['keys', 32, {}],
  ['settings', 18, {}],
  ['retval', 21, {}],
  ['no-digest', 4, { build: 'no-digest' }],
];

describe.each(SESSIONS)('session %s', (name, count, options) => {
  const exchanges = readTranscript(name);

  test('the recording is whole', () => {
    expect(exchanges).toHaveLength(count);
  });

  test('is answered byte for byte', () => {
    const bench = openBench({ ...options, bootDelayMs: 1 });
    let greeting = bench.wait(1);
    try {
      for (const { input, output, cut } of exchanges) {
        // Recorded with pacing: 32 bytes at a time.
        let answer = greeting;
        greeting = '';
        if (input !== '') {
          answer = '';
          for (let from = 0; from < input.length; from += 32)
            answer += bench.send(input.slice(from, from + 32), 25);
        }
        expect(cut ? answer.slice(0, output.length) : answer, JSON.stringify(input)).toBe(output);
      }
    } finally {
      bench.pipe.close();
    }
  });
});
