// Reads the transcripts of runs again: whole, or the lines that hold a text. Secrets were blacked out before they came here.

import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunId } from '../../domain/ids.ts';

export interface TranscriptLine {
  readonly runId: RunId;
  /** From 1. */
  readonly lineNumber: number;
  readonly text: string;
}

const pathOf = (folder: string, runId: RunId): string => join(folder, `${runId}.log`);

/** A run's transcript; undefined where none was kept (the run never opened a port, or the disk was full). */
export function readTranscript(folder: string, runId: RunId): string | undefined {
  try {
    return readFileSync(pathOf(folder, runId), 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** The lines of these runs that hold `text`, upper and lower case alike; runs without a transcript are passed over. */
export async function* searchTranscripts(
  folder: string,
  runIds: Iterable<RunId>,
  text: string,
): AsyncGenerator<TranscriptLine, void, undefined> {
  const wanted = text.toLowerCase();
  for (const runId of runIds) {
    const input = createReadStream(pathOf(folder, runId), 'utf8');
    let lineNumber = 0;
    try {
      for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
        lineNumber += 1;
        if (line.toLowerCase().includes(wanted)) yield { runId, lineNumber, text: line };
      }
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    } finally {
      input.destroy();
    }
  }
}
