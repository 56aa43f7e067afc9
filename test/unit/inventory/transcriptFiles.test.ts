// A transcript as it lies on the disk: printable, one line an entry, what was blacked out plain to see, never too large.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunId } from '../../../core/domain/ids.ts';
import { createTranscriptFiles } from '../../../core/inventory/transcripts/transcriptFiles.ts';

const RUN = 'run-1' as RunId;
let folder: string;
let nowMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyline-transcript-'));
  nowMs = 1_000;
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = (where = folder) => createTranscriptFiles(where, { nowMs: () => nowMs });
const stored = () => readFileSync(join(folder, 'run-1.log'), 'utf8');

it('tells seconds since it was opened, and who spoke', () => {
  const file = files().open(RUN);
  file.write('to-device', 'cred list');
  nowMs += 12_345;
  file.write('from-device', '0 credentials found.');
  file.write('note', 'the key is sent in the dark');
  file.close();
  expect(stored()).toBe(
    '00000.000 > cred list\n00012.345 < 0 credentials found.\n00012.345 # the key is sent in the dark\n',
  );
});

it('lets no byte of a device steer the terminal that shows it, and leaves the mask as it is', () => {
  const file = files().open(RUN);
  file.write('from-device', 'a\r\n\x1b[2J\x00\xffb ▒▒▒ c');
  file.close();
  expect(stored()).toBe('00000.000 < a\\r\\n\\e[2J\\x00\\xffb ▒▒▒ c\n');
});

it('is its owner’s alone, and a second opening adds to it', () => {
  for (const text of ['one', 'two']) {
    const file = files().open(RUN);
    file.write('note', text);
    file.close();
  }
  expect(stored()).toBe('00000.000 # one\n00000.000 # two\n');
  if (process.platform !== 'win32') expect(statSync(join(folder, 'run-1.log')).mode & 0o777).toBe(0o600);
});

it('is cut where a device babbles, and says so', () => {
  const file = files().open(RUN);
  for (let line = 0; line < 1_100; line += 1) file.write('from-device', 'x'.repeat(1_000));
  file.close();
  expect(stored().length).toBeLessThan(1_002_000);
  expect(stored()).toMatch(/# cut: more than 1000000 bytes\n$/);
});

it('fails nothing where it cannot be written', () => {
  const taken = join(folder, 'taken');
  writeFileSync(taken, '');
  const file = files(taken).open(RUN);
  expect(() => {
    file.write('note', 'x');
    file.close();
    file.write('note', 'after the end');
  }).not.toThrow();
});
