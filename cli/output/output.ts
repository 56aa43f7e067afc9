// The three ways of talking: a terminal with live progress, plain lines for a pipe, JSON lines for a machine.

import { asStationError } from '../../core/domain/stationError.ts';
import type { RunEvent } from '../../core/station/events.ts';
import { failureWords } from './failureWords.ts';
import { createLiveBays } from './liveBays.ts';
import { runEventAsJson, runEventAsLine } from './runEvents.ts';
import { type Paint, paintFor } from './style.ts';
import { type Column, renderTable } from './table.ts';
import { columnsOf, wrapText } from './wrap.ts';

export interface Output {
  readonly json: boolean;
  readonly paint: Paint;
  /** What a line may hold; without an end where it is not a terminal's. */
  readonly columns: number;
  /** A sentence for people; a machine does not get it. */
  say(text: string): void;
  /** A result: a table for people, one line per row for a machine. */
  table(kind: string, columns: readonly Column[], rows: readonly Row[]): void;
  /** A result without a table's form: `text` for people, `facts` for a machine. */
  result(kind: string, facts: object, text: string): void;
  /** What a run tells while it goes on. */
  run(event: RunEvent): void;
  /** Does something that may take more than a moment; a terminal shows what and for how long. `tell` changes the words. */
  during<T>(text: string, work: (tell: (text: string) => void) => Promise<T> | T): Promise<T>;
  /** Ends live drawing; what was drawn stays. */
  settle(): void;
  failure(thrown: unknown): void;
}

/** Cells in the order of the columns, and the same as facts. */
export interface Row {
  readonly cells: readonly string[];
  readonly facts: object;
}

export interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export const createOutput = (streams: Streams, json: boolean): Output =>
  json ? createJsonOutput(streams) : createHumanOutput(streams);

function createHumanOutput({ stdout, stderr }: Streams): Output {
  const paint = paintFor(stdout);
  const live = stdout.isTTY === true ? createLiveBays(stdout, paint) : undefined;
  const say = (text: string): void => {
    if (live === undefined) stdout.write(`${text}\n`);
    else live.persist(text);
  };
  return {
    json: false,
    paint,
    columns: columnsOf(stdout),
    say,
    table: (_, columns, rows) =>
      say(
        renderTable(
          paint,
          columns,
          rows.map((row) => row.cells),
          columnsOf(stdout),
        ),
      ),
    result: (_, __, text) => say(text),
    run(event) {
      if (live !== undefined) return live.show(event);
      const line = runEventAsLine(paint, event);
      if (line !== undefined) stdout.write(`${line}\n`);
    },
    async during(text, work) {
      const step = await live?.begin(text);
      try {
        return await work((changed) => step?.tell(changed));
      } finally {
        step?.end();
      }
    },
    settle: () => live?.settle(),
    failure(thrown) {
      live?.settle();
      const error = asStationError(thrown);
      const { what, next } = failureWords(error);
      const paintError = paintFor(stderr);
      const text = `${paintError('red', '✘')} ${what}\n  ${paintError('dim', next)}`;
      stderr.write(`${wrapText(text, columnsOf(stderr))}\n`);
      if (error.code === 'internal' && process.env.KEYLINE_TRACE !== undefined) {
        stderr.write(`${error.cause instanceof Error ? error.cause.stack : error.stack}\n`);
      }
    },
  };
}

function createJsonOutput({ stdout }: Streams): Output {
  const line = (event: string, facts: object): void => {
    stdout.write(`${JSON.stringify({ event, ...facts })}\n`);
  };
  return {
    json: true,
    paint: (_, text) => text,
    columns: Number.POSITIVE_INFINITY,
    say: () => {},
    table: (kind, _, rows) => {
      for (const row of rows) line(kind, row.facts);
    },
    result: (kind, facts) => line(kind, facts),
    run: (event) => line(event.kind, runEventAsJson(event)),
    during: async (_, work) => work(() => {}),
    settle: () => {},
    failure(thrown) {
      const error = asStationError(thrown);
      line('error', { code: error.code, side: error.side, details: error.details, ...failureWords(error) });
    },
  };
}
