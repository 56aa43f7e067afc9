// Device serials as they are scanned: a scanner types a line. Each line goes to the bay that has waited longest, and the
// operator is told which one that is before the scan.

import { createInterface, type Interface } from 'node:readline';

export interface ScanLines {
  /** The next scanned line for this bay; undefined when the input ended or the signal aborted. */
  next(bayName: string, signal: AbortSignal): Promise<string | undefined>;
  close(): void;
}

interface Waiting {
  readonly bayName: string;
  give(line: string | undefined): void;
}

export function createScanLines(input: NodeJS.ReadableStream, ask: (bayName: string) => void): ScanLines {
  const lines: string[] = [];
  const waiting: Waiting[] = [];
  let ended = false;
  const reader: Interface = createInterface({ input, terminal: false });

  const serve = (): void => {
    while (waiting.length > 0 && (lines.length > 0 || ended)) waiting.shift()?.give(lines.shift());
    const first = waiting[0];
    if (first !== undefined) ask(first.bayName);
  };
  reader.on('line', (line) => {
    if (line === '') return;
    lines.push(line);
    serve();
  });
  reader.on('close', () => {
    ended = true;
    serve();
  });
  return {
    next: (bayName, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined);
        const entry: Waiting = {
          bayName,
          give(line) {
            signal.removeEventListener('abort', onAbort);
            resolve(line);
          },
        };
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          resolve(undefined);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.push(entry);
        if (waiting.length === 1 || lines.length > 0 || ended) serve();
      }),
    close: () => reader.close(),
  };
}
