// What went over the line in a run: page by page, only the lines that hold a text, or the whole as a file. Secrets were blacked
// out as it was written.

import type { StationMethods } from '../contract/rpc/host.ts';
import type { TranscriptLine } from '../contract/schemas/inventory.ts';
import type { RunId } from '../domain/ids.ts';
import type { Run } from '../domain/run.ts';
import { StationError } from '../domain/stationError.ts';
import { readTranscript } from '../inventory/transcripts/transcriptReader.ts';
import { houseOf, type World } from './world.ts';

type Part = Pick<StationMethods, `inventory.${'transcript' | 'transcriptFile'}`>;

const LINE = /^(\d{5}\.\d{3}) ([<>#]) (.*)$/;
const DIRECTIONS = { '>': 'to-device', '<': 'from-device', '#': 'note' } as const;
const LINE_MAX_LENGTH = 8_000;

export function createTranscripts(world: World): Part {
  /** Only a run that is on record names a file: what is asked for never becomes a path by itself. */
  function textOf(runId: string): { readonly run: Run; readonly text: string } | undefined {
    const { inventory, folder } = houseOf(world);
    const run = inventory.run(runId as RunId);
    const text = run === undefined ? undefined : readTranscript(folder.transcripts, run.runId);
    return run === undefined || text === undefined ? undefined : { run, text };
  }

  return {
    'inventory.transcript': ({ runId, search = '', offset, limit }) => {
      const found = textOf(runId);
      const wanted = search.toLowerCase();
      const lines = found === undefined ? [] : linesOf(found.run, found.text);
      const fitting = lines.filter(({ text }) => text.toLowerCase().includes(wanted));
      return { total: fitting.length, lines: fitting.slice(offset, offset + limit) };
    },
    'inventory.transcriptFile': ({ runId }) => {
      const found = textOf(runId);
      if (found === undefined) throw new StationError('file_invalid', { reason: 'missing' });
      return {
        fileName: `${found.run.deviceSerial.replace(/[^A-Za-z0-9._-]/g, '_')}-${runId}.log`,
        mediaType: 'text/plain',
        base64: Buffer.from(found.text).toString('base64'),
      };
    },
  };
}

/** Lines of another form are left out. */
const linesOf = (run: Run, text: string): readonly TranscriptLine[] =>
  text.split('\n').flatMap((line) => {
    const [, seconds, arrow, rest] = LINE.exec(line) ?? [];
    if (seconds === undefined || arrow === undefined || rest === undefined) return [];
    const atMs = run.startedAtMs + Math.round(Number(seconds) * 1000);
    const direction = DIRECTIONS[arrow as keyof typeof DIRECTIONS];
    return [{ atMs, direction, text: rest.slice(0, LINE_MAX_LENGTH) }];
  });
