import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunId } from '../../../core/domain/ids.ts';
import {
  readTranscript,
  searchTranscripts,
  type TranscriptLine,
} from '../../../core/inventory/transcripts/transcriptReader.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyline-transcripts-'));
const [first, second, missing] = ['run-1', 'run-2', 'run-3'] as RunId[];
beforeAll(() => {
  writeFileSync(join(folder, 'run-1.log'), '00000.001 > AT+CGSN\n00000.002 < OK\n');
  writeFileSync(join(folder, 'run-2.log'), '00000.001 > at+cgsn\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function search(
  runIds: readonly (RunId | undefined)[],
  text: string,
): Promise<readonly TranscriptLine[]> {
  const known = runIds.filter((runId) => runId !== undefined);
  const found: TranscriptLine[] = [];
  for await (const line of searchTranscripts(folder, known, text)) found.push(line);
  return found;
}

test('finds lines with their numbers, in upper and lower case alike, in the order of the runs', async () => {
  expect(await search([second, missing, first], 'at+CGSN')).toEqual([
    { runId: 'run-2', lineNumber: 1, text: '00000.001 > at+cgsn' },
    { runId: 'run-1', lineNumber: 1, text: '00000.001 > AT+CGSN' },
  ]);
  expect(await search([first], 'ok')).toMatchObject([{ lineNumber: 2 }]);
  expect(await search([first, second], '.*')).toEqual([]);
});

test('shows a whole transcript, and nothing where none was kept', () => {
  expect(readTranscript(folder, 'run-2' as RunId)).toBe('00000.001 > at+cgsn\n');
  expect(readTranscript(folder, 'run-3' as RunId)).toBeUndefined();
});
