// One text file per run with the line's traffic, secrets already blacked out. A transcript helps to find out why; it is
// not a record that anything depends on, so trouble with it never fails a run.

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { RunId } from '../../domain/ids.ts';

/** A device that babbles must not fill the disk. */
const MAX_BYTES = 1_000_000;

const ARROWS = { 'to-device': '>', 'from-device': '<', note: '#' } as const;
type Direction = keyof typeof ARROWS;

export interface TranscriptFile {
  write(direction: Direction, text: string): void;
  close(): void;
}

/** Printable, one line per entry: `00012.345 < text`, seconds since the run's transcript was opened. */
export function createTranscriptFiles(folder: string, clock: Clock): { open(runId: RunId): TranscriptFile } {
  return {
    open(runId) {
      const startedAtMs = clock.nowMs();
      let file = openOrUndefined(folder, runId);
      let sizeBytes = 0;
      const append = (line: string): void => {
        if (file === undefined) return;
        try {
          sizeBytes += writeSync(file, line);
        } catch {
          stop();
        }
      };
      const stop = (): void => {
        const open = file;
        file = undefined;
        if (open === undefined) return;
        try {
          closeSync(open);
        } catch {}
      };
      return {
        write(direction, text) {
          const seconds = ((clock.nowMs() - startedAtMs) / 1000).toFixed(3).padStart(9, '0');
          append(`${seconds} ${ARROWS[direction]} ${printable(text)}\n`);
          if (sizeBytes > MAX_BYTES) {
            append(`${seconds} # cut: more than ${MAX_BYTES} bytes\n`);
            stop();
          }
        },
        close: stop,
      };
    },
  };
}

function openOrUndefined(folder: string, runId: RunId): number | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return openSync(join(folder, `${runId}.log`), 'a', 0o600);
  } catch {
    return undefined;
  }
}

/** What secrets are blacked out with stays as it is: it is there to be seen. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e▒]/g, (character) => {
    switch (character) {
      case '\r':
        return '\\r';
      case '\n':
        return '\\n';
      case '\x1b':
        return '\\e';
      default:
        return `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`;
    }
  });
}
